import { expect, test } from "vitest";
import { add, Graph, float32, matMul, type Tensors } from "../graph/index.ts";
import { nodeCpu } from "./node-cpu.node.ts";
import { onnxRuntimeNode } from "./onnxruntime-node.node.ts";
import { onnxRuntimeWeb } from "./onnxruntime-web.ts";
import { Program } from "./program.ts";

/** w' = w w + x. */
function recurrence(): Graph {
  const graph = new Graph();
  const w = graph.parameter("w", [2, 2], { kind: "ones" });
  graph.output("w.next", add(matMul(w, w), graph.input("x", "float32", [2, 2])));
  return graph;
}

test("WebAssembly computes what Node computes, with state swapped for new tensors", async () => {
  const results: unknown[] = [];
  for (const backend of [await nodeCpu(), await onnxRuntimeWeb()]) {
    const program = await Program.compile(recurrence(), backend, [{ read: "w", write: "w.next" }]);
    const state: Tensors = new Map([["w", float32([2, 2], [0.5, 0.25, 0.125, 1])]]);
    const first = state.get("w");
    for (let i = 0; i < 3; i++) await program.run(new Map([["x", float32([2, 2], [1, 0, 0, -1])]]), state);
    if (!backend.writesInPlace) expect(first!.data).toEqual(Float32Array.of(0.5, 0.25, 0.125, 1));
    results.push(state.get("w"));
    await program.release(state);
  }
  expect(results[1]).toEqual(results[0]);
});

test("two runs at once take turns", async () => {
  const program = await Program.compile(recurrence(), await onnxRuntimeWeb());
  const x = float32([2, 2], [0, 0, 0, 0]);
  const runs = [1, 2, 3].map((value) =>
    program.run(new Map([["x", x]]), new Map([["w", float32([2, 2], [value, 0, 0, value])]])),
  );
  const found = (await Promise.all(runs)).map((outputs) => (outputs.get("w.next")!.data as Float32Array)[0]);
  expect(found).toEqual([1, 4, 9]);
  await program.release();
});

test("a model that is none is refused with the engine's reason", async () => {
  const backend = await onnxRuntimeWeb();
  await expect(backend.load(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ code: "runtime-failure" });
});

test("WebGPU where there is none is a missing dependency that names the way out", async () => {
  await expect(onnxRuntimeWeb({ provider: "webgpu" })).rejects.toMatchObject({
    code: "missing-dependency",
    fix: expect.stringContaining("wasm"),
  });
});

test("CUDA either runs or is a missing dependency that says how to install it", async () => {
  const backend = await onnxRuntimeNode({ provider: "cuda" }).catch((error: unknown) => error);
  if (backend instanceof Error)
    expect(backend).toMatchObject({
      code: "missing-dependency",
      fix: expect.stringContaining("ONNXRUNTIME_NODE_INSTALL"),
    });
  else expect(backend).toMatchObject({ name: "node-cuda" });
});
