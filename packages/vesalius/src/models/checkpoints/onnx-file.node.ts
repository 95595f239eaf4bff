import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { fileError, writeFileAtomic } from "../../common/files.node.ts";
import {
  type ExternalData,
  fromOnnx,
  type Graph,
  type ImportedModel,
  type ImportOptions,
  type OnnxOptions,
  tensorBytes,
  toOnnx,
  toOnnxFiles,
} from "../../graph/index.ts";
import { boundedImportEngine } from "./bounded-import-engine.node.ts";
import { readRange } from "./file-range.node.ts";
import { pathInside } from "./inside-folder.node.ts";

/** Reads the data that a model keeps in other files of its folder, and in no file outside of it. */
export function externalDataOf(folder: string): ExternalData {
  return async (location, offset, length) => readRange(await pathInside(folder, location), offset, length);
}

/**
 * Reads an ONNX file, with the data beside it, as a graph. ONNX Runtime, in a process of its own with limits on time and
 * memory, tells the types of operators outside the registry unless another engine is given.
 *
 * @throws VesaliusError what `fromOnnx` throws; `missing-file`; `bad-file` for data outside the folder of the model
 *
 * @example
 * const { graph, weights } = await readOnnx("resnet50.onnx", { dimensions: { batch: 1 } });
 */
export async function readOnnx(path: string, options: ImportOptions = {}): Promise<ImportedModel> {
  return fromOnnx(await readRange(path), {
    where: path,
    externalData: externalDataOf(dirname(path)),
    engine: options.engine ?? boundedImportEngine(),
    ...options,
  });
}

/** Options of `writeOnnx`. */
export interface WriteOnnxOptions extends OnnxOptions {
  /** Whether weights go into a file of their own beside the model; by default where they do not fit into it. */
  readonly externalData?: boolean;
}

/** The size from which weights stand beside the model; protobuf ends at 2 GB. */
const largestInside = 2 ** 31 - 2 ** 26;

/** Writes parts one after the other into a file that appears when it is complete. */
async function writeParts(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, "wx");
    try {
      for (const part of parts)
        for (let done = 0; done < part.byteLength;)
          done += (await file.write(part, done, Math.min(2 ** 30, part.byteLength - done))).bytesWritten;
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw fileError(error, path);
  }
}

/**
 * Writes a graph as an ONNX file. Weights that do not fit into one, or all where asked for, go into `<file>.data`
 * beside it, which is written first, so that a model never names data that is not there.
 *
 * @throws VesaliusError what `toOnnx` throws; `disk-full` or `output-not-writable`
 */
export async function writeOnnx(path: string, graph: Graph, options: WriteOnnxOptions = {}): Promise<void> {
  const constants = graph.nodes.flatMap(({ inputs }) => inputs.flatMap((input) => input?.tensor ?? []));
  const stored = [...new Set([...constants, ...(options.weights ?? new Map()).values()])];
  const bytes = stored.reduce(
    (total, tensor) => total + (tensor.dtype === "string" ? 0 : tensorBytes(tensor).byteLength),
    0,
  );
  if (!(options.externalData ?? bytes > largestInside)) {
    await writeFileAtomic(path, toOnnx(graph, options));
    return;
  }
  const location = `${basename(path)
    .replaceAll(/[^\w.-]/g, "_")
    .replace(/^[^A-Za-z0-9_]/, "_")}.data`;
  const { model, data } = toOnnxFiles(graph, { ...options, location });
  await writeParts(`${dirname(path)}/${location}`, data);
  await writeFileAtomic(path, model);
}
