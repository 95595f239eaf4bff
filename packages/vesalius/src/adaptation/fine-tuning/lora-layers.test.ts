import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import {
  add,
  convolution,
  elementCount,
  gather,
  gemm,
  Graph,
  gradients,
  linear,
  matMul,
  multiply,
  reduceSum,
  type Tensor,
  type Tensors,
  transpose,
  type Value,
} from "../../graph/index.ts";
import { expectClose, runGraph } from "../../testing/reference.node.ts";
import { applyLora } from "./lora.ts";
import { type LoraConfig, loraSchema } from "./lora-config.ts";
import { loraUnmergeGraph } from "./lora-merge.ts";

const zero = { kind: "zeros" } as const;

/** One layer called `layer`, in each form in which a weight can stand in a graph. */
const forms = {
  "linear, [out, in]": (g: Graph) =>
    linear(
      g.input("x", "float32", [2, 3, 6]),
      g.parameter("layer.weight", [5, 6], zero),
      g.parameter("layer.bias", [5], zero),
    ),
  "linear, [in, out] in a Gemm": (g: Graph) =>
    gemm(
      g.input("x", "float32", [4, 6]),
      g.parameter("layer.weight", [6, 5], zero),
      g.parameter("layer.bias", [5], zero),
    ),
  "linear, [in, out] in a MatMul, bias added after it": (g: Graph) =>
    add(
      matMul(g.input("x", "float32", [2, 3, 6]), g.parameter("layer.weight", [6, 5], zero)),
      g.parameter("layer.bias", [5], zero),
    ),
  "linear, [out, in] transposed in the graph": (g: Graph) =>
    matMul(g.input("x", "float32", [2, 3, 6]), transpose(g.parameter("layer.weight", [5, 6], zero), [1, 0])),
  "convolution over one axis": (g: Graph) =>
    convolution(
      g.input("x", "float32", [2, 3, 8]),
      g.parameter("layer.weight", [5, 3, 3], zero),
      g.parameter("layer.bias", [5], zero),
      { padding: 1, stride: 2 },
    ),
  "convolution over two axes": (g: Graph) =>
    convolution(g.input("x", "float32", [2, 3, 7, 6]), g.parameter("layer.weight", [5, 3, 3, 2], zero), undefined, {
      padding: 1,
      dilation: 2,
    }),
  "convolution over three axes": (g: Graph) =>
    convolution(
      g.input("x", "float32", [1, 2, 4, 4, 5]),
      g.parameter("layer.weight", [4, 2, 2, 2, 2], zero),
      g.parameter("layer.bias", [4], zero),
      { stride: [1, 2, 1] },
    ),
  "convolution in groups": (g: Graph) =>
    convolution(g.input("x", "float32", [2, 6, 7, 6]), g.parameter("layer.weight", [9, 2, 3, 2], zero), undefined, {
      padding: 1,
      groups: 3,
    }),
  "convolution of each channel": (g: Graph) =>
    convolution(
      g.input("x", "float32", [2, 4, 8]),
      g.parameter("layer.weight", [4, 1, 3], zero),
      g.parameter("layer.bias", [4], zero),
      { groups: 4 },
    ),
  embedding: (g: Graph) => gather(g.parameter("layer.weight", [9, 5], zero), g.input("ids", "int32", [2, 3])),
} as const satisfies Record<string, (graph: Graph) => Value>;

type Form = keyof typeof forms;

function graphOf(form: Form): Graph {
  const graph = new Graph("layer");
  graph.output("y", forms[form](graph));
  return graph;
}

/** Random elements of a value, the same for the same seed and name. */
function drawn({ name, dtype, shape }: Value, seed: number): Tensor {
  const stream = randomStream(seed, name);
  const count = elementCount(shape);
  if (dtype === "int32") return { dtype, shape, data: Int32Array.from({ length: count }, () => stream.integer(9)) };
  return { dtype: "float32", shape, data: Float32Array.from({ length: count }, () => stream.normal()) };
}

const drawAll = (graph: Graph, seed: number): Tensors =>
  new Map([...graph.parameters.values(), ...graph.inputs.values()].map((value) => [value.name, drawn(value, seed)]));

const configOf = (given: Partial<LoraConfig>): LoraConfig => loraSchema.parse({ targets: ["layer"], ...given });

const renamed = (tensors: Tensors, from: string, to: string): Tensors =>
  new Map([...tensors].map(([name, tensor]) => [name.replace(from, to), tensor]));

const settings = fc.record({
  rank: fc.integer({ min: 1, max: 4 }),
  alpha: fc.double({ min: 0.5, max: 8, noNaN: true }),
  rankStabilized: fc.boolean(),
  dora: fc.boolean(),
});

