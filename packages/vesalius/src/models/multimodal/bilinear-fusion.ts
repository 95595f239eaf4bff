import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { add, multiply, reshape, tanh, unsqueeze, type Value } from "../../graph/index.ts";
import { dropoutLayer } from "../layers/dropout.ts";
import { layerNormLayer, linearLayer } from "../layers/linear.ts";
import { architectureEntry, type Features, type Network } from "../network.ts";
import {
  type Architectures,
  fittedTowers,
  makeTowers,
  specsOf,
  type Tower,
  givenTowers,
  towerParts,
  towersSchema,
} from "./towers.ts";

const prefix = "bilinear";
/** What the inputs say together, `[batch, width]`, `also` in features. */
const metName = `${prefix}.met`;

/** Settings of a low-rank bilinear fusion. */
const settingsSchema = (architectures: Architectures) =>
  z.strictObject({
    /** What is fused, by role. */
    towers: towersSchema(architectures)
      .refine((towers) => Object.keys(towers).length > 1, "are two or more")
      .refine((towers) => !(prefix in towers), `have no role called ${prefix}`),
    /** Rank of the bilinear form, and width of what it gives. */
    width: z.int().positive().default(128),
    /** Share of each input's vector that training drops. */
    dropout: z.number().min(0).lt(1).default(0),
  });

/** Settings of a low-rank bilinear fusion. */
export type BilinearFusionSettings = z.output<ReturnType<typeof settingsSchema>>;

const project = (x: Value, name: string, width: number): Value =>
  linearLayer(x, name, width, { initializer: { kind: "xavierUniform" } });

function bilinearFusionNetwork(settings: BilinearFusionSettings, towers: readonly Tower[]): Network {
  const isOwn = (parameter: string): boolean => parameter.startsWith(`${prefix}.`);
  const { width } = settings;
  return {
    ...towerParts(towers, { layers: 1, layerOf: () => 1, isOwn }),
    name: "bilinearFusion",
    config: { ...settings, towers: specsOf(towers) },
    optional: towers.map(({ role }) => role),
    fitted: (preparation) => bilinearFusionNetwork(settings, fittedTowers(towers, preparation)),
    features(inputs, mode) {
      const found: Record<string, Features> = {};
      let sum: Value | undefined;
      let product: Value | undefined;
      for (const { role, features, present } of givenTowers(towers, inputs, mode)) {
        const projected = tanh(project(features.pooled, `${prefix}.${role}.projection`, width));
        const vector = dropoutLayer(projected, `${prefix}.${role}.dropout`, settings.dropout, mode);
        found[role] = {
          ...features,
          pooled: projected,
          also: { ...features.also, unprojected: features.pooled },
        };
        const seen = present === undefined ? undefined : reshape(present, [present.shape[0]!, 1]);
        const alone = seen === undefined ? vector : multiply(vector, seen);
        sum = sum === undefined ? alone : add(sum, alone);
        // What is absent is a factor of one: the others meet without it.
        const factor = seen === undefined ? vector : add(alone, add(multiply(seen, -1), 1));
        product = product === undefined ? factor : multiply(product, factor);
      }
      const met = add(sum!, project(product!, `${prefix}.product`, width));
      return { pooled: layerNormLayer(met, `${prefix}.norm`, 1e-5), towers: found, also: { [metName]: met } };
    },
    roleFeatures(features, role) {
      const [own, met] = [features.towers?.[role], features.also?.[metName]];
      if (own?.places === undefined || met === undefined)
        throw new VesaliusError("bad-configuration", `${role} has no places that could see the others`, {
          where: "backbone.towers",
          fix: "choose a role whose tower has places, such as the words of a text",
        });
      const width = own.places.shape.at(-1)!;
      const back = linearLayer(met, `${prefix}.${role}.back`, width);
      return { ...own, places: add(own.places, unsqueeze(back, [1])) };
    },
  };
}

/** A low-rank bilinear fusion in the catalogue of architectures. */
export const bilinearFusionArchitecture = (architectures: Architectures) =>
  architectureEntry({
    name: "bilinearFusion",
    summary: "Vectors of several networks, each by itself and multiplied with the others; any of them may be missing",
    paper:
      "Kim et al. 2017, Hadamard Product for Low-rank Bilinear Pooling; the inputs' own vectors added as in Kim et al. 2016, Multimodal Residual Learning for Visual QA",
    settings: settingsSchema(architectures),
    roles: { "(as named)": "whatever the towers read" },
    presets: {
      nano: { width: 16 },
      micro: { width: 64 },
      base: {},
    },
    create: (settings) => bilinearFusionNetwork(settings, makeTowers(architectures, settings.towers)),
  });
