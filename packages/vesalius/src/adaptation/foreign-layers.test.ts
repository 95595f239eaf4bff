import { beforeAll, describe, expect, test } from "vitest";
import {
  type Attributes,
  cast,
  type DataType,
  elementCount,
  emit,
  float,
  float32,
  fromOnnx,
  gather,
  gemm,
  Graph,
  int,
  ints,
  matMul,
  meanSquaredError,
  multiply,
  reduceSumSquare,
  relu,
  reshape,
  rewrite,
  sqrt,
  string,
  type Tensor,
  type Tensors,
  toOnnx,
  transpose,
  type Value,
  zeros,
} from "../graph/index.ts";
import { narrowBfloat16, narrowFloat16, widenFloat16 } from "../common/float16.ts";
import { randomStream } from "../common/random.ts";
import { type Backend, nodeCpu } from "../runtime/index.node.ts";
import { expectClose, runGraph } from "../testing/reference.node.ts";
import { adamW, train } from "../training/index.ts";
import { adapterSchema } from "./adapter.ts";
import { adapterPolicy, attachAdapter, mergeAdapter } from "./attach.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await nodeCpu();
});

const zero = { kind: "zeros" } as const;

function drawn(dtype: DataType, shape: readonly number[], label: string): Tensor {
  const stream = randomStream(3, label);
  const values = Float32Array.from({ length: elementCount(shape) }, () => stream.normal());
  if (dtype === "float16") return { dtype, shape, data: narrowFloat16(values) };
  if (dtype === "bfloat16") return { dtype, shape, data: narrowBfloat16(values) };
  if (dtype === "int8") return { dtype, shape, data: Int8Array.from(values, (value) => 40 * value) };
  if (dtype === "int4") return { dtype, shape, data: Uint8Array.from({ length: values.length / 2 }, (_, i) => i * 37) };
  return { dtype: "float32", shape, data: values };
}

const weight = (g: Graph, shape: readonly number[], dtype: DataType = "float32", name = "fc.weight"): Value =>
  g.parameter(name, shape, zero, dtype);
const x = (g: Graph, ...shape: number[]): Value => g.input("x", "float32", shape);
const product = (g: Graph, type: string, inputs: readonly Value[], attributes: Attributes = {}): Value =>
  g.node(type, inputs, { attributes })[0]!;
const scalar = (g: Graph, value: number): Value => g.scalar(value);
const stored = (g: Graph, dtype: DataType, shape: readonly number[]): Value =>
  g.constant(drawn(dtype, shape, "stored"), "fc.weight_quantized");
const einsum = (g: Graph, equation: string, ...inputs: Value[]): Value =>
  product(g, "Einsum", inputs, { equation: string(equation) });
/** Activations as static quantisation has them. */
const rounded = (g: Graph, value: Value): Value => {
  const zeroPoint = g.constant({ dtype: "uint8", shape: [], data: Uint8Array.of(128) });
  const codes = product(g, "QuantizeLinear", [value, scalar(g, 0.05), zeroPoint]);
  return product(g, "DequantizeLinear", [codes, scalar(g, 0.05), zeroPoint]);
};

