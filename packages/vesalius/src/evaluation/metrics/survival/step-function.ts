/** A function of time that is constant from each jump to the next. */
export interface StepFunction {
  /** `[steps]` where it jumps, rising. */
  readonly times: ArrayLike<number>;
  /** `[steps]` its value from each jump on. */
  readonly values: ArrayLike<number>;
  /** Its value before the first jump. */
  readonly before: number;
}

function firstFailing(length: number, holds: (position: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Number of entries of a rising list that are at most `value`. */
export const countUpTo = (rising: ArrayLike<number>, value: number): number =>
  firstFailing(rising.length, (position) => rising[position]! <= value);

/** Number of entries of a rising list that are less than `value`. */
export const countBelow = (rising: ArrayLike<number>, value: number): number =>
  firstFailing(rising.length, (position) => rising[position]! < value);

/** Value at a time; after the last jump, that of the last jump. */
export function stepValue({ times, values, before }: StepFunction, time: number): number {
  const steps = countUpTo(times, time);
  return steps === 0 ? before : values[steps - 1]!;
}
