import { requireClassIndices } from "../input-checks.ts";
import { foreground, type Mask, requireSameGrid } from "./mask.ts";

/** Sizes of a predicted region, a reference region and what they share, in voxels (or any other weight). */
export interface OverlapCounts {
  readonly intersection: number;
  readonly predicted: number;
  readonly reference: number;
}

/**
 * What an overlap is where the reference is empty.
 * - `ignore`: not a number, so that the case is left out of a mean (MONAI's default).
 * - `count`: 1 where the prediction is empty too, otherwise 0.
 */
export type EmptyReference = "ignore" | "count";

/**
 * Sizes of two regions and of their intersection.
 *
 * @throws VesaliusError `shape-mismatch` where a mask is broken or the two lie on different grids.
 */
export function countOverlap(prediction: Mask, reference: Mask): OverlapCounts {
  requireSameGrid(prediction, reference);
  const [a, b] = [foreground(prediction), foreground(reference)];
  let [intersection, predicted, referenced] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    predicted += a[i]!;
    referenced += b[i]!;
    intersection += a[i]! & b[i]!;
  }
  return { intersection, predicted, reference: referenced };
}

/**
 * The same for every class of two label maps in one pass.
 *
 * @param prediction label map; its `label` is not looked at.
 * @param classes number of classes, background included.
 * @returns `[classes]`.
 * @throws VesaliusError `shape-mismatch` as `countOverlap`, `bad-data` for a value that is no class index.
 */
export function countOverlaps(prediction: Mask, reference: Mask, classes: number): OverlapCounts[] {
  requireSameGrid(prediction, reference);
  requireClassIndices(prediction.data, classes, "prediction");
  requireClassIndices(reference.data, classes, "reference");
  const [intersection, predicted, referenced] = [0, 0, 0].map(() => new Float64Array(classes));
  for (let i = 0; i < prediction.data.length; i++) {
    const [found, wanted] = [prediction.data[i]!, reference.data[i]!];
    predicted![found]! += 1;
    referenced![wanted]! += 1;
    if (found === wanted) intersection![found]! += 1;
  }
  return Array.from(intersection!, (shared, index) => ({
    intersection: shared,
    predicted: predicted![index]!,
    reference: referenced![index]!,
  }));
}

/**
 * Counts of several cases added up, for a metric of all voxels pooled; `weights` says how often each case counts.
 */
export function sumOverlaps(cases: readonly OverlapCounts[], weights?: ArrayLike<number>): OverlapCounts {
  const sum = { intersection: 0, predicted: 0, reference: 0 };
  for (const [row, counts] of cases.entries()) {
    const weight = weights === undefined ? 1 : weights[row]!;
    sum.intersection += weight * counts.intersection;
    sum.predicted += weight * counts.predicted;
    sum.reference += weight * counts.reference;
  }
  return sum;
}

function overlapRatio(part: number, whole: number, reference: number, empty: EmptyReference): number {
  if (reference > 0) return part / whole;
  return empty === "ignore" ? NaN : whole === 0 ? 1 : 0;
}

/**
 * Dice similarity coefficient, 2 |A and B| / (|A| + |B|), in [0, 1]. Dice 1945; agrees with MONAI's `DiceMetric`.
 */
export function diceCoefficient(counts: OverlapCounts, emptyReference: EmptyReference = "ignore"): number {
  const { intersection, predicted, reference } = counts;
  return overlapRatio(2 * intersection, predicted + reference, reference, emptyReference);
}

/** Intersection over union (Jaccard index), in [0, 1]. Agrees with MONAI's `MeanIoU`. */
export function intersectionOverUnion(counts: OverlapCounts, emptyReference: EmptyReference = "ignore"): number {
  const { intersection, predicted, reference } = counts;
  return overlapRatio(intersection, predicted + reference - intersection, reference, emptyReference);
}
