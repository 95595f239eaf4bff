import { beforeAll, describe, expect, test } from "vitest";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { Graph } from "../graph.ts";
import { float32 } from "../../common/tensor.ts";
import type { Engine } from "../testing/finite-difference.ts";
import { numbersOf, runGraph } from "../testing/run.ts";
import type { Value } from "../value.ts";
import * as activations from "./activations.ts";
import { clip } from "./arithmetic.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await nodeCpu();
});

const points = [-4, -2.5, -1, -0.2, 0, 0.3, 1, 2.5, 4];
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.log1p(Math.exp(x));
const ramp = (x: number): number => Math.max(0, Math.min(1, x / 6 + 0.5));

/** Each activation as its paper defines it. */
const definitions: readonly (readonly [string, (x: Value) => Value, (x: number) => number])[] = [
  ["relu", activations.relu, (x) => Math.max(x, 0)],
  ["sigmoid", activations.sigmoid, sigmoid],
  ["tanh", activations.tanh, Math.tanh],
  ["softplus", activations.softplus, softplus],
  ["silu", activations.silu, (x) => x * sigmoid(x)],
  ["quickGelu", activations.quickGelu, (x) => x * sigmoid(1.702 * x)],
  ["leakyRelu", (x) => activations.leakyRelu(x, 0.2), (x) => (x > 0 ? x : 0.2 * x)],
  ["elu", (x) => activations.elu(x, 0.7), (x) => (x > 0 ? x : 0.7 * Math.expm1(x))],
  ["celu", (x) => activations.celu(x, 0.7), (x) => (x > 0 ? x : 0.7 * Math.expm1(x / 0.7))],
  ["selu", activations.selu, (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x))],
  ["softsign", activations.softsign, (x) => x / (1 + Math.abs(x))],
  ["mish", activations.mish, (x) => x * Math.tanh(softplus(x))],
  ["hardSigmoid", activations.hardSigmoid, ramp],
  ["hardSwish", activations.hardSwish, (x) => x * ramp(x)],
  ["clip", (x) => clip(x, -1, 2), (x) => Math.min(Math.max(x, -1), 2)],
  ["clip from above", (x) => clip(x, undefined, 0.5), (x) => Math.min(x, 0.5)],
];

describe("activations", () => {
  test.each(definitions)("%s", async (_name, build, expected) => {
    const graph = new Graph();
    graph.output("y", build(graph.input("x", "float32", [points.length])));
    const y = numbersOf(await runGraph(engine, graph, { x: float32([points.length], points) }), "y");
    y.forEach((value, i) => expect(value).toBeCloseTo(expected(points[i]!), 5));
  });
});