describe.each(Object.keys(forms) as Form[])("LoRA on a %s", (form) => {
  test("merged weights give what the adapted layer gives, and unmerging gives the base back", async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.nat(1000), async (given, seed) => {
        const base = graphOf(form);
        const config = configOf({ ...given, dora: given.dora && form !== "embedding" });
        const adapted = applyLora(base, config);
        const all = drawAll(adapted.graph, seed);
        const direct = (await runGraph(adapted.graph, all)).get("y")!;
        const merged = renamed(await runGraph(adapted.merge!, all), ".merged", "");
        const indirect = (await runGraph(base, new Map([...all, ...merged]))).get("y")!;
        const size = Math.max(1, ...(direct.data as Float32Array).map(Math.abs));
        expectClose(indirect, direct, 0, 2e-5 * size, "merged");
        const norms = renamed(merged, "layer.weight.norm", "layer.weight.norm");
        const back = await runGraph(loraUnmergeGraph(adapted.modules), new Map([...all, ...merged, ...norms]));
        expectClose(back.get("layer.weight.unmerged")!, all.get("layer.weight")!, 1e-4, 1e-4, "unmerged");
      }),
      { numRuns: 6 },
    );
  });

  test("starts equal to the base", async () => {
    const base = graphOf(form);
    for (const dora of form === "embedding" ? [false] : [false, true]) {
      const adapted = applyLora(base, configOf({ rank: 2, dora }));
      const all = drawAll(adapted.graph, 1);
      const { a, b } = adapted.modules[0]!;
      const idle = form === "embedding" ? a : b;
      const shape = all.get(idle)!.shape;
      all.set(idle, { dtype: "float32", shape, data: new Float32Array(elementCount(shape)) });
      if (adapted.start !== undefined)
        for (const [name, tensor] of await runGraph(adapted.start, all)) all.set(name.replace(".start", ""), tensor);
      const [before, after] = [await runGraph(base, all), await runGraph(adapted.graph, all)];
      expectClose(after.get("y")!, before.get("y")!, 1e-6, dora ? 1e-5 : 0, "y");
    }
  });
});

describe("DoRA", () => {
  const [rows, inside, out, rank] = [4, 6, 5, 2] as const;
  const graph = new Graph("layer");
  const x = graph.input("x", "float32", [rows, inside]);
  const weight = graph.parameter("layer.weight", [out, inside], zero);
  graph.output("y", linear(x, weight, graph.parameter("layer.bias", [out], zero)));
  const config = configOf({ rank, alpha: 3, dora: true });
  const adapted = applyLora(graph, config);
  const all = drawAll(adapted.graph, 7);
  const of = (name: string) => all.get(name)!.data as Float32Array;
  const [A, B, W, X] = [of("layer.lora_A.weight"), of("layer.lora_B.weight"), of("layer.weight"), of("x")];
  const [magnitude, bias] = [of("layer.lora_magnitude_vector"), of("layer.bias")];
  const scaling = 3 / rank;
  const sum = (count: number, term: (i: number) => number): number =>
    Array.from({ length: count }, (_, i) => term(i)).reduce((total, value) => total + value, 0);
  const direction = (o: number, i: number): number =>
    W[o * inside + i]! + scaling * sum(rank, (r) => B[o * rank + r]! * A[r * inside + i]!);
  const factor = (o: number): number => magnitude[o]! / Math.sqrt(sum(inside, (i) => direction(o, i) ** 2));

  test("is magnitude * (W + scaling B A) x / norm + bias", async () => {
    const expected = Float32Array.from({ length: rows * out }, (_, at) => {
      const [n, o] = [Math.floor(at / out), at % out];
      return factor(o) * sum(inside, (i) => direction(o, i) * X[n * inside + i]!) + bias[o]!;
    });
    const y = (await runGraph(adapted.graph, all)).get("y")!;
    expectClose(y, { dtype: "float32", shape: [rows, out], data: expected }, 1e-5, 1e-5, "y");
  });

  test("its gradient takes the norm for a constant", async () => {
    const training = applyLora(graph, config).graph;
    const wanted = ["layer.lora_B.weight", "layer.lora_magnitude_vector"].map((name) => training.parameters.get(name)!);
    const loss = reduceSum(multiply(training.result("y"), training.input("g", "float32", [rows, out])), undefined, {
      keepDimensions: false,
    });
    for (const [value, gradient] of gradients(loss, wanted)) training.output(`d ${value.name}`, gradient);
    const upstream = drawn(training.inputs.get("g")!, 3);
    const g = upstream.data as Float32Array;
    const results = await runGraph(training, new Map([...all, ["g", upstream]]));
    const dB = Float32Array.from({ length: out * rank }, (_, at) => {
      const [o, r] = [Math.floor(at / rank), at % rank];
      const down = (n: number) => sum(inside, (i) => A[r * inside + i]! * X[n * inside + i]!);
      return factor(o) * scaling * sum(rows, (n) => g[n * out + o]! * down(n));
    });
    const dMagnitude = Float32Array.from({ length: out }, (_, o) =>
      sum(
        rows,
        (n) => (g[n * out + o]! * factor(o) * sum(inside, (i) => direction(o, i) * X[n * inside + i]!)) / magnitude[o]!,
      ),
    );
    expectClose(
      results.get("d layer.lora_B.weight")!,
      { dtype: "float32", shape: [out, rank], data: dB },
      1e-4,
      1e-5,
      "B",
    );
    expectClose(
      results.get("d layer.lora_magnitude_vector")!,
      { dtype: "float32", shape: [out], data: dMagnitude },
      1e-4,
      1e-5,
      "magnitude",
    );
  });

  test("with dropout, what is dropped is missing from the update and from the rescaling alone", async () => {
    const dropping = applyLora(graph, { ...config, dropout: 0.5 });
    const ones = { dtype: "float32" as const, shape: [rows, inside], data: new Float32Array(rows * inside).fill(1) };
    const [plain, kept] = [
      (await runGraph(adapted.graph, all)).get("y")!,
      (await runGraph(dropping.graph, new Map([...all, ["layer.dropout", ones]]))).get("y")!,
    ];
    expectClose(kept, plain, 1e-4, 1e-5, "nothing dropped");
    const none = { ...ones, data: new Float32Array(rows * inside) };
    const dropped = (await runGraph(dropping.graph, new Map([...all, ["layer.dropout", none]]))).get("y")!;
    expectClose(dropped, (await runGraph(graph, all)).get("y")!, 1e-5, 1e-5, "all dropped");
  });
});

