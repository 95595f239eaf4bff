import { beforeAll, describe, expect, test } from "vitest";
import type { VesaliusError } from "../common/errors.ts";
import { nodeCpu } from "../runtime/node-cpu.node.ts";
import { gradients } from "./autodiff.ts";
import { emit } from "./emit.ts";
import {
  add,
  exp,
  linear,
  matMul,
  multiply,
  reduceSum,
  relu,
  reshape,
  scaleGradient,
  softmax,
  split,
  square,
  stopGradient,
} from "./functions/index.ts";
import { Graph } from "./graph.ts";
import { float32, type Tensor } from "../common/tensor.ts";
import type { Engine } from "./testing/finite-difference.ts";
import { numbersOf, runGraph } from "./testing/run.ts";
import type { Value } from "./value.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await nodeCpu();
});

const total = (x: Value): Value => reduceSum(x, undefined, { keepDimensions: false });

/** Gradient of a loss by one value, computed by the runtime. */
async function gradientOf(loss: Value, wanted: Value, feeds: Record<string, Tensor>): Promise<number[]> {
  const { graph } = loss;
  graph.output("gradient", gradients(loss, [wanted]).get(wanted)!);
  return numbersOf(await runGraph(engine, graph, feeds), "gradient");
}

describe("gradients", () => {
  test("add up over all uses of a shared expression", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const shared = exp(x);
    // d/dx (e^x x + e^x) = e^x (x + 2)
    const loss = total(add(multiply(shared, x), shared));
    const gradient = await gradientOf(loss, x, { x: float32([2], [0, 1]) });
    expect(gradient[0]).toBeCloseTo(2, 5);
    expect(gradient[1]).toBeCloseTo(3 * Math.E, 5);
  });

  test("add up when one value is several operands of one node", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    expect(await gradientOf(total(emit("Sum", [x, x, x])), x, { x: float32([2], [1, 2]) })).toEqual([3, 3]);
  });

  test("reach a tied parameter from every layer that names it", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1, 2]);
    const weight = (): Value => graph.parameter("weight", [2, 2], { kind: "zeros" });
    expect(weight()).toBe(weight());
    // loss = sum(W W x), whose gradient by W is 1 (W x)^T + W^T 1 x^T
    const loss = total(linear(linear(x, weight()), weight()));
    const feeds = { x: float32([1, 2], [1, 2]), weight: float32([2, 2], [1, 2, 3, 4]) };
    expect(await gradientOf(loss, weight(), feeds)).toEqual([5 + 4, 11 + 8, 5 + 6, 11 + 12]);
  });

  test("stop where they are told to, and flow along the other paths", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    expect(await gradientOf(total(multiply(stopGradient(x), x)), x, { x: float32([2], [3, 4]) })).toEqual([3, 4]);
  });

  test("are scaled by a value of the graph on their way back", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const factor = graph.input("factor", "float32", []);
    const loss = total(square(scaleGradient(x, factor)));
    expect(await gradientOf(loss, x, { x: float32([2], [1, 2]), factor: float32([], [-0.5]) })).toEqual([-1, -2]);
  });

  test("follow a node's own rule instead of its operator's", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    // A straight-through estimator: rounds forwards, passes the gradient on unchanged.
    const [rounded] = graph.node("Round", [x], { gradient: { rule: ({ outputGradients }) => [outputGradients[0]] } });
    expect(await gradientOf(total(square(rounded!)), x, { x: float32([2], [1.2, 2.6]) })).toEqual([2, 6]);
  });

  test("are zero for outputs of a node that the loss does not read", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [4]);
    const parts = split(x, [1, 2, 1], 0);
    expect(await gradientOf(total(square(parts[1]!)), x, { x: float32([4], [1, 2, 3, 4]) })).toEqual([0, 4, 6, 0]);
  });

  test("stay finite where an unread output is infinite", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const parts = split(x, [1, 1], 0);
    const feeds = { x: float32([2], [1, Number.POSITIVE_INFINITY]) };
    expect(await gradientOf(total(parts[0]!), x, feeds)).toEqual([1, 0]);
  });

  test("exist for values in the middle of the graph and for the loss itself", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const middle = exp(x);
    const loss = total(square(middle));
    const found = gradients(loss, [middle, loss]);
    graph.output("middle", found.get(middle)!);
    graph.output("loss", found.get(loss)!);
    const results = await runGraph(engine, graph, { x: float32([2], [0, 0]) });
    expect(numbersOf(results, "middle")).toEqual([2, 2]);
    expect(numbersOf(results, "loss")).toEqual([1]);
  });

  test("are missing for values that the loss does not depend on", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const idle = graph.parameter("idle", [2], { kind: "ones" });
    expect([...gradients(total(x), [x, idle]).keys()]).toEqual([x]);
  });

  test("take a loss of one element in any rank", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    expect(await gradientOf(reshape(total(x), [1, 1]), x, { x: float32([2], [1, 2]) })).toEqual([1, 1]);
  });

  test("add no node behind what is not trained", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [3, 2]);
    const frozen = graph.parameter("frozen", [2, 2], { kind: "ones" });
    const head = graph.parameter("head", [1, 2], { kind: "ones" });
    const features = relu(linear(x, frozen));
    const loss = total(linear(features, head));
    const before = graph.nodes.length;
    gradients(loss, [head]);
    // Neither the frozen layer nor its activation is differentiated: only the sum and one matrix product.
    expect(graph.nodes.slice(before).map(({ type }) => type)).not.toContain("Greater");
    expect(graph.nodes.slice(before).filter(({ type }) => type === "Gemm" || type === "MatMul")).toHaveLength(1);
  });
});

