import { expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import { float32, type Tensor, type Tensors } from "../../common/tensor.ts";
import { nodeCpu, Program } from "../../runtime/index.node.ts";
import { add, gather, gemm, linear, matMul, reshape } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { encodeFourBits, fourBitProducts } from "./four-bit-products.ts";

const drawn = (name: string, shape: readonly number[]): Tensor => {
  const random = randomStream(5, name);
  return float32(
    shape,
    Float32Array.from({ length: shape.reduce((product, n) => product * n, 1) }, () => random.normal()),
  );
};

/** A tied table, a product with bias that turns its weight, and one that does not. */
function network(): { readonly graph: Graph; readonly weights: Tensors } {
  const graph = new Graph();
  const zeros = { kind: "zeros" } as const;
  const table = graph.parameter("table", [96, 64], zeros);
  const x = reshape(gather(table, graph.input("tokens", "int32", [2, 3])), [6, 64]);
  const hidden = linear(x, graph.parameter("up", [128, 64], zeros), graph.parameter("bias", [128], zeros));
  const back = add(
    gemm(hidden, graph.parameter("down", [128, 64], zeros)),
    matMul(x, graph.parameter("side", [64, 64], zeros)),
  );
  graph.output("y", linear(back, table));
  return { graph, weights: new Map([...graph.parameters].map(([name, { shape }]) => [name, drawn(name, shape)])) };
}

/** What 4 bits make of a weight: read from its codes and scales. */
function rounded({ shape, data }: Tensor, codes: Tensor, scale: Tensor, transposed: boolean): Tensor {
  const numbers = new Float32Array(data.length);
  const [out, inside] = transposed ? (shape as [number, number]) : ([shape[1]!, shape[0]!] as const);
  for (let row = 0; row < out; row++)
    for (let k = 0; k < inside; k++) {
      const at = row * inside + k;
      const code = ((codes.data as Uint8Array)[at >> 1]! >> ((at & 1) * 4)) & 15;
      numbers[transposed ? at : k * out + row] = (scale.data as Float32Array)[at >> 5]! * (code - 8);
    }
  return { dtype: "float32", shape, data: numbers };
}

test("computes with the rounded weights, which are near the given ones", async () => {
  const { graph, weights } = network();
  const backend = await nodeCpu();
  const stored: Tensors = new Map();
  const expected: Tensors = new Map(weights);
  const exact = fourBitProducts(graph, { exact: true, minimumElements: 1 });
  expect(exact.weights.map(({ name, products, rows, transposed }) => [name, products, rows, transposed])).toEqual([
    ["table", true, true, true],
    ["up", true, false, true],
    ["down", true, false, false],
    ["side", true, false, false],
  ]);
  for (const weight of exact.weights) {
    const given = weights.get(weight.name)!;
    const parts = encodeFourBits(weight, given);
    for (const [name, part] of parts) stored.set(name, part);
    const near = rounded(
      given,
      parts.get(`${weight.name}.q4`)!,
      parts.get(`${weight.name}.q4_scale`)!,
      weight.transposed,
    );
    expected.set(weight.name, near);
    const off = (near.data as Float32Array).map((x, i) => Math.abs(x - (given.data as Float32Array)[i]!));
    // A step is an eighth of the largest of 32 numbers; the code 15 stands for 7 steps and takes 7.5 and more too.
    expect(Math.max(...off)).toBeLessThan(0.6);
  }
  const tokens: Tensor = { dtype: "int32", shape: [2, 3], data: Int32Array.of(1, 95, 0, 7, 7, 30) };
  const run = async (each: Graph, state: Tensors, inside: Tensors = new Map()): Promise<Float32Array> => {
    const program = await Program.compile(each, backend, [], { stored: inside });
    const y = (await program.run(new Map([["tokens", tokens]]), state)).get("y")!.data as Float32Array;
    await program.release();
    return y;
  };
  const reference = await run(graph, expected);
  const scale = Math.max(...reference.map(Math.abs));
  const found = await run(exact.graph, weights, stored);
  expect(Math.max(...found.map((y, i) => Math.abs(y - reference[i]!)))).toBeLessThan(1e-5 * scale);
  const kept = new Map(stored);
  const keep = backend.keepWeights!();
  for (const [name, tensor] of stored) kept.set(name, keep(tensor));
  const fast = await run(fourBitProducts(graph, { minimumElements: 1 }).graph, weights, kept);
  expect(Math.max(...fast.map((y, i) => Math.abs(y - reference[i]!)))).toBeLessThan(0.03 * scale);
});

test("a graph without weights of whole blocks, and weights that are none, are refused", () => {
  const graph = new Graph();
  graph.output("y", linear(graph.input("x", "float32", [1, 31]), graph.parameter("w", [200, 31], { kind: "zeros" })));
  expect(() => fourBitProducts(graph)).toThrow(/multiples of 32/);
  const weight = { name: "w", shape: [1, 32], transposed: true, products: true, rows: false };
  expect(() => encodeFourBits(weight, float32([1, 32], new Float32Array(32).fill(NaN)))).toThrow(
    expect.objectContaining({ code: "not-a-number", where: "w" }),
  );
});
