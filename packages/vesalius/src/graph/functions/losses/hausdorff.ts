import type { Value } from "../../value.ts";
import { add, log, multiply, power, square, subtract } from "../arithmetic.ts";
import { greater, where } from "../comparison.ts";
import { cast } from "../indexing.ts";
import { reduceMax, reduceMin } from "../reductions.ts";
import { stopGradient, unsqueeze } from "../shaping.ts";
import { foreground, type SegmentationOptions, segmentationProbabilities } from "./segmentation-targets.ts";
import { meanOf } from "./totals.ts";

/** Larger than any squared distance, small enough to add to one in float32. */
const far = 1e12;

/**
 * Squared Euclidean distance of each pixel to the nearest pixel of a mask, exactly, one axis after the other (Felzenszwalb
 * and Huttenlocher 2012); each axis takes memory for every pair of positions along it.
 *
 * @param mask 1 inside, 0 outside, `[batch, classes, ...spatial]`
 * @returns squared distances in pixels, `far` and more where the mask is empty
 */
function squaredDistance(mask: Value): Value {
  const { graph } = mask;
  let distance = where(greater(mask, graph.scalar(0.5)), graph.scalar(0), graph.scalar(far));
  for (let axis = 2; axis < mask.rank; axis++) {
    const extent = mask.shape[axis]!;
    const apart = Float32Array.from(
      { length: extent * extent },
      (_, pair) => ((pair % extent) - Math.floor(pair / extent)) ** 2,
    );
    // Positions lie along `axis`, those that they are measured to along the axis behind it.
    const shape = [...mask.shape, 1].map((_, i) => (i === axis || i === axis + 1 ? extent : 1));
    const pairs = graph.constant({ dtype: "float32", shape, data: apart });
    distance = reduceMin(add(unsqueeze(distance, [axis]), pairs), [axis + 1], { keepDimensions: false });
  }
  return distance;
}

/** Distance of each pixel to the nearest of the other side of a mask's border; 0 in images with one side only. */
function borderDistance(probabilities: Value, exponent: number): Value {
  const { graph } = probabilities;
  const inside = cast(greater(probabilities, graph.scalar(0.5)), "float32");
  const outside = subtract(graph.scalar(1), inside);
  const spatial = probabilities.shape.slice(2).map((_, i) => i + 2);
  const hasBoth = multiply(reduceMax(inside, spatial), reduceMax(outside, spatial));
  const squared = add(squaredDistance(inside), squaredDistance(outside));
  return where(greater(hasBoth, graph.scalar(0.5)), power(squared, exponent), graph.scalar(0));
}

/** Options of `hausdorffLoss`. */
export interface HausdorffOptions extends SegmentationOptions {
  /** Power of the distances; 2 by default. */
  readonly power?: number;
}

/**
 * Loss by the distance of errors to the borders (Karimi and Salcudean 2019), as MONAI's `HausdorffDTLoss`: squared error
 * times the distances to the borders of prediction and truth, which carry no gradient. MONAI leaves channel 0 out unless
 * told otherwise; here `includeBackground` is true unless told otherwise, as everywhere.
 *
 * @param logits `[batch, classes, ...spatial]`
 * @param targets 0 or 1, same shape
 * @returns scalar
 */
export function hausdorffLoss(logits: Value, targets: Value, options: HausdorffOptions): Value {
  const probabilities = foreground(segmentationProbabilities(logits, options.activation), options.includeBackground);
  const truth = foreground(targets, options.includeBackground);
  const half = (options.power ?? 2) / 2;
  const distances = add(borderDistance(stopGradient(probabilities), half), borderDistance(truth, half));
  return meanOf(multiply(square(subtract(probabilities, truth)), stopGradient(distances)));
}

/** `log(1 + hausdorffLoss)`, as MONAI's `LogHausdorffDTLoss`. */
export const logHausdorffLoss = (logits: Value, targets: Value, options: HausdorffOptions): Value =>
  log(add(hausdorffLoss(logits, targets, options), 1));
