import { expect } from "vitest";
import { importEngine } from "../../models/checkpoints/import-engine.ts";
import { nodeCpu } from "../../runtime/index.node.ts";
import type { Tensors } from "../../common/tensor.ts";
import { fromOnnx, type ImportedModel, type ImportOptions } from "./read.ts";
import { toOnnx } from "./write.ts";

/** Runs a model in ONNX Runtime. */
export async function run(model: Uint8Array, feeds: Tensors): Promise<Tensors> {
  const session = await (await nodeCpu()).load(model, { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** Options that let ONNX Runtime tell what the registry does not know. */
export const withEngine = async (options: ImportOptions = {}): Promise<ImportOptions> => ({
  engine: importEngine(await nodeCpu()),
  ...options,
});

/** Imports a model, writes it back, and expects the same outputs of both in ONNX Runtime. */
export async function expectSameOutputs(
  model: Uint8Array,
  feeds: Tensors,
  options: ImportOptions = {},
): Promise<ImportedModel> {
  const imported = await fromOnnx(model, await withEngine(options));
  const written = toOnnx(imported.graph, { weights: imported.weights });
  const [expected, actual] = [await run(model, feeds), await run(written, feeds)];
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  for (const [name, tensor] of expected) {
    const found = actual.get(name)!;
    expect(found.dtype, name).toBe(tensor.dtype);
    expect(found.shape, name).toEqual(tensor.shape);
    expect(Array.from(found.data as ArrayLike<unknown>), name).toEqual(Array.from(tensor.data as ArrayLike<unknown>));
  }
  return imported;
}
