import { expect, test } from "vitest";
import { add, multiply } from "./functions/index.ts";
import { Graph } from "./graph.ts";
import { readersOf } from "./readers.ts";

test("nodes read a value once each and in order, outputs and rules of gradients come as undefined", () => {
  const graph = new Graph("readers");
  const x = graph.input("x", "float32", [2]);
  const weight = graph.parameter("weight", [2], { kind: "zeros" });
  const idle = graph.parameter("idle", [2], { kind: "zeros" });
  const square = multiply(x, x);
  const sum = add(square, x);
  const gradient = { rule: () => [undefined], uses: [weight] };
  const result = graph.output("result", graph.node("Relu", [sum], { gradient })[0]!);
  const readers = readersOf(graph);
  expect(readers.get(x)).toEqual([square.node, sum.node]);
  expect(readers.get(weight)).toEqual([undefined]);
  expect(readers.get(result)).toEqual([undefined]);
  expect(readers.get(idle)).toBeUndefined();
});
