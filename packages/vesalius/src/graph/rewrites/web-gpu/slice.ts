import { sliceAxes } from "../../functions/index.ts";
import { normalizeAxis } from "../../shapes.ts";
import { integers } from "../../../common/tensor.ts";
import type { Value } from "../../value.ts";
import type { NodeRewriter } from "../rewrite.ts";

/** Largest bound that 32 bits hold. */
const largest = 2 ** 31 - 1;

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** The same elements in rising order, from the first that is taken to behind the last. */
function rising(from: number, to: number, step: number, extent: number) {
  const inside = (bound: number): number => (bound < 0 ? bound + extent : bound);
  if (step > 0) return { start: clamp(inside(from), 0, extent), end: clamp(inside(to), 0, extent), step };
  const [first, end] = [clamp(inside(from), 0, extent - 1), clamp(inside(to), -1, extent - 1)];
  const count = Math.max(0, Math.ceil((end - first) / step));
  return count === 0
    ? { start: 0, end: 0, step: 1 }
    : { start: first + (count - 1) * step, end: first + 1, step: -step };
}

/**
 * Slice with bounds outside 32 bits, of which the kernel drops the upper half, or with negative steps, for many of which
 * it takes wrong elements: a cut in rising order with bounds inside the tensor, turned round afterwards.
 */
export const irregularSlice: NodeRewriter = (_, inputs) => {
  const [x, ...given] = inputs as readonly [Value, ...(Value | undefined)[]];
  if (given.some((value) => value !== undefined && value.tensor === undefined)) return undefined;
  const [starts, ends, axes, steps] = given.map((value) => value && integers(value.tensor!));
  if (starts === undefined || ends === undefined) return undefined;
  const isWide = [...starts, ...ends].some((bound) => Math.abs(bound) > largest);
  if (!isWide && !steps?.some((step) => step < 0)) return undefined;
  const cuts = starts.map((from, i) => {
    const axis = normalizeAxis(axes?.[i] ?? i, x.rank);
    return { axis, ...rising(from, ends[i]!, steps?.[i] ?? 1, x.shape[axis]!) };
  });
  const cut = sliceAxes(x, cuts);
  const turned = cuts.filter(({ axis }, i) => (steps?.[i] ?? 1) < 0 && cut.shape[axis]! > 1);
  return [
    sliceAxes(
      cut,
      turned.map(({ axis }) => ({ axis, start: cut.shape[axis]! - 1, end: -cut.shape[axis]! - 1, step: -1 })),
    ),
  ];
};
