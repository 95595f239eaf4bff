import { readFileRange } from "../../../common/read-file-range.node.ts";
import { VesaliusError } from "../../../common/errors.ts";
import { lazyTensor } from "../../../common/lazy-tensor.ts";
import type { Tensor, Tensors } from "../../../graph/index.ts";
import { fileSize } from "../file-range.node.ts";
import { decodeBlocks } from "./blocks.ts";
import { type GgufHeader, readGgufHeader } from "./header.ts";

/** A GGUF file whose numbers are still in it. */
export interface GgufFile extends GgufHeader {
  /** float32, slowest axis first, under the file's names; read and dequantised when their elements are asked for. */
  readonly weights: Tensors;
}

/** @throws VesaliusError `not-a-number` where a damaged scale made a block infinite */
function finite(numbers: Float32Array, where: string): Float32Array {
  const bad = numbers.findIndex((x) => !Number.isFinite(x));
  if (bad < 0) return numbers;
  throw new VesaliusError("not-a-number", `element ${bad} of the weight is ${numbers[bad]}`, {
    where,
    fix: "the file is damaged; get it again",
  });
}

/**
 * Opens a GGUF file; see `readGgufHeader`.
 *
 * @throws VesaliusError `bad-file`, `missing-file`
 */
export async function openGguf(path: string): Promise<GgufFile> {
  const size = await fileSize(path);
  const read = (offset: number, length: number): Uint8Array => readFileRange(path, offset, length);
  const header = readGgufHeader({ size, read }, path);
  const weights = new Map(
    [...header.tensors].map(([name, { shape, format, offset, bytes }]): [string, Tensor] => [
      name,
      lazyTensor({ dtype: "float32", shape }, () =>
        finite(decodeBlocks(format, read(offset, bytes)), `${path}, ${name}`),
      ),
    ]),
  );
  return { ...header, weights };
}
