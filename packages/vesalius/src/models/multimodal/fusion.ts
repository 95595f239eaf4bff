import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import {
  add,
  concat,
  expand,
  full,
  multiply,
  reshape,
  select,
  slice,
  unsqueeze,
  type Value,
} from "../../graph/index.ts";
import { dropoutLayer } from "../layers/dropout.ts";
import { layerNormLayer, linearLayer, transformerInit } from "../layers/linear.ts";
import { paddingBias } from "../layers/masks.ts";
import { preNormBlock } from "../layers/transformer.ts";
import { architectureEntry, type Features, type Mode, type Network } from "../network.ts";
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
import { suggestFusion } from "../suggestions/fusion.ts";

const epsilon = 1e-5;
const prefix = "fusion";

/** Settings of a fusion encoder. */
const settingsSchema = (architectures: Architectures) =>
  z
    .strictObject({
      /** What is fused, by role: networks over images, texts, cells, and over the numbers of a record (`perceptron`). */
      towers: towersSchema(architectures)
        .refine((towers) => Object.keys(towers).length > 0, "are none")
        .refine((towers) => !(prefix in towers), `have no role called ${prefix}`),
      width: z.int().positive().default(128),
      depth: z.int().positive().max(1000).default(2),
      heads: z.int().positive().default(4),
      mlpRatio: z.number().positive().default(4),
      /** Share of every branch that training drops. */
      dropout: z.number().min(0).lt(1).default(0),
      /** What of a tower is seen: all its `places` where it has some, or its `pooled` vector alone. */
      sees: z.enum(["places", "pooled"]).default("places"),
    })
    .refine(({ width, heads }) => width % heads === 0, {
      error: "the number of heads divides the width",
      path: ["heads"],
    });

/** Settings of a fusion encoder. */
export type FusionSettings = z.output<ReturnType<typeof settingsSchema>>;

/** What one tower gives to the fusion. */
interface Modality {
  readonly role: string;
  /** The tower's pooled vector in the fusion's width, `[batch, width]`. */
  readonly pooled: Value;
  /** `[batch, tokens, width]` */
  readonly tokens: Value;
  /** 1 for tokens that are seen, `[batch, tokens]`. */
  readonly mask: Value;
}

/** Vectors of a tower in the fusion's width, with what tells them from those of the other towers. */
function modality(features: Features, role: string, present: Value | undefined, settings: FusionSettings): Modality {
  const { graph } = features.pooled;
  const { width } = settings;
  const pooled = unsqueeze(features.pooled, [1]);
  const places = settings.sees === "places" ? features.places : undefined;
  const name = `${prefix}.${role}`;
  const project = (x: Value, part: string): Value =>
    layerNormLayer(
      linearLayer(x, `${name}.${part}`, width, { initializer: { kind: "xavierUniform" } }),
      `${name}.${part}_norm`,
      epsilon,
    );
  // A pooled vector says what its places do not: a class token, the mean of a feature map.
  const parts = [project(pooled, "pooled"), ...(places === undefined ? [] : [project(places, "places")])];
  const tokens = parts.length === 1 ? parts[0]! : concat(parts, 1);
  const [batch, count] = tokens.shape as [number, number];
  const kind = graph.parameter(`${name}.embedding`, [1, 1, width], transformerInit);
  const all = (length: number): Value => full(graph, [batch, length], 1);
  const inside = places === undefined ? [] : [features.mask ?? all(count - 1)];
  const mask = concat([all(1), ...inside], 1);
  const seen = present === undefined ? mask : multiply(mask, reshape(present, [batch, 1]));
  return { role, pooled: select(parts[0]!, 1, 0), tokens: add(tokens, kind), mask: seen };
}

/** Where the places of each role lie among all tokens, `also` in features by role. */
const placesName = (role: string): string => `${prefix}.${role}.places`;

