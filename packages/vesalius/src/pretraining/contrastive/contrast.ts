import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import type { Backbone } from "../../models/index.ts";
import {
  comparePairs,
  pairContrastLoss,
  pairDiagnosis,
  pairScale,
  referencedColumn,
  roleParts,
  towerPair,
} from "../../tasks/index.ts";
import type { Objective } from "../objective.ts";
import { cosineSections } from "./cosine-sections.ts";

/** Settings of a contrast between two towers. */
export const contrastSchema = z.strictObject({
  /** Roles of the two towers; those of a network that has two where they are left out. */
  towers: z.tuple([z.string(), z.string()]).optional(),
  /** Temperature of the softmax; learned, from the network's own or from 0.07, where it is left out. */
  temperature: z.number().positive().optional(),
});

/** Settings of a contrast, defaults left out at will. */
export type ContrastOptions = z.input<typeof contrastSchema>;

/** Examples that are shown: among few, the right counterpart is easily the nearest. */
const shownExamples = 128;

function rolesOf({ network }: Backbone, towers: readonly [string, string] | undefined): readonly [string, string] {
  const roles = Object.keys(network.reads);
  const [first, second, third] = towers ?? roles;
  const wrong = first === undefined || second === undefined || third !== undefined || first === second;
  if (wrong || !roles.includes(first) || !roles.includes(second))
    throw new VesaliusError(
      "bad-configuration",
      `a contrast is between two towers, the network ${network.name} reads ${roles.join(", ")}`,
      {
        where: "objective contrast",
        fix: roles.length > 1 ? "name two of them as towers" : "choose a network with two towers, such as dualTower",
      },
    );
  return [first, second];
}

/**
 * Contrast of two towers: image and text (CLIP, Radford et al. 2021), query and document (DPR, Karpukhin et al. 2020),
 * cell and description. Each example's vector of one tower finds its own of the other among those of the batch, in both
 * directions. Where one tower reads a table through a column of references (`relevant.text`), what else an example refers
 * to is no wrong answer.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work, and for networks without two towers
 */
export function contrast(options: ContrastOptions = {}): Objective {
  const settings = validate(contrastSchema, options, { code: "bad-configuration", what: "contrast" });
  return {
    name: "contrast",
    settings,
    defaults: { epochs: 20, weightDecay: 0.01 },
    shownExamples,
    feeds(backbone) {
      const roles = rolesOf(backbone, settings.towers);
      const parts = roleParts(backbone);
      const references = referencedColumn(backbone, roles);
      return {
        parts: {
          ...Object.fromEntries(roles.map((role) => [role, parts[role]!])),
          ...(references === undefined
            ? {}
            : { relevance: { columns: [references], encoder: { name: "relevance" }, target: true } }),
        },
      };
    },
    loss({ features, inputs, backbone }) {
      const found = features();
      const [first, second] = towerPair(found, rolesOf(backbone, settings.towers));
      const compared = comparePairs(first, second, inputs["relevance"]?.["related"]);
      return {
        loss: pairContrastLoss(compared, pairScale(found, settings.temperature)),
        terms: pairDiagnosis(compared),
        shown: { ...compared },
      };
    },
    show: (shown, examples) => Promise.resolve(cosineSections(shown, examples.length)),
  };
}

/** Contrast in the catalogue of objectives. */
export const contrastEntry = entry({
  name: "contrast",
  summary: "Finds, among those of the batch, what belongs to an example: its text, its document, its image.",
  settings: contrastSchema,
  create: contrast,
  paper: "Radford et al. 2021",
});
