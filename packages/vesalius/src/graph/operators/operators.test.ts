import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { Graph } from "../graph.ts";
import { toOnnx } from "../onnx/write.ts";
import { registry } from "../registry.ts";
import { foldNode } from "../rewrites/constant-folding.ts";
import { operatorEntries } from "../testing/cases/index.test.cases.ts";
import { integerFoldCases } from "../testing/cases/integer-folding.test.cases.ts";
import { checkGraph, drawTensor, type Engine, type GraphCase } from "../testing/finite-difference.ts";
import type { Node } from "../value.ts";

const thorough = process.env["VESALIUS_THOROUGH"] === "1";
/** The thorough table draws new cases each time; a failure prints the seed that repeats it. */
const parameters = thorough ? { numRuns: 200 } : { numRuns: 25, seed: 20260101 };

let engine: Engine;
beforeAll(async () => {
  engine = await nodeCpu();
});

test("every registered operator is in the table, once", () => {
  const names = operatorEntries.map(({ operator }) => operator);
  expect([...names].sort()).toEqual([...registry.keys()].sort());
});

/** The case with every input fixed in the graph, and its only node. */
function constantCase(graphCase: GraphCase, seed: number): { graph: Graph; node: Node } {
  const graph = new Graph("constants");
  const stream = randomStream(seed, "constants");
  const inputs = graphCase.inputs.map(
    (input) => input && graph.constant(drawTensor(input, graphCase.precision, stream)),
  );
  graphCase.build(inputs, graph).forEach((value, i) => graph.output(`y${i}`, value));
  return { graph, node: graph.nodes[0]! };
}

/** Folds the node of a case and compares the result with the runtime's. */
async function checkFold(graphCase: GraphCase, seed: number): Promise<void> {
  const { graph, node } = constantCase(graphCase, seed);
  const folded = foldNode(graph, node.type, node.inputs, {
    attributes: node.attributes,
    outputCount: node.outputs.length,
  });
  const session = await engine.load(toOnnx(graph), { threads: 1 });
  const expected = await session.run(new Map());
  await session.release();
  expect(folded?.map(({ tensor }) => tensor)).toEqual([...expected.values()]);
}

/** Runs a case as it is at two opsets: with the operator's own kernel and decomposed. */
async function checkDecomposition(graphCase: GraphCase, seed: number): Promise<void> {
  const { graph, node } = constantCase(graphCase, seed);
  const results: ArrayLike<number>[] = [];
  for (const opset of [18, registry.get(node.type)!.sinceVersion]) {
    const session = await engine.load(toOnnx(graph, { opset }), { threads: 1 });
    results.push((await session.run(new Map())).get("y0")!.data as Float32Array);
    await session.release();
  }
  const [decomposed, native] = results;
  expect(decomposed!.length).toBe(native!.length);
  for (let i = 0; i < native!.length; i++) expect(decomposed![i]).toBeCloseTo(native![i]!, 4);
}

const decomposable = operatorEntries.filter(({ operator }) => registry.get(operator)?.decompose !== undefined);

describe.each(decomposable)("decomposition of $operator", ({ cases }) => {
  test("gives what the operator gives", async () => {
    await fc.assert(fc.asyncProperty(cases, fc.nat(), checkDecomposition), parameters);
  });
});

const foldable = operatorEntries.filter(({ operator }) => registry.get(operator)?.fold !== undefined);

describe.each([...foldable, ...integerFoldCases])("folding of $operator", ({ cases }) => {
  test("gives what the runtime gives", async () => {
    await fc.assert(fc.asyncProperty(cases, fc.nat(), checkFold), parameters);
  });
});

describe.each(operatorEntries)("$operator", ({ operator, cases, differentiable }) => {
  test(differentiable ? "types are inferred and the gradient is right" : "types are inferred", async () => {
    expect(typeof registry.get(operator)?.gradient === "function").toBe(differentiable);
    await fc.assert(
      fc.asyncProperty(cases, fc.nat(), async (graphCase, seed) => {
        await checkGraph(engine, graphCase, seed, { differentiate: differentiable });
      }),
      parameters,
    );
  });
});