/** Layers as exporters write them: name, how its result is made, largest difference after merging, or none. */
const forms: readonly (readonly [string, (g: Graph) => Value, number | undefined])[] = [
  ["Gemm with a bias of one row", (g) => gemm(x(g, 3, 8), weight(g, [8, 4]), weight(g, [1, 4], "float32", "b")), 2e-6],
  ["Gemm with one number for a bias", (g) => gemm(x(g, 3, 8), weight(g, [8, 4]), g.constant(float32([1], [2]))), 2e-6],
  [
    "Gemm with factors",
    (g) =>
      product(g, "Gemm", [x(g, 3, 8), weight(g, [4, 8]), weight(g, [4], "float32", "b")], {
        alpha: float(0.5),
        beta: float(2),
        transB: int(1),
      }),
    2e-6,
  ],
  ["Gemm of a transposed input", (g) => gemm(x(g, 8, 3), weight(g, [8, 4]), undefined, { transposeA: true }), 2e-6],
  [
    "Gemm with the weight on the left",
    (g) => gemm(weight(g, [8, 4]), x(g, 3, 8), undefined, { transposeA: true, transposeB: true }),
    2e-6,
  ],
  ["MatMul with the weight on the left", (g) => matMul(weight(g, [4, 8]), x(g, 8, 3)), 2e-6],
  ["MatMul with a weight [1, in, out]", (g) => matMul(x(g, 2, 3, 8), weight(g, [1, 8, 4])), 2e-6],
  ["MatMul with a matrix for each of several", (g) => matMul(x(g, 3, 2, 8), weight(g, [3, 8, 4])), 2e-6],
  ["a weight in float16, widened", (g) => matMul(x(g, 3, 8), cast(weight(g, [8, 4], "float16"), "float32")), 2e-2],
  ["a weight in bfloat16, widened", (g) => matMul(x(g, 3, 8), cast(weight(g, [8, 4], "bfloat16"), "float32")), 1e-1],
  [
    "a weight of other axes in another order",
    (g) => matMul(x(g, 3, 8), reshape(transpose(weight(g, [2, 2, 8]), [2, 0, 1]), [8, 4])),
    2e-6,
  ],
  ["Einsum of a dense layer into heads", (g) => einsum(g, "bsd,dhk->bshk", x(g, 2, 3, 8), weight(g, [8, 2, 4])), 2e-6],
  [
    "Einsum of heads into a dense layer",
    (g) => einsum(g, "bshk,hkd->bsd", x(g, 2, 3, 2, 4), weight(g, [2, 4, 8])),
    2e-6,
  ],
  ["Einsum with outputs around inputs", (g) => einsum(g, "bsd,hdk->bhsk", x(g, 2, 3, 8), weight(g, [2, 8, 4])), 2e-6],
  ["Einsum with the weight first", (g) => einsum(g, "oi,...i->...o", weight(g, [4, 8]), x(g, 2, 3, 8)), 2e-6],
  [
    "Einsum with a matrix for each of several",
    (g) => einsum(g, "bhi,hio->bho", x(g, 2, 3, 8), weight(g, [3, 8, 4])),
    2e-6,
  ],
  [
    "a transposed convolution in groups",
    (g) =>
      product(g, "ConvTranspose", [x(g, 2, 4, 3, 3), weight(g, [4, 3, 2, 2]), weight(g, [6], "float32", "b")], {
        group: int(2),
        strides: ints([2, 2]),
      }),
    2e-6,
  ],
  [
    "a convolution in float16",
    (g) => product(g, "Conv", [x(g, 2, 4, 5, 5), cast(weight(g, [6, 4, 3, 3], "float16"), "float32")]),
    5e-2,
  ],
  [
    "a weight that stands transposed in a second place",
    (g) => matMul(relu(matMul(x(g, 3, 8), weight(g, [8, 4]))), transpose(weight(g, [8, 4]), [1, 0])),
    2e-5,
  ],
  [
    "a table that also gives the answers",
    (g) => matMul(gather(weight(g, [9, 8]), g.int64([0, 3, 5])), multiply(transpose(weight(g, [9, 8]), [1, 0]), 0.5)),
    2e-5,
  ],
  [
    "int8 with a scale, behind rounded activations",
    (g) => matMul(rounded(g, x(g, 3, 8)), product(g, "DequantizeLinear", [stored(g, "int8", [8, 4]), scalar(g, 0.02)])),
    undefined,
  ],
  [
    "int8 with a scale for each output",
    (g) => {
      const scales = g.constant(float32([4], [0.01, 0.02, 0.03, 0.04]));
      const w = product(g, "DequantizeLinear", [stored(g, "int8", [8, 4]), scales], { axis: int(1) });
      return matMul(rounded(g, relu(x(g, 3, 8))), w);
    },
    undefined,
  ],
  [
    "blocks of 4 bits",
    (g) => {
      const scales = g.constant(float32([2, 4], [0.1, 0.2, 0.3, 0.4, 0.4, 0.3, 0.2, 0.1]));
      const attributes = { axis: int(0), block_size: int(4) };
      return matMul(x(g, 3, 8), product(g, "DequantizeLinear", [stored(g, "int4", [8, 4]), scales], attributes));
    },
    undefined,
  ],
];

