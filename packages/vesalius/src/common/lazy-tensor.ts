import type { Tensor, TensorData, TensorType } from "./tensor.ts";

/** Where a tensor's bytes lie in a file. */
export interface FilePlace {
  readonly folder: string;
  /** Name of the file in the folder. */
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

const places = new WeakMap<Tensor, FilePlace>();
const lazy = new WeakSet<Tensor>();

/**
 * A tensor whose elements are made anew each time that `data` is asked for, and are kept by nobody: weights that do not
 * fit the memory all at once are read, used and dropped one after the other.
 *
 * @param read gives the elements in row-major order
 * @param place where the same bytes lie in a file that stays as it is, for engines that map files (see `placeOf`)
 */
export function lazyTensor({ dtype, shape }: TensorType, read: () => TensorData, place?: FilePlace): Tensor {
  const tensor: Tensor = {
    dtype,
    shape,
    get data() {
      return read();
    },
  };
  lazy.add(tensor);
  if (place !== undefined) places.set(tensor, place);
  return tensor;
}

/** Whether a tensor's elements are made when they are asked for; see `lazyTensor`. */
export const isLazy = (tensor: Tensor): boolean => lazy.has(tensor);

/** Where a tensor's bytes lie in a file, if they do. */
export const placeOf = (tensor: Tensor): FilePlace | undefined => places.get(tensor);
