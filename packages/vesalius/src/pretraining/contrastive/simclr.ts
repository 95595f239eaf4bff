import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import { relu, type Value } from "../../graph/index.ts";
import { linearLayer } from "../../models/index.ts";
import { comparePairs, pairDiagnosis, roleParts } from "../../tasks/index.ts";
import type { Objective } from "../objective.ts";
import { cosineSections } from "./cosine-sections.ts";
import { ntXentLoss } from "./losses/index.ts";

/** Settings of SimCLR. */
export const simclrSchema = z.strictObject({
  /** Role whose examples are seen twice; the network's only one where it is left out. */
  role: z.string().optional(),
  /** Temperature of the softmax. */
  temperature: z.number().positive().default(0.5),
  /** The head that the loss looks through, thrown away afterwards; without one where `width` is 0. */
  projection: z
    .strictObject({ width: z.int().nonnegative().default(128), hiddenWidth: z.int().positive().optional() })
    .prefault({}),
});

/** Settings of SimCLR, defaults left out at will. */
export type SimclrOptions = z.input<typeof simclrSchema>;

const views = ["view1", "view2"] as const;
const shownExamples = 128;

/** Random changes of images where a caller names none; other data differ by the network's dropout. */
const transforms = [
  { name: "randomResizedCrop", scale: [0.2, 1] },
  { name: "randomFlip" },
  { name: "randomIntensity", probability: 0.8 },
];

function project(x: Value, { width, hiddenWidth = x.shape[1]! }: { width: number; hiddenWidth?: number }): Value {
  if (width === 0) return x;
  const initializer = { kind: "kaimingUniform" } as const;
  const hidden = relu(linearLayer(x, "simclr.projection.0", hiddenWidth, { initializer }));
  return linearLayer(hidden, "simclr.projection.2", width, { initializer });
}

/**
 * SimCLR (Chen et al. 2020): two random views of each example are told from all other views of the batch, through a head
 * of two layers that is thrown away. Texts, cells and records, which have no random changes of their own, differ by the
 * network's dropout (SimCSE, Gao et al. 2021).
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work, and where the role is left open
 */
export function simclr(options: SimclrOptions = {}): Objective {
  const settings = validate(simclrSchema, options, { code: "bad-configuration", what: "simclr" });
  const { temperature } = settings;
  const projection = settings.projection as { width: number; hiddenWidth?: number };
  const roleOf = (roles: readonly string[]): string => {
    const role = settings.role ?? (roles.length === 1 ? roles[0] : undefined);
    if (role !== undefined && roles.includes(role)) return role;
    throw new VesaliusError("bad-configuration", `the network reads ${roles.join(", ")}, not ${role ?? "one role"}`, {
      where: "objective simclr",
      fix: "name one of them as role",
    });
  };
  return {
    name: "simclr",
    settings,
    defaults: { epochs: 100, batchSize: 128 },
    shownExamples,
    feeds(backbone) {
      const { [roleOf(Object.keys(backbone.network.reads))]: part, ...others } = roleParts(backbone);
      // Only images have these changes; a plan leaves out what does not fit a kind of data.
      const changes = part!.encoder.name === "pixels" ? { transforms } : {};
      return { parts: { ...Object.fromEntries(views.map((view) => [view, { ...part!, ...changes }])), ...others } };
    },
    loss({ features, backbone }) {
      const role = roleOf(Object.keys(backbone.network.reads));
      const [first, second] = views.map((view) => {
        const { pooled, towers } = features({ [role]: view });
        return project(towers?.[role]?.pooled ?? pooled, projection);
      }) as [Value, Value];
      const compared = comparePairs(first, second);
      return {
        loss: ntXentLoss(first, second, temperature),
        terms: pairDiagnosis(compared),
        shown: { ...compared },
      };
    },
    show: (shown, examples) => Promise.resolve(cosineSections(shown, examples.length)),
  };
}

/** SimCLR in the catalogue of objectives. */
export const simclrEntry = entry({
  name: "simclr",
  summary: "Tells two random views of one example from views of all others.",
  settings: simclrSchema,
  create: simclr,
  paper: "Chen et al. 2020",
});