async function run(model: Uint8Array, feeds: Tensors): Promise<Tensor> {
  const session = await backend.load(model, { threads: 1 });
  const result = (await session.run(feeds)).get("y")!;
  await session.release();
  return result.dtype === "float16"
    ? { ...result, dtype: "float32", data: widenFloat16(result.data as Uint16Array) }
    : result;
}

const drawAll = (graph: Graph): Tensors =>
  new Map([...graph.parameters.values()].map(({ name, dtype, shape }) => [name, drawn(dtype, shape, name)]));

/** A few steps towards drawn answers. */
async function learn(graph: Graph, weights: Tensors, targets: readonly string[], feeds: Tensors) {
  const config = adapterSchema.parse({ type: "lora", rank: 2, targets });
  const attached = await attachAdapter(graph, weights, config, { seed: 1, backend });
  const training = rewrite(attached.adapted.graph).graph;
  const y = cast(training.result("y"), "float32");
  training.output("loss", meanSquaredError(y, training.input("answers", "float32", y.shape)));
  const answers = drawn("float32", y.shape, "answers");
  const trained = await train(training, attached.weights, {
    backend,
    threads: 1,
    optimizer: adamW({ weightDecay: 0 }),
    totalSteps: 12,
    learningRate: 0.05,
    seed: 1,
    batchSize: 1,
    recordEvery: 1,
    batch: () => Promise.resolve(new Map([...feeds, ["answers", answers]])),
    policy: adapterPolicy(attached.adapted),
  });
  const { history } = trained;
  return { attached, weights: trained.weights, losses: [history[0]!.loss, history.at(-1)!.loss] as const };
}

const only = (graph: Graph, weights: Tensors): Tensors =>
  new Map([...graph.parameters.keys()].map((name) => [name, weights.get(name)!]));

describe.each(forms)("LoRA on %s", (_name, build, tolerance) => {
  test("is found, starts as the base, learns, merges and goes through a file", async () => {
    const graph = new Graph("layer");
    graph.output("y", build(graph));
    const weights = drawAll(graph);
    const feeds: Tensors = new Map(
      [...graph.inputs.values()].map(({ name, shape }) => [name, drawn("float32", shape, name)]),
    );
    const before = await run(toOnnx(graph, { weights }), feeds);
    const { attached, weights: trained, losses } = await learn(graph, weights, ["*"], feeds);
    const { adapted } = attached;
    expect(adapted.left ?? []).toEqual([]);
    const start = await run(toOnnx(adapted.graph, { weights: only(adapted.graph, attached.weights) }), feeds);
    expectClose(start, before, 1e-5, 1e-5, "start");
    expect(losses[1]).toBeLessThan(0.95 * losses[0]);
    const file = toOnnx(adapted.graph, { weights: only(adapted.graph, trained) });
    const direct = await run(file, feeds);
    const again = await fromOnnx(file);
    expectClose(await run(toOnnx(again.graph, { weights: again.weights }), feeds), direct, 1e-5, 1e-5, "reloaded");
    const merged = await mergeAdapter(graph, adapted, trained, backend);
    expect(merged === undefined).toBe(tolerance === undefined);
    if (merged === undefined) return;
    for (const [name, { dtype }] of graph.parameters) expect(merged.get(name)!.dtype).toBe(dtype);
    expectClose(await run(toOnnx(graph, { weights: merged }), feeds), direct, tolerance!, tolerance!, "merged");
  });
});

