import { VesaliusError } from "../../common/errors.ts";
import { formatShape } from "../shapes.ts";
import type { Attributes } from "../value.ts";
import { listAttribute, stringAttribute } from "./definition.ts";

/** How a kernel moves over its input; one entry for each spatial axis. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding in front of each axis. */
  readonly before: readonly number[];
  /** Padding behind each axis. */
  readonly after: readonly number[];
}

/** Extent that a dilated kernel covers. */
export const reach = ({ kernel, dilations }: Windows, axis: number): number =>
  (kernel[axis]! - 1) * dilations[axis]! + 1;

/**
 * Whether windows over images or volumes lie side by side, square in the last two axes, as those of a patch embedding or
 * of doubling the size.
 */
export const areTiles = ({ kernel, strides, dilations, before, after }: Windows): boolean =>
  (kernel.length === 2 || kernel.length === 3) &&
  kernel.at(-1)! > 1 &&
  kernel.at(-1) === kernel.at(-2) &&
  strides.every((stride, i) => stride === kernel[i]) &&
  dilations.every((dilation) => dilation === 1) &&
  [...before, ...after].every((count) => count === 0);

/** The four attributes of a window that every spatial operator shares, with their defaults. */
export function windowAttributes(
  attributes: Attributes,
  kernel: readonly number[],
): Pick<Windows, "kernel" | "strides" | "dilations"> & { pads: readonly number[]; autoPad: string } {
  const list = (name: string, count: number, fallback: number): readonly number[] => {
    const given = listAttribute(attributes, name) ?? Array.from({ length: count }, () => fallback);
    if (given.length !== count)
      throw new VesaliusError("bad-argument", `${name} ${formatShape(given)} needs ${count} entries`);
    return given;
  };
  const rank = kernel.length;
  return {
    kernel,
    strides: list("strides", rank, 1),
    dilations: list("dilations", rank, 1),
    pads: list("pads", 2 * rank, 0),
    autoPad: stringAttribute(attributes, "auto_pad", "NOTSET"),
  };
}

/**
 * Splits a padding in two halves; the odd element goes behind (`SAME_UPPER`) or in front (`SAME_LOWER`).
 */
export function halves(totals: readonly number[], autoPad: string): Pick<Windows, "before" | "after"> {
  const smaller = totals.map((total) => Math.floor(total / 2));
  const larger = totals.map((total, i) => total - smaller[i]!);
  return autoPad === "SAME_LOWER" ? { before: larger, after: smaller } : { before: smaller, after: larger };
}

/**
 * The windows of a convolution or pooling over an input, with automatic padding worked out.
 *
 * @param extents spatial extents of the input
 * @throws VesaliusError `bad-argument` when an attribute has the wrong number of entries
 */
export function windowsOver(attributes: Attributes, kernel: readonly number[], extents: readonly number[]): Windows {
  const { strides, dilations, pads, autoPad } = windowAttributes(attributes, kernel);
  const rank = kernel.length;
  const explicit = { kernel, strides, dilations, before: pads.slice(0, rank), after: pads.slice(rank) };
  if (autoPad === "NOTSET") return explicit;
  const none = kernel.map(() => 0);
  if (autoPad === "VALID") return { ...explicit, before: none, after: none };
  const totals = extents.map((extent, i) =>
    Math.max(0, (Math.ceil(extent / strides[i]!) - 1) * strides[i]! + reach(explicit, i) - extent),
  );
  return { ...explicit, ...halves(totals, autoPad) };
}

/**
 * Number of window positions along each axis.
 *
 * @throws VesaliusError `shape-mismatch` when the window is larger than the padded input
 */
export function windowCounts(extents: readonly number[], windows: Windows, ceil = false): number[] {
  return extents.map((extent, i) => {
    const { strides, before, after } = windows;
    const room = extent + before[i]! + after[i]! - reach(windows, i);
    if (room < 0)
      throw new VesaliusError(
        "shape-mismatch",
        `a window of ${reach(windows, i)} does not fit in axis ${i + 2} of ${extent}`,
      );
    const positions = (ceil ? Math.ceil : Math.floor)(room / strides[i]!) + 1;
    // A last window that starts in the padding behind the input is left out.
    return ceil && (positions - 1) * strides[i]! >= extent + before[i]! ? positions - 1 : positions;
  });
}
