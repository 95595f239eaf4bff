import { expect, test } from "vitest";
import {
  float32,
  gradients,
  Graph,
  initializeParameters,
  multiply,
  reduceSum,
  type Tensors,
} from "../../graph/index.ts";
import { expectClose, runGraph } from "../../testing/reference.node.ts";
import { moleculeHead } from "./gin.ts";
import { type MoleculePooling, moleculePoolingSchema, poolMolecules } from "./molecule-pooling.ts";

const numbers = Array.from({ length: 10 }, (_, i) => 2 * Math.sin(3 * i + 1));
const rows = (...atoms: number[]) => atoms.map((atom) => [numbers[2 * atom]!, numbers[2 * atom + 1]!] as const);
/** Atoms of each molecule; the second molecule has none. */
const molecules = [rows(0, 2, 4), [], rows(1, 3)];
const membership = { dtype: "int32" as const, shape: [5], data: Int32Array.from([0, 2, 0, 2, 0]) };

function pooled(pooling: MoleculePooling) {
  const graph = new Graph("pooling");
  const atoms = graph.input("atoms", "float32", [5, 2]);
  const result = poolMolecules(atoms, graph.input("molecule", "int32", [5]), 3, pooling);
  graph.output("pooled", result);
  const weights = initializeParameters(graph, 3);
  for (const [name, { shape, data }] of weights)
    weights.set(
      name,
      float32(
        shape,
        (data as Float32Array).map((value, i) => value + Math.cos(5 * i + 1)),
      ),
    );
  const feeds: Tensors = new Map([...weights, ["atoms", float32([5, 2], numbers)], ["molecule", membership]]);
  return { graph, atoms, result, weights, feeds };
}

const weighted = (atoms: readonly (readonly [number, number])[], scores: readonly number[]) => {
  const exponents = scores.map(Math.exp);
  const total = exponents.reduce((sum, value) => sum + value, 0);
  return [0, 1].map((column) => atoms.reduce((sum, atom, i) => sum + (exponents[i]! / total) * atom[column]!, 0));
};

test("the mean, the sum and the maximum of each molecule's atoms", async () => {
  const column = (atoms: readonly (readonly [number, number])[], i: 0 | 1) => atoms.map((atom) => atom[i]);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const expected = {
    sum: (values: readonly number[]) => sum(values),
    mean: (values: readonly number[]) => sum(values) / Math.max(values.length, 1),
    max: (values: readonly number[]) => (values.length === 0 ? 0 : Math.max(...values)),
  };
  for (const kind of ["mean", "sum", "max"] as const) {
    const { graph, feeds } = pooled({ kind });
    expect(graph.parameters.size).toBe(0);
    const values = molecules.flatMap((atoms) => [expected[kind](column(atoms, 0)), expected[kind](column(atoms, 1))]);
    expectClose((await runGraph(graph, feeds)).get("pooled")!, float32([3, 2], values), 1e-5, 1e-6, kind);
  }
});

test("atoms weighted by a gate", async () => {
  const { graph, weights, feeds } = pooled({ kind: "attention" });
  expect([...graph.parameters].map(([name, { shape }]) => [name, shape])).toEqual([
    ["pool.gate_nn.weight", [1, 2]],
    ["pool.gate_nn.bias", [1]],
  ]);
  const gate = weights.get("pool.gate_nn.weight")!.data as Float32Array;
  const values = molecules.flatMap((atoms) =>
    weighted(
      atoms,
      atoms.map(([a, b]) => a * gate[0]! + b * gate[1]!),
    ),
  );
  expectClose((await runGraph(graph, feeds)).get("pooled")!, float32([3, 2], values), 1e-5, 1e-6, "attention");
});

test("Set2Set asks with an LSTM of PyTorch's names and order of gates", async () => {
  const steps = 2;
  const { graph, weights, feeds, result } = pooled({ kind: "set2set", steps });
  expect(result.shape).toEqual([3, 4]);
  expect([...graph.parameters].map(([name, { shape }]) => [name, shape])).toEqual([
    ["pool.lstm.weight_ih_l0", [8, 4]],
    ["pool.lstm.bias_ih_l0", [8]],
    ["pool.lstm.weight_hh_l0", [8, 2]],
    ["pool.lstm.bias_hh_l0", [8]],
  ]);
  const at = (name: string) => [...(weights.get(`pool.lstm.${name}_l0`)!.data as Float32Array)];
  const layer = (x: readonly number[], part: string) =>
    at(`bias_${part}`).map((bias, row) =>
      x.reduce((sum, value, i) => sum + value * at(`weight_${part}`)[row * x.length + i]!, bias),
    );
  const logistic = (x: number) => 1 / (1 + Math.exp(-x));
  const expected = molecules.flatMap((atoms) => {
    let [question, cell, both]: [number[], number[], number[]] = [
      [0, 0],
      [0, 0],
      [0, 0, 0, 0],
    ];
    for (let step = 0; step < steps; step++) {
      const recurrent = layer(question, "hh");
      const gates = layer(both, "ih").map((value, i) => value + recurrent[i]!);
      cell = cell.map((value, i) => logistic(gates[2 + i]!) * value + logistic(gates[i]!) * Math.tanh(gates[4 + i]!));
      question = cell.map((value, i) => logistic(gates[6 + i]!) * Math.tanh(value));
      const scores = atoms.map(([a, b]) => a * question[0]! + b * question[1]!);
      both = [...question, ...weighted(atoms, scores)];
    }
    return both;
  });
  expectClose((await runGraph(graph, feeds)).get("pooled")!, float32([3, 4], expected), 1e-4, 1e-5, "set2set");
  const logits = moleculeHead(result, 7);
  expect([logits.shape, graph.parameters.get("graph_pred_linear.weight")!.shape]).toEqual([
    [3, 7],
    [7, 4],
  ]);
});

test("gradients of every kind are those of finite differences", async () => {
  const kinds = ["mean", "sum", "max", "attention"] as const;
  for (const pooling of [...kinds.map((kind) => ({ kind })), { kind: "set2set", steps: 2 } as const]) {
    const { graph, atoms, result, feeds } = pooled(pooling);
    const factors = Float32Array.from({ length: result.shape[0]! * result.shape[1]! }, (_, i) => Math.sin(i + 2));
    const weights = graph.constant({ dtype: "float32", shape: result.shape, data: factors });
    const loss = graph.output("loss", reduceSum(multiply(result, weights), undefined, { keepDimensions: false }));
    graph.output("gradient", gradients(loss, [atoms]).get(atoms)!);
    const found = (await runGraph(graph, feeds)).get("gradient")!;
    const lossAt = async (changed: number, by: number) => {
      const moved = numbers.map((value, i) => (i === changed ? value + by : value));
      const results = await runGraph(graph, new Map([...feeds, ["atoms", float32([5, 2], moved)]]));
      return (results.get("loss")!.data as Float32Array)[0]!;
    };
    const step = 1e-2;
    const expected: number[] = [];
    for (let i = 0; i < 10; i++) expected.push(((await lossAt(i, step)) - (await lossAt(i, -step))) / (2 * step));
    expectClose(found, float32([5, 2], expected), 1e-2, 2e-3, pooling.kind);
  }
});

test("a pooling that there is none of is refused", () => {
  expect(moleculePoolingSchema.safeParse({ kind: "median" }).success).toBe(false);
  expect(moleculePoolingSchema.safeParse({ kind: "set2set" }).success).toBe(false);
});