/** Transformer over a class token and the tokens of all modalities. */
function fuse(modalities: readonly Modality[], settings: FusionSettings, mode: Mode): Features {
  const { graph, shape } = modalities[0]!.tokens;
  const batch = shape[0]!;
  const token = graph.parameter(`${prefix}.cls_token`, [1, 1, settings.width], transformerInit);
  let x = concat([expand(token, [batch, 1, settings.width]), ...modalities.map(({ tokens }) => tokens)], 1);
  const mask = concat([full(graph, [batch, 1], 1), ...modalities.map((one) => one.mask)], 1);
  const bias = paddingBias(mask);
  for (let i = 0; i < settings.depth; i++)
    x = preNormBlock(x, `${prefix}.blocks.${i}`, {
      heads: settings.heads,
      mlpRatio: settings.mlpRatio,
      epsilon,
      bias,
      initializer: { kind: "xavierUniform" },
      drop: (value, part) => dropoutLayer(value, part, settings.dropout, mode),
    });
  const normed = layerNormLayer(x, `${prefix}.norm`, epsilon);
  const length = normed.shape[1]!;
  const also: Record<string, Value> = {};
  let start = 1;
  for (const { role, tokens } of modalities) {
    const end = start + tokens.shape[1]!;
    // A role's pooled vector stands in front of its places.
    if (end - start > 1) also[placesName(role)] = slice(normed, 1, start + 1, end);
    start = end;
  }
  return {
    pooled: select(normed, 1, 0),
    leading: slice(normed, 1, 0, 1),
    places: slice(normed, 1, 1, length),
    mask: slice(mask, 1, 1, length),
    also,
  };
}

function fusionNetwork(settings: FusionSettings, towers: readonly Tower[]): Network {
  const isOwn = (parameter: string): boolean => parameter.startsWith(`${prefix}.`);
  const layerOf = (parameter: string): number => {
    const block = /^fusion\.blocks\.(\d+)\./.exec(parameter);
    if (block !== null) return Number(block[1]) + 1;
    return parameter.startsWith(`${prefix}.`) && !parameter.startsWith(`${prefix}.norm.`) ? 0 : settings.depth + 1;
  };
  return {
    ...towerParts(towers, { layers: settings.depth, layerOf, isOwn }),
    name: "fusion",
    config: { ...settings, towers: specsOf(towers) },
    optional: towers.map(({ role }) => role),
    fitted: (preparation) => fusionNetwork(settings, fittedTowers(towers, preparation)),
    features(inputs, mode) {
      const found: Record<string, Features> = {};
      const modalities: Modality[] = [];
      for (const { role, features, present } of givenTowers(towers, inputs, mode)) {
        const one = modality(features, role, present, settings);
        // In one width, so that towers can be compared; a tower's own head reads its own vector.
        found[role] = {
          ...features,
          pooled: one.pooled,
          also: { ...features.also, unprojected: features.pooled },
        };
        modalities.push(one);
      }
      return { ...fuse(modalities, settings, mode), towers: found };
    },
    roleFeatures(features, role) {
      const [own, met] = [features.towers?.[role], features.also?.[placesName(role)]];
      if (own?.places === undefined || met === undefined)
        throw new VesaliusError("bad-configuration", `the places of ${role} are not seen by the others`, {
          where: "backbone.sees",
          fix: "let the fusion see places, and choose a role whose tower has some",
        });
      const width = own.places.shape.at(-1)!;
      // Added to what the tower knows by itself, so that its head starts where it would without the others.
      const places = add(own.places, linearLayer(met, `${prefix}.${role}.back`, width));
      return { ...own, places };
    },
  };
}

/** A fusion encoder in the catalogue of architectures. */
export const fusionArchitecture = (architectures: Architectures) =>
  architectureEntry({
    name: "fusion",
    summary: "Transformer over what several networks see of one example, any of which may be missing",
    paper:
      "Tsai et al. 2019, Multimodal Transformer for Unaligned Multimodal Language Sequences; Nagrani et al. 2021, Attention Bottlenecks for Multimodal Fusion",
    settings: settingsSchema(architectures),
    roles: { "(as named)": "whatever the towers read" },
    presets: {
      nano: { width: 16, depth: 1, heads: 2 },
      micro: { width: 64, depth: 2 },
      base: {},
    },
    suggest: (facts) => suggestFusion(facts, architectures().entries),
    create: (settings) => fusionNetwork(settings, makeTowers(architectures, settings.towers)),
  });
