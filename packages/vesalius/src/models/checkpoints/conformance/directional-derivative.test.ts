import { beforeAll, describe, expect, test } from "vitest";
import {
  abs,
  add,
  cast,
  divide,
  emit,
  exp,
  float32,
  type GradientContext,
  Graph,
  int,
  log,
  matMul,
  multiply,
  reduceMean,
  reduceSum,
  relu,
  sigmoid,
  sin,
  softmax,
  sqrt,
  square,
  subtract,
  tanh,
  type Tensors,
  type Value,
} from "../../../graph/index.ts";
import { type Backend, nodeCpu } from "../../../runtime/index.node.ts";
import { checkDerivative } from "./directional-derivative.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await nodeCpu();
});

type Build = (x: Value, graph: Graph) => Value;

/** Checks a function of one vector. */
async function check(build: Build, numbers: readonly number[]) {
  const graph = new Graph("function");
  graph.output("y", build(graph.input("x", "float32", [numbers.length]), graph));
  const feeds: Tensors = new Map([["x", float32([numbers.length], numbers)]]);
  return checkDerivative(graph, feeds, backend);
}

/** A function whose own rule gives another gradient, `dy` times what `rule` returns. */
const withRule =
  (type: string, rule: (x: Value) => Value): Build =>
  (x, graph) =>
    graph.node(type, [x], {
      gradient: {
        rule: ({ outputGradients: [dy], inputs: [input] }: GradientContext) => [multiply(dy!, rule(input!))],
      },
    })[0]!;

const some = [0.5, -1.25, 2, 0.75, -0.3, 1.5, -2.2, 0.1];
const scaled = (factor: number): number[] => some.map((x) => factor * x);

describe("does not blame the gradient", () => {
  test.each<readonly [string, Build, readonly number[]]>([
    ["infinite outputs", (x) => log(x), [0, 0, 0]],
    ["infinite outputs of overflow", (x) => exp(x), [100, 200]],
    ["numbers outside the domain", (x) => sqrt(x), [-1, -2]],
    ["an infinite derivative", (x) => sqrt(x), [0, 0]],
    ["a kink", (x) => relu(x), [0]],
    ["a kink with one side of each", (x) => abs(x), [0, 0, 0]],
    ["the largest of equal numbers", (x) => emit("ReduceMax", [x], { keepdims: int(0) }), [1, 1, 1, 1]],
    ["changes that the output rounds away", (x) => add(x, 1e9), some],
    ["changes that are rounded away inside", (x) => subtract(add(x, 1e6), 1e6), [0.01]],
    ["waves shorter than the step", (x) => sin(multiply(x, 4e3)), some],
    ["a step that is hardly wider than none", (x) => tanh(multiply(x, 1e7)), scaled(1e-7)],
    ["rounding", (x) => add(x, multiply(cast(cast(multiply(x, 8), "int32"), "float32"), 0.5)), scaled(1.01)],
    ["half precision", (x) => cast(square(cast(x, "float16")), "float32"), some],
    [
      "quantisation",
      (x, g) => {
        const zero = g.constant({ dtype: "uint8", shape: [], data: Uint8Array.of(128) });
        const codes = emit("QuantizeLinear", [x, g.scalar(0.05), zero]);
        return square(emit("DequantizeLinear", [codes, g.scalar(0.05), zero]));
      },
      some,
    ],
  ])("for %s", async (_name, build, numbers) => {
    const { status, ...rest } = await check(build, numbers);
    expect({ status, ...rest }).not.toMatchObject({ status: "wrong" });
    if (status === "skipped") expect((rest as { reason: string }).reason).not.toBe("");
  });
});

describe("checks what can be checked", () => {
  test.each<readonly [string, Build, readonly number[]]>([
    ["a gradient of zero", (x) => reduceSum(softmax(x)), some],
    ["a gradient that cancels", (x) => reduceMean(subtract(multiply(x, 1e3), reduceMean(multiply(x, 1e3)))), some],
    ["a sharp function", (x) => sigmoid(multiply(x, 300)), scaled(1e-3)],
    [
      "a normalization of almost equal numbers",
      (x) => {
        const centred = subtract(x, reduceMean(x));
        return divide(centred, sqrt(add(reduceMean(square(centred)), 1e-5)));
      },
      scaled(1e-3),
    ],
    ["large numbers", (x) => square(multiply(x, 1e-3)), scaled(1e5)],
    ["differences of large numbers", (x) => softmax(x), [1e4, 1e4 + 1, 1e4 - 0.5, 1e4 + 2]],
    ["small numbers", (x) => exp(x), scaled(1e-6)],
    ["an infinite output beside finite ones", (x) => exp(x), [500, 0.5, -1, 2]],
  ])("%s", async (_name, build, numbers) => {
    expect(await check(build, numbers)).toEqual({ status: "checked" });
  });
});

describe("finds faults", () => {
  test.each<readonly [string, Build, readonly number[]]>([
    ["a wrong factor", withRule("Exp", (x) => multiply(exp(x), 1.05)), some],
    ["a wrong sign", withRule("Exp", (x) => multiply(exp(x), -1)), some],
    ["a gradient of a constant function", withRule("Sign", (x) => add(multiply(x, 0), 1)), some],
    ["no gradient where there is one", withRule("Exp", (x) => multiply(x, 0)), some],
    ["no number where there is one", withRule("Exp", (x) => divide(multiply(x, 0), multiply(x, 0))), some],
    [
      "one element of many",
      withRule("Exp", (x) => multiply(exp(x), x.graph.constant(float32([8], [1, 1, 1, 1, 1, 1, 1, 2])))),
      some,
    ],
    ["a fault in large numbers", withRule("Identity", (x) => add(multiply(x, 0), 0.5)), scaled(1e5)],
    ["a fault in small numbers", withRule("Exp", (x) => multiply(exp(x), 0.5)), scaled(1e-6)],
    ["a fault beside infinite outputs", withRule("Exp", (x) => multiply(exp(x), 0.5)), [500, 0.5, -1, 2]],
    [
      "a fault in a network",
      (x, g) => {
        const weight = g.constant(
          float32(
            [8, 8],
            Array.from({ length: 64 }, (_, i) => Math.sin(i + 1)),
          ),
        );
        const hidden = withRule("Tanh", (h) => add(multiply(square(tanh(h)), -1), 1.2))(matMul(x, weight), g);
        return matMul(hidden, weight);
      },
      some,
    ],
  ])("%s", async (_name, build, numbers) => {
    expect(await check(build, numbers)).toMatchObject({ status: "wrong" });
  });
});
