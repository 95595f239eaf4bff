import { expect, test } from "vitest";
import { add, multiply, reduceSum, reshape, softmax } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { mergeDuplicates } from "./duplicates.ts";

const typesOf = (graph: Graph): string[] => graph.nodes.map(({ type }) => type);

test("what is computed twice from the same is computed once, and so is what follows from it", () => {
  const graph = new Graph("twice");
  const x = graph.input("x", "float32", [4, 6]);
  const branch = () => reduceSum(reshape(x, [2, 12]), [1]);
  graph.output("y", multiply(branch(), branch()));
  graph.output("z", branch());
  const merged = mergeDuplicates(graph);
  expect(typesOf(merged)).toEqual(["Reshape", "ReduceSum", "Mul"]);
  expect(merged.result("y").node!.inputs).toEqual([merged.result("z"), merged.result("z")]);
});

test("what differs in inputs, attributes, constants or by chance stays apart", () => {
  const graph = new Graph("apart");
  const [a, b] = [graph.input("a", "float32", [4, 6]), graph.input("b", "float32", [4, 6])];
  graph.output("inputs", add(reduceSum(a, [1]), reduceSum(b, [1])));
  graph.output("attributes", add(softmax(a, 0), softmax(a, 1)));
  graph.output("first", reshape(a, [2, 12]));
  graph.output("second", reshape(a, [3, 8]));
  const drawn = () => graph.node("RandomNormalLike", [a], { outputTypes: [{ dtype: "float32", shape: [4, 6] }] })[0]!;
  graph.output("chance", add(drawn(), drawn()));
  expect(typesOf(mergeDuplicates(graph))).toEqual(typesOf(graph));
});