test("a model in float16 learns in float32, and its inputs, outputs and weights stay float16", async () => {
  const graph = new Graph("half");
  const input = graph.input("x", "float16", [3, 8]);
  const hidden = gemm(input, weight(graph, [6, 8], "float16", "a.weight"), weight(graph, [6], "float16", "a.bias"), {
    transposeB: true,
  });
  graph.output("y", matMul(emit("Softmax", [hidden], { axis: int(-1) }), weight(graph, [6, 4], "float16", "b.weight")));
  const weights = drawAll(graph);
  const feeds: Tensors = new Map([["x", drawn("float16", [3, 8], "x")]]);
  const { attached, weights: trained, losses } = await learn(graph, weights, ["a", "b"], feeds);
  expect(losses[1]).toBeLessThan(0.9 * losses[0]);
  expect(attached.adapted.graph.result("y").dtype).toBe("float16");
  const merged = (await mergeAdapter(graph, attached.adapted, trained, backend))!;
  expect(new Set([...merged.values()].map(({ dtype }) => dtype))).toEqual(new Set(["float16"]));
  const direct = await run(toOnnx(attached.adapted.graph, { weights: only(attached.adapted.graph, trained) }), feeds);
  expectClose(await run(toOnnx(graph, { weights: merged }), feeds), direct, 2e-2, 2e-2, "merged");
});

test("adapters in front of rounded activations learn too", async () => {
  const graph = new Graph("two");
  const first = matMul(rounded(graph, x(graph, 3, 8)), weight(graph, [8, 6], "float32", "a.weight"));
  graph.output("y", matMul(rounded(graph, relu(first)), weight(graph, [6, 4], "float32", "b.weight")));
  const feeds: Tensors = new Map([["x", drawn("float32", [3, 8], "x")]]);
  const { weights, losses } = await learn(graph, drawAll(graph), ["a"], feeds);
  expect(losses[1]).toBeLessThan(0.95 * losses[0]);
  expect(weights.get("a.lora_B.weight")).not.toEqual(zeros("float32", [6, 2]));
});

test("weights that exporters give the name of one module have factors of their own, and its name means both", async () => {
  const graph = new Graph("mlp");
  const layer = (input: Value, name: string, shape: readonly number[], node: string): Value =>
    graph.node("MatMul", [input, graph.parameter(name, shape, zero)], { name: node })[0]!;
  const hidden = relu(layer(x(graph, 3, 8), "onnx::MatMul_5", [8, 4], "/mlp/MatMul"));
  graph.output("y", layer(hidden, "onnx::MatMul_6", [4, 8], "/mlp/MatMul_1"));
  const config = adapterSchema.parse({ type: "lora", rank: 2, targets: ["mlp"] });
  const { adapted } = await attachAdapter(graph, drawAll(graph), config, { seed: 1, backend });
  expect(adapted.parameters).toEqual([
    "mlp.lora_A.weight",
    "mlp.lora_B.weight",
    "mlp.MatMul_1.lora_A.weight",
    "mlp.MatMul_1.lora_B.weight",
  ]);
});

