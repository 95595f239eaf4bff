/** Models whose run would not end or would end the engine; both run in a process of their own. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { toBinary } from "@bufbuild/protobuf";
import { afterAll, expect, test } from "vitest";
import { float32 } from "../../common/tensor.ts";
import { bool, graphOf, info, modelBytes, node, withBody } from "../../graph/onnx/model.test.helper.ts";
import { TensorProtoSchema } from "../../graph/onnx/generated/onnx_pb.ts";
import { tensorProto } from "../../graph/onnx/node-attributes.ts";
import { boundedImportEngine } from "./bounded-import-engine.node.ts";
import { verifyFolders } from "./conformance/verify-folders.node.ts";
import { readOnnx } from "./onnx-file.node.ts";

const folder = await mkdtemp(join(tmpdir(), "vesalius-bounded-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const turns = (value: bigint) => ({ dtype: "int64", shape: [], data: BigInt64Array.of(value) }) as const;

/** A loop of 2^62 turns on a constant. */
const endless = (() => {
  const body = graphOf({
    nodes: [node("Identity", ["more"], ["again"]), node("Add", ["value", "value"], ["next"])],
    inputs: [info("turn", "int64", []), info("more", "bool", []), info("value", "float32", [1])],
    outputs: [info("again", "bool", []), info("next", "float32", [1])],
  });
  return modelBytes(
    {
      nodes: [withBody(node("Loop", ["turns", "go", "x"], ["y"]), "body", body)],
      outputs: [info("y", "float32", [1])],
      initializers: { turns: turns(2n ** 62n), go: bool(true), x: float32([1], [1]) },
    },
    18,
  );
})();

/** A cast to a type of four bits, on which the engine ends the process that asks for its values. */
const fourBits = modelBytes(
  {
    nodes: [node("Cast", ["x"], ["y"], { to: { kind: "int", value: 22 } })],
    outputs: [info("y", "int4", [2])],
    initializers: { x: float32([2], [1, 2]) },
  },
  21,
);

test("work without end is stopped, and a file that ends the engine twice is asked nothing more", async () => {
  const engine = boundedImportEngine();
  await expect(engine.run(endless)).rejects.toThrow("the work was stopped: it took more than 3 s");
  await expect(engine.run(fourBits)).rejects.toThrow(/the engine ended its process/);
  await expect(engine.describe(endless)).rejects.toThrow("it is asked nothing more");
  expect(await boundedImportEngine().describe(endless)).toEqual(new Map([["y", { dtype: "float32", shape: [1] }]]));
});

test("a constant loop is read without being run", async () => {
  await writeFile(join(folder, "loop.onnx"), endless);
  const { graph } = await readOnnx(join(folder, "loop.onnx"));
  expect(graph.nodes.map(({ type }) => type)).toEqual(["Loop"]);
});

test("verification goes on after a case that the engine does not end", async () => {
  const path = join(folder, "endless", "test_data_set_0");
  await mkdir(path, { recursive: true });
  await writeFile(join(folder, "endless", "model.onnx"), endless);
  await writeFile(join(path, "output_0.pb"), toBinary(TensorProtoSchema, tensorProto("y", float32([1], [1]))));
  const fixture = fileURLToPath(new URL("../../../fixtures/onnx/test_PReLU_2d_multiparam", import.meta.url));
  const results = [];
  for await (const result of verifyFolders([join(folder, "endless"), join(folder, "missing"), fixture], 1))
    results.push(result);
  expect(results).toMatchObject([
    { name: "endless", status: "fail", reason: "the work was stopped: it took more than 1 s" },
    { name: "missing", status: "fail" },
    { name: "test_PReLU_2d_multiparam", status: "pass" },
  ]);
});
