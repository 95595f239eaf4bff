import type { PartValues } from "../encoders/encoder.ts";

/** Bytes of prepared values that one part keeps in one thread. */
const budget = 256 * 2 ** 20;

/** Bytes of the typed arrays in a value, one level deep; what else there is hardly counts. */
function bytesOf(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value === "string") return 2 * value.length;
  if (typeof value !== "object" || value === null) return 8;
  return Object.values(value).reduce<number>((sum, one) => sum + (ArrayBuffer.isView(one) ? one.byteLength : 16), 16);
}

/** Keeps prepared values by row until the budget is spent; later rows are prepared each time. */
export function preparedCache(
  prepare: (values: PartValues) => PartValues,
): (row: number, values: PartValues) => PartValues {
  const kept = new Map<number, PartValues>();
  let left = budget;
  return (row, values) => {
    const known = kept.get(row);
    if (known !== undefined) return known;
    const prepared = prepare(values);
    left -= prepared.reduce<number>((sum, value) => sum + bytesOf(value), 0);
    if (left > 0) kept.set(row, prepared);
    return prepared;
  };
}
