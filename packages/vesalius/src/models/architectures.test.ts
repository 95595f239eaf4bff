import { array, assert, asyncProperty, integer, nat } from "fast-check";
import { describe, expect, test } from "vitest";
import { add, gradients, Graph, multiply, reduceSum, type Tensor, type Tensors, type Value } from "../graph/index.ts";
import { randomStream } from "../common/random.ts";
import { expectClose, largest, runGraph } from "../testing/reference.node.ts";
import { randomInputs } from "../training/random-inputs.ts";
import { architectures } from "./architectures.ts";
import type { Network } from "./network.ts";
import {
  batchFeeds,
  exampleInputs,
  featureGraph,
  graphInputs,
  lively,
  namedFeatures,
  nanoNetwork,
  runFeatures,
} from "./architectures.test.helper.ts";

const rows = 3;
const extent = 12;
const examples = (network: Network, lengths = [12, 5, 9]) =>
  lengths.map((length, i) => exampleInputs(network, i, length, extent));

/** Options that change what a network computes, beside the smallest size of every architecture. */
const variants: Readonly<Record<string, readonly [name: string, changes: Readonly<Record<string, unknown>>]>> = {
  "bert as it reads words": [
    "bert",
    { positions: "relative", localWindow: 1, featureRows: 9, pooling: "mean", dropout: 0.2 },
  ],
  "bert as it reads nucleotides": [
    "bert",
    { stem: { embeddingWidth: 4, channels: 8, kernel: 5, pool: 3 }, pooling: "meanAndMaximum", attentionDropout: 0.1 },
  ],
  "nnunet of two dimensions with residual blocks": [
    "nnunet",
    { spatial: 2, patch: [16, 24], encoder: "residual", features: [4, 4, 8], depths: [1, 2, 1], decoderDepths: [1, 1] },
  ],
  "nnunet with batch normalization behind its nonlinearities": [
    "nnunet",
    {
      spatial: 2,
      patch: [16, 16],
      bias: false,
      norm: { kind: "batch" },
      activation: { kind: "prelu" },
      nonlinearityFirst: true,
    },
  ],
  "bert with vectors of distances": ["bert", { distances: "keyAndQuery", activation: "quickGelu", tiedOutput: false }],
  "basicUnet with batch normalization": [
    "basicUnet",
    { spatial: 2, norm: { kind: "batch" }, activation: { kind: "celu" } },
  ],
  "basicUnet with dropout": [
    "basicUnet",
    { spatial: 2, norm: { kind: "batch" }, activation: { kind: "elu" }, dropout: 0.1 },
  ],
  "residualUnet in another order": ["residualUnet", { order: "AN", norm: { kind: "group", groups: 2 }, bias: false }],
  "unetr with batch normalization and without shortcuts": [
    "unetr",
    {
      imageSize: [32, 16],
      norm: { kind: "batch" },
      residual: false,
      convolutionalSkips: false,
      projection: "perceptron",
      qkvBias: true,
    },
  ],
  "swinUnetr of the second version": [
    "swinUnetr",
    {
      spatial: 2,
      patch: [64, 32],
      windowSize: [2, 4],
      norm: { kind: "group", groups: 2 },
      convolutionalStages: true,
      patchNorm: true,
      mlpRatio: 2,
      qkvBias: false,
    },
  ],
  "resnet with bottlenecks": ["resnet", { block: "bottleneck", groups: 2, widthPerGroup: 32 }],
  "geneTransformer with binned values": ["geneTransformer", { values: "category", pooling: "mean", dropout: 0.1 }],
  "geneTransformer with scaled genes": ["geneTransformer", { values: "scaling", pooling: "weighted", normFirst: true }],
  "geneTransformer with queries beside the cell": ["geneTransformer", { cellDecoder: "concatQuery" }],
  "geneTransformer with queries added to the cell": ["geneTransformer", { cellDecoder: "sumQuery" }],
  "geneTransformer with detached queries": ["geneTransformer", { cellDecoder: "innerProductDetached" }],
  "scbert with a kernel and gated perceptrons": [
    "scbert",
    { attention: "kernel", gated: true, qkvBias: true, norm: "rezero" },
  ],
  "scbert without projections": ["scbert", { attention: "separateSoftmax", norm: "scale" }],
  "dualTower with one set of weights": [
    "dualTower",
    { towers: { query: { name: "bert", preset: "nano", pooling: "mean" }, document: { sameAs: "query" } } },
  ],
  "fusion of pooled vectors": [
    "fusion",
    {
      sees: "pooled",
      dropout: 0.1,
      towers: { expression: { name: "geneTransformer", preset: "nano" }, text: { name: "bert", preset: "nano" } },
    },
  ],
  "vit of images that are not square": ["vit", { imageSize: [8, 24], patchSize: [4, 6], layerScale: 0.5 }],
  "dinov2 with a table for images that are not square": [
    "dinov2",
    { imageSize: [8, 12], patchSize: 4, inputSize: [12, 8] },
  ],
  "clip of images that are not square": [
    "clip",
    { vision: { imageSize: [8, 12], patchSize: 4, width: 16, depth: 1, heads: 2, channels: 1, activation: "gelu" } },
  ],
  "swin with absolute positions": ["swin", { imageSize: 16, patchSize: 2, absolutePositions: true, patchNorm: false }],
  "gpt2 with dropout": ["gpt2", { dropout: 0.1, layout: "inOut" }],
  "llama in Meta's names": ["llama", { checkpoint: "meta", keyValueHeads: 1, tiedOutput: true }],
  "a linear perceptron": ["perceptron", { depth: 0, missing: false }],
  "a normalised perceptron": ["perceptron", { normalize: true, dropout: 0.5, activation: "tanh" }],
  "bert with both kinds of positions": ["bert", { positions: "both", activation: "geluTanh", depth: 2 }],
};
/** Images that are small enough for a test, where the network and not its encoder says how large they are. */
const small: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  vit: { imageSize: 16, patchSize: 4 },
  dinov2: { imageSize: 8, patchSize: 4, inputSize: [8, 12], registers: 2 },
  swin: { imageSize: 16, patchSize: 2 },
  unetr: { imageSize: [32, 16, 16] },
  swinUnetr: { patch: [64, 32, 32] },
  dualTower: {
    towers: {
      image: { name: "vit", preset: "nano", imageSize: 16, patchSize: 4 },
      text: { name: "bert", preset: "nano" },
    },
  },
  bilinearFusion: {
    towers: { image: { name: "resnet", preset: "nano" }, text: { name: "bert", preset: "nano" } },
  },
  fusion: {
    towers: {
      image: { name: "resnet", preset: "nano" },
      record: { name: "perceptron", depth: 0 },
      text: { name: "bert", preset: "nano" },
    },
  },
};
const cases = [
  ...architectures.names.map((name) => [name, () => nanoNetwork(name, small[name])] as const),
  ...Object.entries(variants).map(([what, [name, changes]]) => [what, () => nanoNetwork(name, changes)] as const),
];

