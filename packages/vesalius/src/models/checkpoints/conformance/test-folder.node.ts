import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { VesaliusError } from "../../../common/errors.ts";
import { fileError } from "../../../common/files.node.ts";
import { decodeTensor, type Tensor } from "../../../graph/index.ts";
import { readRange } from "../file-range.node.ts";
import { externalDataOf } from "../onnx-file.node.ts";
import type { ConformanceCase, DataSet } from "./verify-case.ts";

const numberIn = (name: string): number => Number(/\d+/.exec(name)?.[0] ?? 0);

async function list(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort((a, b) => numberIn(a) - numberIn(b) || (a < b ? -1 : 1));
  } catch (error) {
    throw fileError(error, folder);
  }
}

/** The tensor in a file; undefined where it holds a sequence, or elements of a type that is not supported. */
async function tensorIn(path: string): Promise<Tensor | undefined> {
  const bytes = await readRange(path);
  try {
    return await decodeTensor(bytes, path);
  } catch (error) {
    if (error instanceof VesaliusError && ["bad-file", "unsupported-operator"].includes(error.code)) return undefined;
    throw error;
  }
}

async function tensorsIn(folder: string, files: readonly string[], prefix: string): Promise<(Tensor | undefined)[]> {
  const tensors: (Tensor | undefined)[] = [];
  for (const file of files)
    if (file.startsWith(prefix) && file.endsWith(".pb")) tensors.push(await tensorIn(join(folder, file)));
  return tensors;
}

/**
 * Reads a test case in the layout of ONNX's backend tests: `model.onnx` and `test_data_set_*` with `input_*.pb` and
 * `output_*.pb`.
 *
 * @throws VesaliusError `missing-file` where there is no model
 */
export async function readTestFolder(folder: string): Promise<ConformanceCase> {
  const model = await readRange(join(folder, "model.onnx"));
  const dataSets: DataSet[] = [];
  for (const name of await list(folder)) {
    if (!name.startsWith("test_data_set_")) continue;
    const path = join(folder, name);
    const files = await list(path);
    dataSets.push({
      inputs: await tensorsIn(path, files, "input_"),
      outputs: await tensorsIn(path, files, "output_"),
    });
  }
  return { name: basename(folder), model, dataSets, externalData: externalDataOf(folder) };
}

/**
 * Test cases in a folder: the folder itself where it holds a model, otherwise every one below it.
 *
 * @returns paths, sorted
 */
export async function findTestFolders(folder: string): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw fileError(error, folder);
  }
  if (entries.some((entry) => entry.name === "model.onnx")) return [folder];
  const found: string[] = [];
  for (const entry of entries)
    if (entry.isDirectory()) found.push(...(await findTestFolders(join(folder, entry.name))));
  return found.sort();
}
