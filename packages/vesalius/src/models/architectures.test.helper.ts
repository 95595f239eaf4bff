import { randomStream } from "../common/random.ts";
import type { Spec } from "../common/catalogue.ts";
import { Graph, initializeParameters, type Tensor, type Tensors, type Value } from "../graph/index.ts";
import { runGraph } from "../testing/reference.node.ts";
import { randomInputs } from "../training/random-inputs.ts";
import { architectures } from "./architectures.ts";
import type { Features, InputValues, Network, Preparation } from "./network.ts";

/** A tokenizer of 40 tokens, as plain data. */
const tokenizer = {
  tokenizer: {
    model: { type: "WordLevel", vocab: Object.fromEntries(Array.from({ length: 36 }, (_, i) => [`t${i}`, i + 4])) },
    added_tokens: ["[PAD]", "[CLS]", "[SEP]", "[MASK]"].map((content, id) => ({ id, content })),
  },
  special: { padding: "[PAD]", start: "[CLS]", end: "[SEP]", mask: "[MASK]" },
};

/** Plain data that fitting would give an encoder. */
const fittings: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  tokens: { tokenizer },
  pixels: { height: 16, width: 16 },
  voxels: { extents: [32, 16, 16] },
  genes: { vocabulary: ["<pad>", ...Array.from({ length: 29 }, (_, i) => `GENE${i}`)] },
  timelineTokens: { vocabulary: Array.from({ length: 35 }, (_, i) => `condition|ICD-10|${i}`), maximumAge: 30 },
  numbers: { names: ["age", "stage", "size"], mean: [0, 0, 0], std: [1, 1, 1] },
};

/** The network of an entry's smallest size, fitted. */
export function nanoNetwork(name: string, changes: Readonly<Record<string, unknown>> = {}): Network {
  const entry = architectures.entry(name);
  const network = architectures.create({ name, ...entry.presets["nano"], ...changes });
  return network.fitted?.(preparationOf(network)) ?? network;
}

/** What fitted encoders of a network's roles look like. */
export const preparationOf = (network: Network): Preparation =>
  Object.fromEntries(Object.entries(network.reads).map(([role, spec]) => [role, { ...fittings[spec.name], ...spec }]));

/** One example's numbers for the inputs of one role. */
export type ExampleInputs = Readonly<Record<string, Tensor>>;

const float32 = (shape: readonly number[], data: Float32Array): Tensor => ({ dtype: "float32", shape, data });
const int32 = (shape: readonly number[], data: Int32Array): Tensor => ({ dtype: "int32", shape, data });

/**
 * Inputs of one row, by role and name, as the encoder that the network asks for makes them. What a mask rules out holds
 * arbitrary numbers.
 *
 * @param length places of the axis that varies, of `extent` in all
 */
export function exampleInputs(
  network: Network,
  seed: number,
  length: number,
  extent: number,
): Readonly<Record<string, ExampleInputs>> {
  return Object.fromEntries(
    Object.entries(network.reads).map(([role, spec]) => {
      const make = encoders[spec.name];
      if (make === undefined) throw new Error(`the test makes no inputs of the encoder ${spec.name}`);
      // Features of tokens are a setting of the encoder, whose rows the network's table has.
      const settings = { ...fittings[spec.name], ...spec, featureRows: network.config["featureRows"] };
      const inputs = make(settings, randomStream(seed, role), length, extent);
      return [
        role,
        network.optional?.includes(role) ? { ...inputs, present: float32([], Float32Array.of(1)) } : inputs,
      ];
    }),
  );
}

type Make = (spec: Spec, random: ReturnType<typeof randomStream>, length: number, extent: number) => ExampleInputs;

const maskOf = (length: number, extent: number): Tensor =>
  float32(
    [extent],
    Float32Array.from({ length: extent }, (_, i) => Number(i < length)),
  );

function noise(shape: readonly number[], random: ReturnType<typeof randomStream>): Tensor {
  const length = shape.reduce((product, extent) => product * extent, 1);
  return float32(
    shape,
    Float32Array.from({ length }, () => random.normal()),
  );
}

