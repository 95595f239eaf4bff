import { expect, test } from "vitest";
import {
  float32,
  Graph,
  initializeParameters,
  multiply,
  reduceMean,
  softplus,
  subtract,
  type Tensors,
} from "../../graph/index.ts";
import {
  convolutionalTolerance,
  expectClose,
  expectReference,
  exposeBuffers,
  fixtureInputs,
  readFixture,
  runGraph,
} from "../../testing/reference.node.ts";
import { ginAtoms, ginConfigSchema, ginFromArguments, moleculeHead } from "./gin.ts";
import { meanOverMolecules } from "./molecule-pooling.ts";

const config = ginConfigSchema.parse({ width: 16, depth: 2 });

test("reproduces pretrain-gnns' GIN: atoms, logits, loss, gradients and running statistics", async () => {
  const fixture = await readFixture("model/gin_molecule");
  const graph = new Graph("gin");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const inputs = { atoms: values("x"), bonds: values("edge_index"), bondFeatures: values("edge_attr") };
  graph.output("node_representation", ginAtoms(inputs, config, { training: true }));
  // The reference ran the network twice, which the running statistics remember.
  const atoms = ginAtoms(inputs, config, { training: true });
  const logits = graph.output("logits", moleculeHead(meanOverMolecules(atoms, values("batch"), 2), 3));
  const perTask = subtract(softplus(logits), multiply(logits, values("labels")));
  graph.output("loss", reduceMean(perTask, undefined, { keepDimensions: false }));
  await expectReference(graph, fixture, {
    ...convolutionalTolerance,
    feeds,
    outputs: ["node_representation", "logits", ...exposeBuffers(graph, fixture)],
  });
});

test("the order of the atoms does not change a molecule", async () => {
  const graph = new Graph("gin");
  const inputs = {
    atoms: graph.input("atoms", "int32", [4, 2]),
    bonds: graph.input("bonds", "int32", [2, 6]),
    bondFeatures: graph.input("features", "int32", [6, 2]),
  };
  const atoms = ginAtoms(inputs, config, { training: false });
  graph.output("pooled", meanOverMolecules(atoms, graph.input("molecule", "int32", [4]), 2));
  const weights = initializeParameters(graph, 2);
  const run = async (order: readonly number[]) => {
    const int32 = (shape: number[], data: number[]) => ({
      dtype: "int32" as const,
      shape,
      data: Int32Array.from(data),
    });
    const place = (atom: number) => order.indexOf(atom);
    const types = [6, 7, 8, 6];
    const ends = [0, 1, 1, 2, 2, 3, 1, 0, 2, 1, 3, 2];
    const bonds = [...ends.filter((_, i) => i % 2 === 0), ...ends.filter((_, i) => i % 2 === 1)];
    const feeds: Tensors = new Map([
      ...weights,
      [
        "atoms",
        int32(
          [4, 2],
          order.flatMap((atom) => [types[atom]!, atom === 2 ? 1 : 0]),
        ),
      ],
      ["bonds", int32([2, 6], bonds.map(place))],
      ["features", int32([6, 2], [0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0])],
      ["molecule", int32([4], [0, 0, 0, 0])],
    ]);
    return (await runGraph(graph, feeds)).get("pooled")!.data as Float32Array;
  };
  const [straight, turned] = [await run([0, 1, 2, 3]), await run([2, 0, 3, 1])];
  straight.forEach((value, i) => expect(turned[i]).toBeCloseTo(value, 5));
  expect(straight.slice(16)).toEqual(new Float32Array(16));
});

test("the vectors of all layers are the last, side by side, their maximum or their sum", async () => {
  const run = async (jumpingKnowledge: string) => {
    const graph = new Graph("gin");
    const inputs = {
      atoms: graph.input("atoms", "int32", [3, 2]),
      bonds: graph.input("bonds", "int32", [2, 4]),
      bondFeatures: graph.input("features", "int32", [4, 2]),
    };
    const given = ginConfigSchema.parse({ width: 3, depth: 2, jumpingKnowledge });
    graph.output("vectors", ginAtoms(inputs, given, { training: false }));
    const int32 = (shape: number[], data: number[]) => ({
      dtype: "int32" as const,
      shape,
      data: Int32Array.from(data),
    });
    const feeds: Tensors = new Map([
      ...initializeParameters(graph, 2),
      ["atoms", int32([3, 2], [6, 0, 7, 1, 8, 0])],
      ["bonds", int32([2, 4], [0, 1, 1, 2, 1, 0, 2, 1])],
      ["features", int32([4, 2], [0, 0, 0, 0, 1, 1, 1, 1])],
    ]);
    return (await runGraph(graph, feeds)).get("vectors")!;
  };
  const concatenated = await run("concat");
  expect(concatenated.shape).toEqual([3, 9]);
  const layer = (index: number) =>
    [0, 1, 2].flatMap((atom) => {
      const start = 9 * atom + 3 * index;
      return [...(concatenated.data as Float32Array).subarray(start, start + 3)];
    });
  const [first, second, last] = [layer(0), layer(1), layer(2)];
  expect(Math.min(...second)).toBeGreaterThanOrEqual(0);
  expectClose(await run("last"), float32([3, 3], last), 1e-5, 1e-6, "last");
  const largest = last.map((value, i) => Math.max(value, first[i]!, second[i]!));
  expectClose(await run("max"), float32([3, 3], largest), 1e-5, 1e-6, "max");
  const total = last.map((value, i) => value + first[i]! + second[i]!);
  expectClose(await run("sum"), float32([3, 3], total), 1e-5, 1e-6, "sum");
});

test("the arguments of pretrain-gnns are read, and other layers are refused", () => {
  const given = { num_layer: 5, emb_dim: 300, JK: "last", drop_ratio: 0.5, gnn_type: "gin" };
  expect(ginFromArguments(given)).toEqual(ginConfigSchema.parse({}));
  expect(ginFromArguments({ ...given, JK: "concat" }).jumpingKnowledge).toBe("concat");
  for (const kind of ["gcn", "gat", "graphsage"])
    expect(() => ginFromArguments({ ...given, gnn_type: kind })).toThrow(/only the layers of GIN are built/);
});
