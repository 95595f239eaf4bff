import { copyFile, cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Graph, runtimeExtent, toOnnx } from "vesalius/graph";
import { objectOn, vesalius } from "../command-line.test.helper.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const cases = join(root, "packages/vesalius/fixtures/onnx");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vesalius-graph-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs `vesalius graph ...` with --json. */
async function graph(...args: string[]) {
  const ended = await vesalius("graph", ...args, "--json");
  return { status: ended.code, result: objectOn(ended) };
}

describe("vesalius graph inspect", () => {
  test("lists inputs, outputs, operators and what can be differentiated", async () => {
    const { status, result } = await graph("inspect", join(cases, "test_PReLU_2d_multiparam/model.onnx"));
    expect(status).toBe(0);
    expect(result).toMatchObject({
      opsets: { "": 6 },
      inputs: [{ name: "0", dtype: "float32", shape: [2, 3, 4, 5] }],
      outputs: [{ name: "2", dtype: "float32", shape: [2, 3, 4, 5] }],
      parameters: { count: 1, elements: 3, bytes: 12 },
      isDifferentiable: true,
      opaque: [],
    });
    expect(result["operators"]).toContainEqual({ type: "PRelu", count: 1, differentiable: "yes" });
  });

  test("says which operators cannot", async () => {
    const { result } = await graph("inspect", join(cases, "test_lstm_defaults/model.onnx"));
    expect(result).toMatchObject({ isDifferentiable: false });
    expect(result["operators"]).toContainEqual({ type: "LSTM", count: 1, differentiable: "no" });
  });

  test("takes a shape of an input that has none", async () => {
    const model = new Graph("scaled");
    const x = model.input("x", "float32", [runtimeExtent]);
    model.output("y", model.node("Relu", [x], { outputTypes: [x] })[0]!);
    const path = join(folder, "unshaped.onnx");
    await writeFile(path, toOnnx(model));
    const { result } = await graph("inspect", path, "--shape", "x=2,3");
    expect(result).toMatchObject({ outputs: [{ name: "y", shape: [2, 3] }] });
  });

  test("refuses what is no model", async () => {
    await writeFile(join(folder, "model.onnx"), "no model");
    const { status, result } = await graph("inspect", join(folder, "model.onnx"));
    expect(status).toBe(1);
    expect(result).toMatchObject({ error: { code: "bad-file" } });
  });
});

describe("vesalius graph verify", () => {
  test("passes right cases", async () => {
    const { status, result } = await graph("verify", join(cases, "test_if"), join(cases, "test_operator_chunk"));
    expect(status).toBe(0);
    expect(result).toMatchObject({ counts: { pass: 2, fail: 0, unsupported: 0 } });
  });

  test("exits with 1 where a file is damaged, and says of each case what came of it", async () => {
    await cp(join(cases, "test_clip_example"), join(folder, "good"), { recursive: true });
    await cp(join(cases, "test_clip_example"), join(folder, "other"), { recursive: true });
    await rm(join(folder, "other", "test_data_set_0"), { recursive: true });
    await cp(join(cases, "test_pow_types_float32_int64"), join(folder, "wrong"), { recursive: true });
    await copyFile(join(folder, "wrong/test_data_set_0/input_0.pb"), join(folder, "wrong/test_data_set_0/output_0.pb"));
    const { status, result } = await graph("verify", folder);
    expect(status).toBe(0);
    // Here the engine itself gives something else than is expected, so the graph is not to blame.
    expect(result["cases"]).toMatchObject([
      { name: "good", status: "pass" },
      { name: "other", status: "unsupported", reason: "the case has no data" },
      { name: "wrong", status: "unsupported", reason: expect.stringMatching(/^engine: output z: element 1/) },
    ]);
    await writeFile(join(folder, "good", "model.onnx"), "no model");
    expect(await graph("verify", folder)).toMatchObject({ status: 1, result: { counts: { fail: 1 } } });
  });

  test("refuses a folder without cases", async () => {
    expect(await graph("verify", folder)).toMatchObject({ status: 1, result: { error: { code: "missing-file" } } });
  });
});
