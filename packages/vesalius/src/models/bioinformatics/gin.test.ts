import { expect, test } from "vitest";
import {
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
  expectReference,
  exposeBuffers,
  fixtureInputs,
  readFixture,
  runGraph,
} from "../../testing/reference.node.ts";
import { ginAtoms, ginConfigSchema, meanOverMolecules, moleculeHead } from "./gin.ts";

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