const encoders: Readonly<Record<string, Make>> = {
  tokens: (spec, random, length, extent) => {
    const rows = typeof spec["featureRows"] === "number" ? spec["featureRows"] : 0;
    // Drawn token by token, so that the same seed gives the same real tokens at every extent.
    const drawn = Array.from({ length: extent }, () => [
      4 + random.integer(36),
      random.integer(rows),
      random.integer(rows),
    ]);
    return {
      tokens: int32(
        [extent],
        Int32Array.from(drawn, ([token]) => token!),
      ),
      mask: maskOf(length, extent),
      ...(rows > 0 ? { features: int32([extent, 2], Int32Array.from(drawn.flatMap(([, ...two]) => two))) } : {}),
    };
  },
  pixels: ({ channels, height, width }, random) => ({
    pixels: noise([channels, height, width] as number[], random),
  }),
  voxels: ({ channels, extents }, random) => ({
    voxels: noise([channels, ...(extents as number[])] as number[], random),
  }),
  genes: (_spec, random, length, extent) => {
    const drawn = Array.from({ length: extent }, () => [1 + random.integer(29), random.uniform() * 5] as const);
    return {
      genes: int32(
        [extent],
        Int32Array.from(drawn, ([gene]) => gene),
      ),
      values: float32(
        [extent],
        Float32Array.from(drawn, ([, value]) => value),
      ),
      mask: maskOf(length, extent),
    };
  },
  timelineTokens: (_spec, random, length, extent) => {
    const drawn = Array.from(
      { length: extent },
      (_, i) => [5 + random.integer(35), random.integer(32), i >> 2] as const,
    );
    const of = (pick: (token: (typeof drawn)[number]) => number): Tensor =>
      int32([extent], Int32Array.from(drawn, pick));
    return {
      tokens: of(([token]) => token),
      ages: of(([, age]) => age),
      segments: of(([, , visit]) => visit % 2),
      positions: of(([, , visit]) => visit),
      mask: maskOf(length, extent),
    };
  },
  numbers: (spec, random) => {
    const { length } = spec["names"] as readonly string[];
    const missing = Float32Array.from({ length }, () => random.integer(2));
    const values = missing.map((gone) => (gone === 1 ? 0 : random.normal()));
    return { values: float32([length], values), missing: float32([length], missing) };
  },
};

/** Rows side by side. */
function stack(rows: readonly Tensor[]): Tensor {
  const { dtype, shape } = rows[0]!;
  const all = rows.flatMap(({ data }) => Array.from(data as ArrayLike<number>));
  return dtype === "int32"
    ? int32([rows.length, ...shape], Int32Array.from(all))
    : float32([rows.length, ...shape], Float32Array.from(all));
}

/** All of a batch: feeds by `role.input`. */
export const batchFeeds = (examples: readonly Readonly<Record<string, ExampleInputs>>[]): Tensors =>
  new Map(
    Object.entries(examples[0]!).flatMap(([role, inputs]) =>
      Object.keys(inputs).map((name) => [`${role}.${name}`, stack(examples.map((one) => one[role]![name]!))] as const),
    ),
  );

/** Values of a graph's inputs for the feeds of a batch. */
export function graphInputs(graph: Graph, feeds: Tensors): InputValues {
  const values: Record<string, Record<string, Value>> = {};
  for (const [name, { dtype, shape }] of feeds) {
    const [role, input] = name.split(".") as [string, string];
    (values[role] ??= {})[input] = graph.input(name, dtype, shape);
  }
  return values;
}

/** Every tensor that features hold, by name. */
export function namedFeatures(features: Features, prefix = ""): ReadonlyMap<string, Value> {
  const named = new Map<string, Value>([[`${prefix}pooled`, features.pooled]]);
  for (const key of ["places", "leading", "mask"] as const)
    if (features[key] !== undefined) named.set(`${prefix}${key}`, features[key]);
  // What heads read beside them, of the numbers that have a row for each example or are one for all.
  for (const [key, value] of Object.entries(features.also ?? {}))
    if (value.dtype === "float32" && value.rank !== 1) named.set(`${prefix}also.${key}`, value);
  features.pyramid?.forEach((level, i) => named.set(`${prefix}pyramid.${i}`, level));
  for (const [role, tower] of Object.entries(features.towers ?? {}))
    for (const [name, value] of namedFeatures(tower, `${prefix}${role}.`)) named.set(name, value);
  return named;
}

/** The graph of a network's features on a batch, with an output for each of them. */
export function featureGraph(network: Network, feeds: Tensors, training = false): { graph: Graph; features: Features } {
  const graph = new Graph(network.name);
  const features = network.features(graphInputs(graph, feeds), { training });
  for (const [name, value] of namedFeatures(features)) graph.output(name, value);
  return { graph, features };
}

/** Starting weights that are far enough from zero for every layer to matter. */
export function lively(graph: Graph, seed = 3): Tensors {
  const weights = initializeParameters(graph, seed);
  for (const [name, tensor] of weights) {
    if (graph.parameters.get(name)!.isBuffer || !(tensor.data instanceof Float32Array)) continue;
    const stream = randomStream(seed, "lively", name);
    tensor.data.forEach((value, i) => ((tensor.data as Float32Array)[i] = value + 0.1 * stream.normal()));
  }
  return weights;
}

/** Features of a batch by name. */
export async function runFeatures(network: Network, feeds: Tensors): Promise<Tensors> {
  const { graph } = featureGraph(network, feeds);
  return runGraph(graph, new Map([...feeds, ...lively(graph), ...randomInputs(graph, 1, 0)]));
}
