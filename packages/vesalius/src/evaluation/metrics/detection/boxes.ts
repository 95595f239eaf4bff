import { VesaliusError } from "../../../common/errors.ts";

/** A true object. */
export interface TrueBox {
  /** Left, top, width, height (COCO's order), in pixels. */
  readonly box: readonly [x: number, y: number, width: number, height: number];
  readonly category: string;
}

/** An object that a model found. */
export interface DetectedBox extends TrueBox {
  /** Finite, higher is surer. */
  readonly score: number;
}

/** What an image holds and what was found in it. */
export interface ImageBoxes {
  readonly truth: readonly TrueBox[];
  readonly detections: readonly DetectedBox[];
}

/** Throws unless a box is finite and has an extent, and a score is finite. */
export function requireBoxes(boxes: readonly (TrueBox | DetectedBox)[], what: string): void {
  for (const [index, { box, ...rest }] of boxes.entries()) {
    const [x, y, width, height] = box;
    if (!(Number.isFinite(x + y + width + height) && width >= 0 && height >= 0)) {
      throw new VesaliusError("bad-data", `[${box.join(", ")}] is no box`, {
        where: `${what}, box ${index}`,
        fix: "give left, top, width and height; the extents are 0 or more",
      });
    }
    if ("score" in rest && !Number.isFinite(rest.score)) {
      throw new VesaliusError("not-a-number", `the score is ${rest.score}`, {
        where: `${what}, box ${index}`,
        fix: "a model that has diverged gives such scores; look at the training loss",
      });
    }
  }
}

/** Area of the intersection divided by that of the union, in [0, 1]; 0 for boxes without area. */
export function boxOverlap(a: TrueBox["box"], b: TrueBox["box"]): number {
  const side = (start: number, extent: number, other: number, otherExtent: number) =>
    Math.max(0, Math.min(start + extent, other + otherExtent) - Math.max(start, other));
  const intersection = side(a[0], a[2], b[0], b[2]) * side(a[1], a[3], b[1], b[3]);
  const union = a[2] * a[3] + b[2] * b[3] - intersection;
  return union === 0 ? 0 : intersection / union;
}
