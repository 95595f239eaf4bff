import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileError } from "../common/files.node.ts";
import { isAbandoned, temporaryPath, withdrawTemporary } from "../common/temporary-files.node.ts";
import { lazyTensor } from "../common/lazy-tensor.ts";
import { decodeTensor } from "../common/safetensors.ts";
import { bytesPerElement, elementCount, type Tensor, tensorBytes } from "../graph/index.ts";

/** Tensors start at multiples of this, so that every page belongs to one of them. */
const alignment = 4096;
/** Most bytes of one system call; Linux takes no more than 2 GB. */
const largestCall = 2 ** 30;

const fileName = "weights.bin";
const prefix = "vesalius-weights";

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
    withdrawTemporary(folder);
  } catch {
    // Where a mapped file cannot be removed, it goes at the end of the process.
  }
}

/** Removes a folder once nothing refers to its tensors any more. Models that are loaded keep what they map. */
const forgotten = new FinalizationRegistry<string>(remove);

let sweeping: Promise<void> | undefined;

/** Removes what earlier processes left that were killed. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    const path = join(tmpdir(), name);
    if (name.startsWith(`${prefix}.`) && (await isAbandoned(path))) remove(path);
  }
}

/** The file behind the tensors of one `MappedWeights`; each of them holds on to it. */
class WeightFile {
  readonly folder = temporaryPath(join(tmpdir(), prefix));
  readonly path = join(this.folder, fileName);
  #end = 0;

  constructor() {
    mkdirSync(this.folder, { mode: 0o700 });
    sweeping ??= sweep();
    forgotten.register(this, this.folder);
  }

  append(bytes: Uint8Array): number {
    const offset = Math.ceil(this.#end / alignment) * alignment;
    const file = openSync(this.path, this.#end === 0 ? "wx" : "r+", 0o600);
    try {
      for (let done = 0; done < bytes.byteLength;)
        done += writeSync(file, bytes, done, Math.min(largestCall, bytes.byteLength - done), offset + done);
    } finally {
      closeSync(file);
    }
    this.#end = offset + bytes.byteLength;
    return offset;
  }

  read(offset: number, bytes: number): Uint8Array {
    return readFileRange(this.path, offset, bytes);
  }
}

/**
 * Bytes of a file, read at once by the caller's thread.
 *
 * @throws VesaliusError `bad-file` when the file ends before
 */
export function readFileRange(path: string, offset: number, bytes: number): Uint8Array {
  const result = new Uint8Array(bytes);
  try {
    const file = openSync(path, "r");
    try {
      for (let done = 0; done < bytes;) {
        const count = readSync(file, result, done, Math.min(largestCall, bytes - done), offset + done);
        if (count === 0) throw Object.assign(new Error("the file became shorter while it was read"), { code: "EIO" });
        done += count;
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw fileError(error, path);
  }
  return result;
}

/**
 * Weights that never change, in a file of the system's temporary folder that engines map into memory: all models that
 * are loaded with them share one copy, which the system may drop and read again. The file goes when its tensors do, at the
 * latest with the process.
 */
export class MappedWeights {
  #file: WeightFile | undefined;

  /**
   * Moves a tensor into the file.
   *
   * @returns a lazy tensor over the same bytes (see `lazyTensor`); the one that was given is no longer needed
   * @throws VesaliusError `disk-full` or `output-not-writable`
   */
  keep(tensor: Tensor): Tensor {
    const bytes = tensorBytes(tensor);
    try {
      const file = (this.#file ??= new WeightFile());
      const offset = file.append(bytes);
      const { dtype, shape } = tensor;
      const size = Math.ceil(elementCount(shape) * bytesPerElement(dtype));
      const read = () => decodeTensor(dtype, shape, file.read(offset, size)).data;
      return lazyTensor(tensor, read, { folder: file.folder, name: fileName, offset, bytes: size });
    } catch (error) {
      throw fileError(error, tmpdir());
    }
  }
}