/** Rows of a tensor in another order. */
function reordered({ dtype, shape, data }: Tensor, order: readonly number[]): Tensor {
  const size = data.length / shape[0]!;
  const moved = new Float32Array(data.length);
  order.forEach((from, to) => moved.set((data as Float32Array).subarray(from * size, (from + 1) * size), to * size));
  return { dtype, shape, data: moved };
}

/** A number that depends on every element of every feature, each with a weight of its own. */
function mixture(graph: Graph, values: Iterable<Value>): Value {
  const random = randomStream(1, "mixture");
  let total: Value = graph.scalar(0);
  for (const value of values) {
    const { length } = { length: value.shape.reduce((product, n) => product * n, 1) };
    const data = Float32Array.from({ length }, () => random.normal());
    const weights = graph.constant({ dtype: "float32", shape: value.shape, data });
    total = add(total, reduceSum(multiply(value, weights), undefined, { keepDimensions: false }));
  }
  return total;
}

/** Compares the places that the mask of the shorter features says are real. */
function expectRealPlaces(longer: Tensors, shorter: Tensors, what: string): void {
  const [places, more] = [shorter.get(what)!, longer.get(what)!];
  const mask = shorter.get(what.replace(/places$/, "mask"))?.data as Float32Array | undefined;
  const [rows, count, width] = places.shape as [number, number, number];
  const at = (tensor: Tensor, row: number, place: number): Tensor => {
    const start = (row * tensor.shape[1]! + place) * width;
    return { dtype: "float32", shape: [width], data: (tensor.data as Float32Array).subarray(start, start + width) };
  };
  for (let row = 0; row < rows; row++)
    for (let place = 0; place < count; place++)
      if (mask === undefined || mask[row * count + place] === 1)
        expectClose(at(more, row, place), at(places, row, place), 1e-3, 1e-4, `${what}: place ${place} of row ${row}`);
}

