import type { Value } from "../../value.ts";
import { relu } from "../activations.ts";
import { add, divide, minimum, multiply, negate, subtract } from "../arithmetic.ts";
import { maxPool } from "../pooling.ts";
import { foreground } from "./segmentation-targets.ts";
import { sumOf } from "./totals.ts";

/** Smallest element of a cross of length 3 along every spatial axis. */
function softErosion(x: Value): Value {
  const rank = x.rank - 2;
  const along = Array.from({ length: rank }, (_, axis) => {
    const kernel = Array.from({ length: rank }, (_extent, i) => (i === axis ? 3 : 1));
    const options = { stride: 1, padding: kernel.map((extent) => (extent - 1) / 2) };
    return negate(maxPool(negate(x), kernel, options));
  });
  return along.reduce((smallest, next) => minimum(smallest, next));
}

/** What an opening removes: thin structures. */
const thinParts = (x: Value): Value => relu(subtract(x, maxPool(softErosion(x), 3, { stride: 1, padding: 1 })));

/**
 * Differentiable skeleton (Shit et al. 2021): what openings remove from ever more eroded images.
 *
 * @param x probabilities `[batch, classes, ...spatial]`
 * @param iterations erosions; at least half the thickness of the thickest vessel, in pixels
 */
export function softSkeleton(x: Value, iterations: number): Value {
  let eroded = x;
  let skeleton = thinParts(x);
  for (let i = 0; i < iterations; i++) {
    eroded = softErosion(eroded);
    const found = thinParts(eroded);
    skeleton = add(skeleton, relu(subtract(found, multiply(skeleton, found))));
  }
  return skeleton;
}

/**
 * Centreline Dice loss for vessels and nerves (Shit et al. 2021), as MONAI's `SoftclDiceLoss`: skeletons must lie inside
 * the other mask. Channel 0 is background and left out.
 *
 * @param probabilities `[batch, classes, ...spatial]`
 * @param targets 0 or 1, same shape
 * @param options.iterations see `softSkeleton`; 3 by default
 * @param options.smooth added to both parts of the ratios; 1 by default
 * @returns scalar
 */
export function centrelineDiceLoss(
  probabilities: Value,
  targets: Value,
  options: { readonly iterations?: number; readonly smooth?: number } = {},
): Value {
  const { iterations = 3, smooth = 1 } = options;
  const inside = (skeleton: Value, mask: Value): Value => {
    const kept = foreground(skeleton, false);
    const covered = multiply(kept, foreground(mask, false));
    return divide(add(sumOf(covered), smooth), add(sumOf(kept), smooth));
  };
  const precision = inside(softSkeleton(probabilities, iterations), targets);
  const sensitivity = inside(softSkeleton(targets, iterations), probabilities);
  const overlap = divide(multiply(multiply(precision, sensitivity), 2), add(precision, sensitivity));
  return subtract(overlap.graph.scalar(1), overlap);
}