describe("errors", () => {
  test("a loss that is no scalar is named with its shape", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    expect(() => gradients(x, [x])).toThrow(/must be a scalar, got shape \[2\].*\(x\)/);
  });

  test("an operator without a rule is named with its node and the parameter behind it", () => {
    const graph = new Graph();
    const weight = graph.parameter("encoder.weight", [2, 2], { kind: "ones" });
    const y = graph.scope("encoder", () =>
      graph.node("Det", [exp(weight)], { outputTypes: [{ dtype: "float32", shape: [] }] }),
    )[0]!;
    expect(() => gradients(y, [weight])).toThrow(
      /operator Det has no gradient rule \(node encoder\/Det_0, on the path from encoder\.weight to the loss\)/,
    );
  });

  test.each([
    ["LSTM", "", /train only what follows this node/],
    ["MatMulNBits", "com.microsoft", /with DequantizeLinear and MatMul/],
  ])("the remedy for %s is its own", (type, domain, remedy) => {
    const graph = new Graph();
    const weight = graph.parameter("encoder.weight", [2, 2], { kind: "ones" });
    const outputTypes = [{ dtype: "float32", shape: [] }] as const;
    const y = graph.node(type, [exp(weight)], { outputTypes, domain })[0]!;
    const failure = (): unknown => gradients(y, [weight]);
    expect(failure).toThrow(new RegExp(`operator ${type} has no gradient rule`));
    try {
      failure();
    } catch (error) {
      expect((error as VesaliusError).code).toBe("not-differentiable");
      expect((error as VesaliusError).fixAs((name) => name)).toMatch(remedy);
    }
  });

  test("such an operator does no harm where nothing is trained behind it", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 2]);
    const scale = graph.parameter("scale", [], { kind: "ones" });
    const [determinant] = graph.node("Det", [x], { outputTypes: [{ dtype: "float32", shape: [] }] });
    expect([...gradients(multiply(determinant!, scale), [scale]).keys()]).toEqual([scale]);
  });

  test("an output that the rule leaves out is named", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 3]);
    const scale = graph.parameter("scale", [3], { kind: "ones" });
    const [, mean] = graph.node("LayerNormalization", [x, scale], { outputCount: 3 });
    expect(() => gradients(total(mean!), [x])).toThrow(/output 1 of operator LayerNormalization has no gradient rule/);
  });

  test("steps of zero derivative end the search without an error", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    expect(gradients(total(emit("Sign", [x])), [x]).size).toBe(0);
  });
});

test("the gradient of attention agrees with the closed form of a softmax", async () => {
  const graph = new Graph();
  const scores = graph.input("scores", "float32", [1, 2]);
  const values = graph.input("values", "float32", [2, 1]);
  const loss = total(matMul(softmax(scores), values));
  // Equal scores: p = (1/2, 1/2), d loss / d score_i = p_i (v_i - mean v).
  const feeds = { scores: float32([1, 2], [0, 0]), values: float32([2, 1], [1, 3]) };
  const gradient = await gradientOf(loss, scores, feeds);
  expect(gradient[0]).toBeCloseTo(-0.5, 6);
  expect(gradient[1]).toBeCloseTo(0.5, 6);
});