describe.each(cases)("%s", (_what, make) => {
  const network = make();

  test("gives features of the shapes that it says, in training and in use", () => {
    const feeds = batchFeeds(examples(network));
    for (const training of [true, false]) {
      const { features } = featureGraph(network, feeds, training);
      expect(features.pooled.shape).toHaveLength(2);
      for (const [what, value] of namedFeatures(features)) {
        if (value.rank > 0) expect(value.shape[0], what).toBe(rows);
        expect(value.dtype, what).toBe("float32");
      }
      if (features.mask !== undefined) expect(features.mask.shape).toEqual(features.places!.shape.slice(0, 2));
      if (features.places !== undefined) expect(features.places.shape).toHaveLength(3);
      const extents = features.pyramid?.map(({ shape }) => shape[2]!) ?? [];
      expect(extents).toEqual([...extents].sort((a, b) => b - a));
    }
  });

  test("draws random numbers in training only", () => {
    const feeds = batchFeeds(examples(network));
    const { graph } = featureGraph(network, feeds, false);
    expect([...graph.inputs.keys()]).toEqual([...feeds.keys()]);
  });

  test("does not see what the mask rules out", async () => {
    const probe = batchFeeds(examples(network));
    if (![...probe.keys()].some((key) => key.endsWith(".mask"))) return;
    await assert(
      asyncProperty(
        array(integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 2 }),
        nat(),
        async (lengths, seed) => {
          const short = lengths.map((length, i) => exampleInputs(network, seed + i, length, extent));
          const long = lengths.map((length, i) => exampleInputs(network, seed + i, length, extent + 8));
          const [a, b] = [await runFeatures(network, batchFeeds(short)), await runFeatures(network, batchFeeds(long))];
          for (const [what, tensor] of a)
            if (what.endsWith("pooled")) expectClose(b.get(what)!, tensor, 1e-3, 1e-4, what);
            else if (what.endsWith("places")) expectRealPlaces(b, a, what);
        },
      ),
      { numRuns: 3 },
    );
  });

  test("gives each row the same features wherever it stands in the batch", async () => {
    const order = [2, 0, 1];
    const straight = await runFeatures(network, batchFeeds(examples(network)));
    const moved = await runFeatures(network, batchFeeds(order.map((i) => examples(network)[i]!)));
    for (const [what, tensor] of straight) {
      const expected = tensor.shape.length === 0 ? tensor : reordered(tensor, order);
      expectClose(moved.get(what)!, expected, 1e-3, 1e-5, what);
    }
  });

  test("has a gradient for every parameter, and a layer", async () => {
    const feeds = batchFeeds(examples(network));
    const { graph, features } = featureGraph(network, feeds, true);
    const trained = [...graph.parameters.values()].filter(({ isBuffer }) => !isBuffer);
    const found = gradients(mixture(graph, namedFeatures(features).values()), trained);
    expect(trained.filter((parameter) => !found.has(parameter)).map((parameter) => parameter.name)).toEqual([]);
    for (const parameter of trained) graph.output(`gradient of ${parameter.name}`, found.get(parameter)!);
    const results = await runGraph(graph, new Map([...feeds, ...lively(graph), ...randomInputs(graph, 1, 0)]));
    const still = trained.filter(
      ({ name: own, shape }) => shape.length > 1 && largest(results.get(`gradient of ${own}`)!) === 0,
    );
    expect(still.map((parameter) => parameter.name)).toEqual([]);
    for (const parameter of graph.parameters.keys()) {
      const layer = network.layerOf(parameter);
      expect(Number.isInteger(layer) && layer >= 0 && layer <= network.layers + 1, `${parameter}: ${layer}`).toBe(true);
    }
    const layers = new Set([...graph.parameters.keys()].map((parameter) => network.layerOf(parameter)));
    for (let layer = 1; layer <= network.layers; layer++)
      expect(layers, `parameters of layer ${layer}`).toContain(layer);
  });

  test("is rebuilt from its configuration as JSON", async () => {
    const again = architectures.create({
      name: network.name,
      ...(JSON.parse(JSON.stringify(network.config)) as object),
    });
    const feeds = batchFeeds(examples(network));
    const [a, b]: readonly [Tensors, Tensors] = [await runFeatures(network, feeds), await runFeatures(again, feeds)];
    expect([...b.keys()]).toEqual([...a.keys()]);
    for (const [what, tensor] of a) expect(b.get(what), what).toEqual(tensor);
  });

  test("has heads that give logits with a gradient", () => {
    const feeds = batchFeeds(examples(network));
    for (const [what, head] of Object.entries(network.heads ?? {})) {
      const graph = new Graph();
      const mode = { training: true };
      const features = network.features(graphInputs(graph, feeds), mode);
      const before = new Set(graph.parameters.keys());
      const outputs = head(features, 4, mode);
      for (const output of Object.values(outputs)) expect(output.shape[0], what).toBe(rows);
      const added = [...graph.parameters.values()].filter(({ name: own }) => !before.has(own));
      const found = gradients(mixture(graph, Object.values(outputs)), added);
      expect(
        added.filter((parameter) => !found.has(parameter)).map((parameter) => parameter.name),
        what,
      ).toEqual([]);
    }
  });

  test("is read again from the file that it writes, as far as the field has a word for its options", async () => {
    const entry = architectures.entry(network.name);
    if (network.toFile === undefined || entry.fromFile === undefined) return;
    const file = JSON.parse(JSON.stringify(network.toFile({}))) as Record<string, unknown>;
    const read = entry.fromFile(file);
    if (read === undefined) return;
    const again = architectures.create({ name: network.name, ...(read.settings as object) });
    const feeds = batchFeeds(examples(network));
    const [a, b] = [await runFeatures(network, feeds), await runFeatures(again, feeds)];
    for (const [what, tensor] of a) expect(b.get(what), what).toEqual(tensor);
  });
});
