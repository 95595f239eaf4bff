import { add, gather, reshape, type Value } from "../../graph/index.ts";

/**
 * Vectors at chosen places of each row.
 *
 * @param x `[rows, places, width]`
 * @param chosen places, int32 `[rows, count]`
 * @returns `[rows, count, width]`
 */
export function gatherPlaces(x: Value, chosen: Value): Value {
  const [rows, places, width] = x.shape as [number, number, number];
  const count = chosen.shape[1]!;
  const starts = Int32Array.from({ length: rows }, (_, row) => row * places);
  const flat = add(chosen, x.graph.constant({ dtype: "int32", shape: [rows, 1], data: starts }));
  return reshape(gather(reshape(x, [rows * places, width]), reshape(flat, [rows * count])), [rows, count, width]);
}
