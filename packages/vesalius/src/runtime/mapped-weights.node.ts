import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileError } from "../common/files.node.ts";
import { readFileRange } from "../common/read-file-range.node.ts";
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