describe("what cannot be adapted is listed with the reason", () => {
  const attach = (build: (graph: Graph) => Value, more: object = {}) => {
    const graph = new Graph("layer");
    graph.output("y", build(graph));
    const config = adapterSchema.parse({ type: "lora", rank: 2, targets: ["*"], ...more });
    return attachAdapter(graph, drawAll(graph), config, { seed: 1, backend });
  };
  const quantized = (g: Graph): Value => g.constant({ dtype: "uint8", shape: [8, 4], data: new Uint8Array(32) }, "wq");

  test.each([
    ["a graph without weights", (g: Graph) => relu(x(g, 3, 8)), /no layer of this graph has weights/],
    [
      "a product of integers",
      (g: Graph) =>
        g.node("MatMulInteger", [g.input("x", "uint8", [3, 8]), quantized(g)], {
          outputTypes: [{ dtype: "int32", shape: [3, 4] }],
        })[0]!,
      /wq \(MatMulInteger computes with integers/,
    ],
    [
      "a fused operator",
      (g: Graph) =>
        g.node("FusedMatMul", [x(g, 3, 8), weight(g, [8, 4])], {
          domain: "com.microsoft",
          outputTypes: [{ dtype: "float32", shape: [3, 4] }],
        })[0]!,
      /fc \(com\.microsoft\.FusedMatMul is an operator of ONNX Runtime's own/,
    ],
    [
      "a weight that is computed",
      (g: Graph) => {
        const v = weight(g, [8, 4]);
        return matMul(x(g, 3, 8), emit("Div", [v, sqrt(reduceSumSquare(v, [0]))]));
      },
      /its weight is computed by Div/,
    ],
    [
      "a constant",
      (g: Graph) => matMul(x(g, 3, 8), g.constant(drawn("float32", [8, 4], "w"), "table")),
      /table \(its weight is a constant of the graph/,
    ],
  ])("%s", async (_name, build, message) => {
    await expect(attach(build)).rejects.toMatchObject({
      code: "bad-configuration",
      fix: expect.stringMatching(message),
    });
  });

  test("beside layers that are adapted", async () => {
    const { adapted } = await attach((g) =>
      matMul(matMul(x(g, 3, 8), weight(g, [8, 4])), g.constant(drawn("float32", [4, 4], "w"), "table")),
    );
    expect(adapted.left).toMatchObject([{ module: "table" }]);
  });

  test("settings without a form", async () => {
    const build = (g: Graph): Value => matMul(weight(g, [4, 8]), x(g, 8, 3));
    await expect(attach(build, { dora: true })).rejects.toThrow(/DoRA has no form for this form of MatMul/);
    const { adapted, weights } = await attach(build, { dropout: 0.1 });
    // What is dropped is dropped for the update alone: nothing of the input gives the base, all of it the whole update.
    const [factor] = [...weights.keys()].filter((name) => name.endsWith(".lora_B.weight"));
    weights.set(factor!, drawn("float32", weights.get(factor!)!.shape, "B"));
    const [[mask, { shape }]] = [...adapted.graph.inputs].filter(([, { random }]) => random?.kind === "dropout") as [
      [string, Value],
    ];
    const given = drawn("float32", [8, 3], "x");
    const run = async (graph: Graph, feeds: Tensors): Promise<Tensor> =>
      (await runGraph(graph, new Map([...feeds, ["x", given]]))).get("y")!;
    const masked = (value: number): Promise<Tensor> =>
      run(
        adapted.graph,
        new Map([...weights, [mask, float32(shape, new Float32Array(elementCount(shape)).fill(value))]]),
      );
    const base = new Graph("base");
    base.output("y", build(base));
    const undropped = await attach(build);
    const own = (wanted: Graph): Tensors => new Map([...weights].filter(([name]) => wanted.parameters.has(name)));
    const dropped = await masked(0);
    expectClose(dropped, await run(base, own(base)), 1e-5, 1e-6, "nothing seen");
    const all = await run(undropped.adapted.graph, own(undropped.adapted.graph));
    expectClose(await masked(1), all, 1e-5, 1e-5, "everything seen");
    const update = (all.data as Float32Array).map((y, i) => y - (dropped.data as Float32Array)[i]!);
    expect(Math.max(...update.map(Math.abs))).toBeGreaterThan(0.1);
    const tied = (g: Graph): Value =>
      matMul(matMul(x(g, 3, 8), weight(g, [8, 4])), transpose(weight(g, [8, 4]), [1, 0]));
    await expect(attach(tied, { dropout: 0.1 })).rejects.toThrow(/dropout has no form/);
  });
});
