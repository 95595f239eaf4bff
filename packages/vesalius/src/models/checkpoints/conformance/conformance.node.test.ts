import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { float32, type GradientContext, Graph, multiply, type Value } from "../../../graph/index.ts";
import { nodeCpu } from "../../../runtime/index.node.ts";
import { checkDerivative } from "./directional-derivative.ts";
import { findTestFolders, readTestFolder } from "./test-folder.node.ts";
import { type CaseResult, verifyCase } from "./verify-case.ts";

const fixtures = fileURLToPath(new URL("../../../../fixtures/onnx/", import.meta.url));
/** Where Debian's package libonnx-testdata puts the cases of ONNX 1.12. */
const wholeSet = "/usr/share/libonnx-testdata/data";

async function verifyAll(folder: string): Promise<CaseResult[]> {
  const backend = await nodeCpu();
  const results: CaseResult[] = [];
  for (const path of await findTestFolders(folder)) results.push(await verifyCase(await readTestFolder(path), backend));
  return results;
}

const failures = (results: readonly CaseResult[]): string[] =>
  results.filter(({ status }) => status === "fail").map(({ name, reason }) => `${name}: ${reason}`);

/**
 * Why a case does not count: what ONNX Runtime or its binding lacks, what it computes otherwise than ONNX's reference,
 * what is random, and what the importer refuses by name.
 */
const explained = [
  /an input or output is no tensor of a supported type/,
  /engine: .*(Unsupported data type|Could not find an implementation|is not a registered function)/,
  /engine: .*(layout_ == 0 was false|Failed to construct locale)/,
  /Scan in its form of opset 8/,
];
const differsInTheEngine =
  /^test_(bernoulli|training_dropout|cast(like)?_FLOAT_to_STRING|dft|stft|maxunpool_export_with_output_shape|resize_downsample_scales_(cubic|linear)_align_corners)/;

describe("test cases of ONNX", () => {
  test("a selection over many opsets passes, most of it with a derivative", { timeout: 120_000 }, async () => {
    const results = await verifyAll(fixtures);
    expect(failures(results)).toEqual([]);
    expect(results.filter(({ status }) => status === "pass").length).toBeGreaterThanOrEqual(30);
    expect(results.filter(({ derivative }) => derivative?.status === "checked").length).toBeGreaterThanOrEqual(15);
  });

  test.skipIf(!existsSync(wholeSet))(
    "the whole set passes (needs Debian's libonnx-testdata)",
    { timeout: 600_000 },
    async () => {
      const results = await verifyAll(wholeSet);
      expect(failures(results)).toEqual([]);
      expect(results.filter(({ status }) => status === "pass").length).toBeGreaterThanOrEqual(990);
      expect(results.filter(({ derivative }) => derivative?.status === "checked").length).toBeGreaterThanOrEqual(560);
      const unexplained = results.filter(
        ({ status, name, reason = "" }) =>
          status === "unsupported" && !differsInTheEngine.test(name) && !explained.some((known) => known.test(reason)),
      );
      expect(unexplained.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([]);
    },
  );
});

describe("checkDerivative", () => {
  const squared = (rule?: (dy: Value, x: Value) => Value) => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [8]);
    const gradient = rule && {
      rule: ({ outputGradients: [dy], inputs: [a] }: GradientContext) => [rule(dy!, a!), undefined],
    };
    const [y] = graph.node("Mul", [x, x], gradient === undefined ? {} : { gradient });
    graph.output("y", y!);
    return graph;
  };
  const feeds = new Map([["x", float32([8], [1, -2, 0.5, 3, -1, 0.25, 2, -0.75])]]);

  test("accepts a right gradient and finds a wrong one", async () => {
    const backend = await nodeCpu();
    expect(await checkDerivative(squared(), feeds, backend)).toEqual({ status: "checked" });
    const wrong = await checkDerivative(
      squared((dy, x) => multiply(dy, multiply(x, 2.1))),
      feeds,
      backend,
    );
    expect(wrong.status).toBe("wrong");
  });

  test("does not judge at a kink", async () => {
    const graph = new Graph();
    graph.output("y", graph.node("Relu", [graph.input("x", "float32", [1])])[0]!);
    const atZero = new Map([["x", float32([1], [0])]]);
    expect(await checkDerivative(graph, atZero, await nodeCpu())).toMatchObject({ status: "skipped" });
  });

  test("says why there is nothing to check", async () => {
    const graph = new Graph();
    graph.output("y", graph.node("Not", [graph.input("x", "bool", [1])])[0]!);
    const result = await checkDerivative(graph, new Map(), await nodeCpu());
    expect(result).toEqual({ status: "skipped", reason: "no float32 input" });
  });
});
