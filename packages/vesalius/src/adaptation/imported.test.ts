import { beforeAll, describe, expect, test } from "vitest";
import {
  add,
  crossEntropy,
  fromOnnx,
  Graph,
  initializeParameters,
  relu,
  type Tensor,
  type Tensors,
  toOnnx,
} from "../graph/index.ts";
import {
  bertClassifier,
  bertConfigSchema,
  bertEncoder,
  bertPooler,
  classificationHead,
  convolutionLayer,
  vitConfigSchema,
  vitFeatures,
} from "../models/index.ts";
import { type Backend, nodeCpu } from "../runtime/index.node.ts";
import { expectClose, runGraph } from "../testing/reference.node.ts";
import { adamW, train } from "../training/index.ts";
import { type AdapterConfig, adapterSchema } from "./adapter.ts";
import { adapterPolicy, attachAdapter, mergeAdapter } from "./attach.ts";
import { adaptableLayers } from "./layers.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await nodeCpu();
});

const labels: [string, Tensor] = ["labels", { dtype: "int32", shape: [3], data: Int32Array.of(0, 1, 2) }];
const waves = (shape: readonly number[], count: number): Tensor => ({
  dtype: "float32",
  shape,
  data: Float32Array.from({ length: count }, (_, i) => Math.sin(i * i)),
});

function bert(): Graph {
  const graph = new Graph("bert");
  const config = bertConfigSchema.parse({
    vocabularySize: 30,
    width: 16,
    depth: 2,
    heads: 2,
    hiddenWidth: 24,
    maximumPositions: 8,
  });
  const hidden = bertEncoder({ tokens: graph.input("input_ids", "int32", [3, 8]) }, config);
  const logits = graph.output("logits", bertClassifier(bertPooler(hidden, config), 3));
  graph.output("loss", crossEntropy(logits, graph.input("labels", "int32", [3])));
  return graph;
}

/** A vision transformer behind a convolution. */
function vit(): Graph {
  const graph = new Graph("vit");
  const config = vitConfigSchema.parse({ imageSize: 8, patchSize: 4, channels: 2, width: 16, depth: 2, heads: 2 });
  const stem = relu(convolutionLayer(graph.input("images", "float32", [3, 1, 8, 8]), "stem", 2));
  const logits = graph.output("logits", classificationHead(vitFeatures(stem, config).pooled, 3));
  graph.output("loss", crossEntropy(logits, graph.input("labels", "int32", [3])));
  return graph;
}

const ids: Tensor = { dtype: "int32", shape: [3, 8], data: Int32Array.from({ length: 24 }, (_, i) => (i * 7) % 30) };
const bertFeeds: Tensors = new Map([["input_ids", ids], labels]);
const vitFeeds: Tensors = new Map([["images", waves([3, 1, 8, 8], 192)], labels]);

/** A few steps of training with an adapter, merged and exported. */
async function adaptedModel(
  graph: Graph,
  weights: Tensors,
  config: AdapterConfig,
  feeds: Tensors,
): Promise<Uint8Array> {
  const attached = await attachAdapter(graph, weights, config, { seed: 2, backend });
  const trained = await train(attached.adapted.graph, attached.weights, {
    backend,
    threads: 1,
    optimizer: adamW({ weightDecay: 0 }),
    totalSteps: 4,
    learningRate: 0.03,
    seed: 2,
    batchSize: 3,
    batch: () => Promise.resolve(feeds),
    policy: adapterPolicy(attached.adapted),
  });
  const merged = await mergeAdapter(graph, attached.adapted, trained.weights, backend);
  return toOnnx(graph, { weights: merged! });
}

async function logitsOf(model: Uint8Array, feeds: Tensors): Promise<Tensor> {
  const session = await backend.load(model, { threads: 1 });
  const outputs = await session.run(feeds);
  await session.release();
  return outputs.get("logits")!;
}

