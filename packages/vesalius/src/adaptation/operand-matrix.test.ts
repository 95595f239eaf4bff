import { expect, test } from "vitest";
import { Graph } from "../graph/index.ts";
import { expectClose, runGraph } from "../testing/reference.node.ts";
import { featuresOf, type OperandMatrix, operandUpdate } from "./operand-matrix.ts";

/** A weight [heads, in, out] of two groups, in the axes 2, 0, 1 of its operand. */
const matrix = (inputsFirst: boolean): OperandMatrix => ({
  order: inputsFirst ? [2, 0, 1] : [2, 1, 0],
  groups: 2,
  rows: inputsFirst ? 3 : 5,
  columns: inputsFirst ? 5 : 3,
  inputsFirst,
});

test.each([true, false])("is scaling * B A of each group, at its place (inputs first: %s)", async (inputsFirst) => {
  const [inside, out, groups, rank, scaling] = [3, 5, 2, 2, 1.5] as const;
  expect(featuresOf(matrix(inputsFirst))).toEqual({ in: inside, out });
  const graph = new Graph("update");
  const down = graph.input("down", "float32", [groups * rank, inside]);
  const up = graph.input("up", "float32", [groups * out, rank]);
  graph.output("delta", operandUpdate({ down, up, scaling }, matrix(inputsFirst), [inside, out, groups]));
  const A = Float32Array.from({ length: groups * rank * inside }, (_, i) => Math.sin(i + 1));
  const B = Float32Array.from({ length: groups * out * rank }, (_, i) => Math.cos(i * 3));
  const expected = new Float32Array(inside * out * groups);
  for (let i = 0; i < inside; i++)
    for (let o = 0; o < out; o++)
      for (let g = 0; g < groups; g++)
        for (let r = 0; r < rank; r++)
          expected[(i * out + o) * groups + g]! +=
            scaling * B[(g * out + o) * rank + r]! * A[(g * rank + r) * inside + i]!;
  const found = await runGraph(
    graph,
    new Map([
      ["down", { dtype: "float32", shape: [groups * rank, inside], data: A }],
      ["up", { dtype: "float32", shape: [groups * out, rank], data: B }],
    ]),
  );
  expectClose(
    found.get("delta")!,
    { dtype: "float32", shape: [inside, out, groups], data: expected },
    1e-6,
    1e-6,
    "delta",
  );
});
