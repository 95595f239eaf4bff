import { expect } from "vitest";
import { Graph, gradients, type Tensor, type Tensors, type Value } from "../graph/index.ts";
import { expectClose, largest, readFixture, runGraph, toFloat32, toInt32 } from "./reference.node.ts";

/** Integers as int32 and booleans as float32, which graphs take. */
const fed = (tensor: Tensor): Tensor =>
  tensor.dtype === "int64" ? toInt32(tensor) : tensor.dtype === "bool" ? toFloat32(tensor) : tensor;

/** What a case of a loss computes: its inputs by name give its outputs by the fixture's names. */
export type LossCase = (input: (name: string) => Value) => Readonly<Record<string, Value>>;

/**
 * Compares a loss with one case of its fixture: every output, and the gradient by each input that has one. Inputs that
 * the fixture does not differentiate by are left alone.
 *
 * @param name fixture below `loss/`
 */
export async function expectLossReference(name: string, caseName: string, build: LossCase): Promise<void> {
  const all = (await readFixture(`loss/${name}`)).files.get("tensors")!;
  const part = (kind: string): Tensors => {
    const prefix = `${caseName}.${kind}.`;
    return new Map(
      [...all].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]),
    );
  };
  const graph = new Graph(name);
  const inputs = new Map([...part("input")].map(([key, tensor]) => [key, fed(tensor)]));
  const values = new Map([...inputs].map(([key, { dtype, shape }]) => [key, graph.input(key, dtype, shape)]));
  const outputs = build((key) => {
    const value = values.get(key);
    if (value === undefined) throw new Error(`the fixture has no input ${key}, only ${[...values.keys()].join(", ")}`);
    return value;
  });
  for (const [key, value] of Object.entries(outputs)) graph.output(key, value);
  const wanted = part("grad");
  const found = gradients(
    graph.result("loss"),
    [...wanted.keys()].map((key) => values.get(key)!),
  );
  for (const key of wanted.keys()) {
    const gradient = found.get(values.get(key)!);
    if (gradient !== undefined) graph.output(`gradient by ${key}`, gradient);
  }
  const results = await runGraph(graph, inputs);
  expect(Object.keys(outputs).sort(), "outputs of the fixture").toEqual([...part("output").keys()].sort());
  for (const [key, expected] of part("output")) expectClose(results.get(key)!, fed(expected), 1e-5, 1e-6, key);
  for (const [key, expected] of wanted) {
    const actual = results.get(`gradient by ${key}`);
    // Where no gradient flows there is none in the graph.
    if (actual === undefined) expect(largest(expected), `gradient by ${key}`).toBe(0);
    else expectClose(actual, expected, 0, 1e-4 * largest(expected), `gradient by ${key}`);
  }
}
