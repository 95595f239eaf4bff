import { beforeAll, describe, expect, test } from "vitest";
import { widenFloat16 } from "../../common/float16.ts";
import type { Backend } from "../../runtime/index.ts";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { gradients } from "../autodiff.ts";
import { gather, linear, matMul, multiply, reduceSum, relu } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { initializeParameters } from "../initialize.ts";
import { numbersOf, runGraph } from "../testing/run.ts";
import { float32, type Tensors } from "../../common/tensor.ts";
import type { Value } from "../value.ts";
import { type Float16Options, narrow, storeFloat16 } from "./quantization-float16.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await nodeCpu();
});

const normal = { kind: "normal", standardDeviation: 0.3 } as const;
const isTrained = ({ name }: Value): boolean => name === "trained";

/** A table, a trained matrix, and two frozen ones behind it. */
function network(): Graph {
  const graph = new Graph("network");
  const parameter = (name: string, shape: readonly number[]): Value => graph.parameter(name, shape, normal);
  const tokens = graph.input("tokens", "int32", [2, 5]);
  const vectors = multiply(gather(parameter("table", [11, 8]), tokens), parameter("trained", [5, 8]));
  const hidden = relu(linear(vectors, parameter("first", [12, 8]), parameter("bias", [12])));
  const result = matMul(hidden, parameter("second", [12, 3]));
  graph.output("loss", reduceSum(multiply(result, result), undefined, { keepDimensions: false }));
  return graph;
}

const differentiated = (graph: Graph): Graph => {
  const [[, gradient] = []] = gradients(graph.result("loss"), [graph.parameters.get("trained")!]);
  graph.output("gradient", gradient!);
  return graph;
};

async function compare(options: Float16Options): Promise<void> {
  const base = network();
  const { graph, names } = storeFloat16(base, { minimumElements: 1, trained: isTrained, ...options });
  expect(names).toEqual(["table", "first", "second"]);
  const weights = initializeParameters(base, 5);
  const stored: Tensors = new Map(weights);
  for (const name of names) {
    const tensor = narrow(weights.get(name)!, name);
    stored.set(name, tensor);
    weights.set(name, float32(tensor.shape, widenFloat16(tensor.data as Uint16Array)));
  }
  const tokens = { dtype: "int32" as const, shape: [2, 5], data: Int32Array.from({ length: 10 }, (_, i) => i) };
  const run = (each: Graph, tensors: Tensors) =>
    runGraph(backend, differentiated(each), { tokens, ...Object.fromEntries(tensors) });
  const [actual, expected] = [await run(graph, stored), await run(base, weights)];
  for (const output of ["loss", "gradient"]) {
    const wanted = numbersOf(expected, output);
    const largest = Math.max(...wanted.map(Math.abs));
    // The same float32 products in both: they may only be summed in another order.
    numbersOf(actual, output).forEach((value, i) =>
      expect(Math.abs(value - wanted[i]!)).toBeLessThanOrEqual(1e-6 * largest),
    );
  }
}

describe("a graph with float16 weights computes what the widened weights do", () => {
  test.each(["training", "inference"] as const)("outputs and gradients: %s", (use) => compare({ use }));
});

test("what is small, trained or read in another way stays float32", () => {
  const graph = network();
  expect(storeFloat16(graph).names).toEqual([]);
  graph.output("sum", reduceSum(graph.parameters.get("first")!));
  const { names, graph: stored } = storeFloat16(graph, { minimumElements: 1, trained: isTrained });
  expect(names).toEqual(["table", "second"]);
  expect(stored.parameters.get("first")!.dtype).toBe("float32");
});

describe("narrow", () => {
  test.each([NaN, Infinity, 65_520, -1e9])("refuses %d", (value) => {
    expect(() => narrow(float32([2], [1, value]), "w")).toThrow(
      expect.objectContaining({ code: "not-a-number", where: "w" }),
    );
  });

  test("leaves float16 as it is and refuses integers", () => {
    const half = narrow(float32([2], [1, -2.5]), "w");
    expect(narrow(half, "w")).toEqual(half);
    expect(() => narrow({ dtype: "int32", shape: [1], data: Int32Array.of(1) }, "w")).toThrow(/only float32/);
  });
});
