import { beforeAll, describe, expect, test } from "vitest";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { emit } from "../emit.ts";
import { exp, multiply, square, stopGradient } from "../functions/index.ts";
import type { GradientRule, Value } from "../value.ts";
import { checkGraph, type Engine, type GraphCase, type TestInput } from "./finite-difference.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await nodeCpu();
});

const input: TestInput = { shape: [2, 3], elements: { kind: "uniform", low: -1, high: 1 } };

const caseOf = (
  build: (x: Value) => readonly Value[],
  precision: GraphCase["precision"] = "float64",
  given: TestInput = input,
): GraphCase => ({ inputs: [given], build: ([x]) => build(x!), precision });

const withRule = (rule: GradientRule) => (x: Value) => x.graph.node("Exp", [x], { gradient: { rule } });

describe("checkGraph", () => {
  test.each(["float32", "float64"] as const)(
    "accepts a right gradient in %s and returns what was run",
    async (precision) => {
      const { inputs, outputs } = await checkGraph(
        engine,
        caseOf((x) => [exp(x), square(x)], precision),
        1,
      );
      const [x] = Array.from(inputs[0]!.data as Float32Array);
      expect((outputs[0]!.data as Float32Array)[0]).toBeCloseTo(Math.exp(x!), 5);
      expect((outputs[1]!.data as Float32Array)[0]).toBeCloseTo(x! * x!, 5);
    },
  );

  test.each(["float32", "float64"] as const)("notices a gradient that is 2 percent off in %s", async (precision) => {
    const rule: GradientRule = ({ outputs, outputGradients }) => [
      multiply(multiply(outputGradients[0]!, outputs[0]!), 1.02),
    ];
    await expect(checkGraph(engine, caseOf(withRule(rule), precision), 1)).rejects.toThrow(
      /the gradient rule gives .* central differences/,
    );
  });

  test("notices a gradient of a transposed result", async () => {
    const square33: TestInput = { ...input, shape: [3, 3] };
    const rule: GradientRule = ({ outputs, outputGradients }) => [
      emit("Transpose", [multiply(outputGradients[0]!, outputs[0]!)]),
    ];
    await expect(checkGraph(engine, caseOf(withRule(rule), "float64", square33), 1)).rejects.toThrow(
      /central differences/,
    );
  });

  test("notices a gradient that is not a number", async () => {
    const rule: GradientRule = ({ outputGradients }) => [multiply(outputGradients[0]!, Number.NaN)];
    await expect(checkGraph(engine, caseOf(withRule(rule)), 1)).rejects.toThrow(/gives NaN/);
  });

  test("notices a gradient of another shape", async () => {
    const rule: GradientRule = ({ outputGradients }) => [emit("ReduceSum", [outputGradients[0]])];
    await expect(checkGraph(engine, caseOf(withRule(rule)), 1)).rejects.toThrow(
      /gradient of input 0 is float64\[1, 1\]/,
    );
  });

  test("notices a gradient that is missing, and one that should not be there", async () => {
    await expect(
      checkGraph(
        engine,
        caseOf((x) => [stopGradient(x)]),
        1,
      ),
    ).rejects.toThrow(/input 0 has no gradient/);
    const fixed: TestInput = { ...input, differentiable: false };
    await expect(
      checkGraph(
        engine,
        caseOf((x) => [exp(x)], "float64", fixed),
        1,
      ),
    ).rejects.toThrow(/input 0 has a gradient/);
  });

  test("notices a shape that was inferred wrongly", async () => {
    const wrong = (x: Value): readonly Value[] =>
      x.graph.node("Transpose", [x], { outputTypes: [{ dtype: x.dtype, shape: x.shape }] });
    await expect(checkGraph(engine, caseOf(wrong), 1, { differentiate: false })).rejects.toThrow(
      /output 0: inferred float64\[2, 3\], the runtime gave float64\[3, 2\]/,
    );
  });

  test("draws the same numbers from the same seed", async () => {
    const [a, b, c] = [1, 1, 2].map((seed) =>
      checkGraph(
        engine,
        caseOf((x) => [exp(x)]),
        seed,
      ),
    );
    expect((await a!).inputs).toEqual((await b!).inputs);
    expect((await a!).inputs).not.toEqual((await c!).inputs);
  });
});
