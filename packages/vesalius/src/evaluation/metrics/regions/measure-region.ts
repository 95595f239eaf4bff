import { type Mask } from "./mask.ts";
import { countOverlap, diceCoefficient, intersectionOverUnion, type OverlapCounts } from "./overlap.ts";
import { surfaceDistances } from "./surface-distances.ts";
import { averageSurfaceDistance, hausdorffDistance, surfaceDice } from "./surface-metrics.ts";

/** All that is kept of one region of one case; distances in the unit of spacing. */
export interface RegionMeasure extends OverlapCounts {
  readonly dice: number;
  readonly intersectionOverUnion: number;
  readonly hausdorff: number;
  readonly hausdorff95: number;
  readonly averageSurfaceDistance: number;
  readonly surfaceDice: number;
}

/**
 * Compares a predicted region with the reference in every usual respect. What is undefined for an empty region is NaN or
 * Infinity as the single functions say (MONAI's conventions); `predicted` and `reference` tell which region was empty.
 *
 * @param options.tolerance of the surface Dice, in the unit of spacing; 1 when left out.
 * @throws VesaliusError `shape-mismatch` where a mask is broken or the two lie on different grids.
 */
export function measureRegion(
  prediction: Mask,
  reference: Mask,
  { tolerance = 1 }: { readonly tolerance?: number } = {},
): RegionMeasure {
  const counts = countOverlap(prediction, reference);
  const distances = surfaceDistances(prediction, reference);
  return {
    ...counts,
    dice: diceCoefficient(counts),
    intersectionOverUnion: intersectionOverUnion(counts),
    hausdorff: hausdorffDistance(distances),
    hausdorff95: hausdorffDistance(distances, 95),
    averageSurfaceDistance: averageSurfaceDistance(distances),
    surfaceDice: surfaceDice(distances, tolerance),
  };
}