describe("a model that went through an ONNX file is adapted, merged and exported like the one built here", () => {
  test.each([
    ["LoRA on BERT", bert, bertFeeds, { type: "lora", rank: 4, targets: ["query", "value", "output.dense"] }],
    ["LoRA on a convolution and linear layers", vit, vitFeeds, { type: "lora", rank: 4, targets: ["stem", "qkv"] }],
    ["DoRA", vit, vitFeeds, { type: "lora", rank: 4, dora: true, targets: ["stem", "qkv"] }],
    ["(IA)3", vit, vitFeeds, { type: "ia3" }],
  ] as const)("%s", async (_what, build, feeds, settings) => {
    const config = adapterSchema.parse(settings);
    const graph = build();
    const weights = initializeParameters(graph, 1);
    const imported = await fromOnnx(toOnnx(graph, { weights }));
    const direct = await logitsOf(await adaptedModel(graph, weights, config, feeds), feeds);
    const through = await logitsOf(await adaptedModel(imported.graph, imported.weights, config, feeds), feeds);
    expectClose(through, direct, 1e-5, 1e-5, "logits");
    const before = (await runGraph(graph, new Map([...weights, ...feeds]))).get("logits")!;
    expect(
      Math.max(...(through.data as Float32Array).map((value, i) => Math.abs(value - (before.data[i] as number)))),
    ).toBeGreaterThan(1e-4);
  });
});

/** As PyTorch's exporter writes linear layers: the weight turned and renamed, the bias added by another node. */
function exported(): Graph {
  const graph = new Graph("exported");
  const x = graph.input("x", "float32", [2, 3, 6]);
  const layer = (input: ReturnType<typeof relu>, path: string, weight: string, width: number) => {
    const matrix = graph.parameter(weight, [input.shape.at(-1)!, width], { kind: "kaimingUniform" });
    const product = graph.node("MatMul", [input, matrix], { name: `/${path}/MatMul` })[0]!;
    return add(graph.parameter(`${path.replaceAll("/", ".")}.bias`, [width], { kind: "uniform", bound: 1 }), product);
  };
  const hidden = relu(layer(x, "encoder/layer.0/dense", "onnx::MatMul_41", 5));
  graph.output("y", layer(hidden, "encoder/layer.1/dense", "onnx::MatMul_42", 4));
  return graph;
}

describe("weights that an exporter turned and renamed", () => {
  test("are found under the names of their modules", () => {
    expect(
      adaptableLayers(exported()).map(({ module, kind, fanInFanOut, bias, features }) => ({
        module,
        kind,
        fanInFanOut,
        bias: bias?.name,
        features,
      })),
    ).toEqual([
      {
        module: "encoder.layer.0.dense",
        kind: "linear",
        fanInFanOut: true,
        bias: "encoder.layer.0.dense.bias",
        features: { in: 6, out: 5 },
      },
      {
        module: "encoder.layer.1.dense",
        kind: "linear",
        fanInFanOut: true,
        bias: "encoder.layer.1.dense.bias",
        features: { in: 5, out: 4 },
      },
    ]);
  });

  test.each([
    { type: "lora", targets: ["layer.0.dense"], dora: true },
    { type: "ia3", targets: ["encoder.*.dense"], feedForward: ["layer.1.dense"] },
  ])("take part in $type, the biases too, and merge", async (settings) => {
    const graph = exported();
    const weights = initializeParameters(graph, 4);
    const config = adapterSchema.parse(settings);
    const attached = await attachAdapter(graph, weights, config, { seed: 1, backend });
    const changed: Tensors = new Map(
      [...attached.weights].map(([name, tensor]) => [
        name,
        attached.adapted.parameters.includes(name) ? waves(tensor.shape, tensor.data.length) : tensor,
      ]),
    );
    const x: [string, Tensor] = ["x", waves([2, 3, 6], 36)];
    const direct = (await runGraph(attached.adapted.graph, new Map([...changed, x]))).get("y")!;
    const merged = await mergeAdapter(graph, attached.adapted, changed, backend);
    expectClose((await runGraph(graph, new Map([...merged!, x]))).get("y")!, direct, 1e-5, 1e-5, "y");
  });
});