test("ranks and alphas of single modules", () => {
  const graph = new Graph("two");
  const x = graph.input("x", "float32", [2, 6]);
  const first = linear(x, graph.parameter("a.weight", [6, 6], zero));
  graph.output("y", linear(first, graph.parameter("b.weight", [6, 6], zero)));
  const { modules } = applyLora(
    graph,
    loraSchema.parse({
      rank: 4,
      targets: ["a", "b"],
      rankPattern: { b: 2 },
      alphaPattern: { a: 12 },
      rankStabilized: true,
    }),
  );
  expect(modules.map(({ module, scaling, shapes }) => [module, scaling, shapes.a])).toEqual([
    ["a", 6, [4, 6]],
    ["b", 8 / Math.sqrt(2), [2, 6]],
  ]);
});

test("a quantized weight is adapted but not merged", async () => {
  const graph = new Graph("quantized");
  const weight = graph.parameter("layer.weight", [5, 6], zero, "int8");
  const scale = graph.constant({ dtype: "float32", shape: [], data: Float32Array.of(0.25) });
  const dequantized = graph.node("DequantizeLinear", [weight, scale])[0]!;
  graph.output("y", linear(graph.input("x", "float32", [2, 6]), dequantized));
  const adapted = applyLora(graph, configOf({ rank: 2, dora: true }));
  expect(adapted.merge).toBeUndefined();
  const all = drawAll(adapted.graph, 5);
  all.set("layer.weight", { dtype: "int8", shape: [5, 6], data: Int8Array.from({ length: 30 }, (_, i) => i - 15) });
  all.set("layer.lora_B.weight", { dtype: "float32", shape: [5, 2], data: new Float32Array(10) });
  const start = await runGraph(adapted.start!, all);
  all.set("layer.lora_magnitude_vector", start.get("layer.lora_magnitude_vector.start")!);
  const [before, after] = [await runGraph(graph, all), await runGraph(adapted.graph, all)];
  expectClose(after.get("y")!, before.get("y")!, 1e-5, 1e-5, "y");
});

describe("what cannot be adapted is refused", () => {
  test("DoRA on an embedding", () => {
    expect(() => applyLora(graphOf("embedding"), configOf({ dora: true }))).toThrow(/no form for embeddings/);
  });

  test("DoRA on a weight that another place uses too", () => {
    const graph = new Graph("tied");
    const table = graph.parameter("layer.weight", [9, 5], zero);
    const vectors = gather(table, graph.input("ids", "int32", [2, 3]));
    graph.output("logits", linear(vectors, table));
    expect(() => applyLora(graph, configOf({ dora: true }))).toThrow(/DoRA has no form for/);
  });

  test("float64 weights", () => {
    const graph = new Graph("double");
    const weight = graph.parameter("layer.weight", [5, 6], zero, "float64");
    graph.output("y", linear(graph.input("x", "float64", [2, 6]), weight));
    expect(() => applyLora(graph, configOf({}))).toThrow(/adapts float32 layers/);
  });
});
