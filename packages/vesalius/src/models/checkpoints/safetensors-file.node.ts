import { lazyTensor } from "../../common/lazy-tensor.ts";
import { readFileRange } from "../../common/read-file-range.node.ts";
import type { Tensor } from "../../graph/index.ts";
import {
  decodeTensor,
  safetensorsHeaderLength,
  safetensorsLayout,
  type SafetensorsLayout,
} from "../../common/safetensors.ts";
import { fileSize, readRange } from "./file-range.node.ts";

/** A safetensors file of which only the header is in memory. */
export interface SafetensorsFile extends SafetensorsLayout {
  /**
   * Reads one tensor.
   *
   * @param name one of `tensors`
   * @throws VesaliusError `bad-file` when the file was changed since it was opened
   */
  readonly read: (name: string) => Promise<Tensor>;
  /** A tensor that is read each time that its elements are asked for; see `lazyTensor`. */
  readonly lazy: (name: string) => Tensor;
}

/**
 * Opens a safetensors file. Its header is read and checked against the size of the file; no file stays open.
 *
 * @throws VesaliusError `bad-file` for anything that does not fit the format, `missing-file`
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const bytes = await fileSize(path);
  const length = safetensorsHeaderLength(await readRange(path, 0, Math.min(8, bytes)), bytes, path);
  const layout = safetensorsLayout(await readRange(path, 8, length), bytes, path);
  return {
    ...layout,
    read: async (name) => {
      const { dtype, shape, start, end } = layout.tensors.get(name)!;
      return decodeTensor(dtype, shape, await readRange(path, start, end - start));
    },
    lazy: (name) => {
      const { dtype, shape, start, end } = layout.tensors.get(name)!;
      return lazyTensor(
        { dtype, shape },
        () => decodeTensor(dtype, shape, readFileRange(path, start, end - start)).data,
      );
    },
  };
}
