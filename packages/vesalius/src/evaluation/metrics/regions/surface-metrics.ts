import { VesaliusError } from "../../../common/errors.ts";
import { quantileOfSorted } from "../../statistics/quantile.ts";
import { type SurfaceDistances } from "./surface-distances.ts";

/**
 * Hausdorff distance: the largest distance of a point of one surface from the other surface; with a percentile, the
 * larger of the two directed percentiles (HD95), interpolated linearly. 0 for equal surfaces, lower is better.
 *
 * As MONAI gives it, and stated because it decides what a mean over cases means: where one region is empty the distance
 * is infinite at percentile 100 and not a number below; where both are, it is not a number. Count the empty ones.
 *
 * @param percentile in (0, 100].
 * @throws VesaliusError `bad-argument` for another percentile.
 */
export function hausdorffDistance({ ofPrediction, ofReference }: SurfaceDistances, percentile = 100): number {
  if (!(percentile > 0 && percentile <= 100)) {
    throw new VesaliusError("bad-argument", `a percentile lies above 0 and at most at 100, not at ${percentile}`, {
      where: "percentile",
      fix: "write 95 for HD95",
    });
  }
  const directed = [ofPrediction, ofReference].filter(({ length }) => length > 0);
  if (directed.length === 0) return NaN;
  if (directed.length === 1) return percentile === 100 ? Infinity : NaN;
  return Math.max(...directed.map((distances) => quantileOfSorted(distances, percentile / 100)));
}

/**
 * Average symmetric surface distance: the mean over the voxels of both surfaces (MONAI's `SurfaceDistanceMetric` with
 * `symmetric=True`), or `directed`, over the prediction's alone. Infinite where one region is empty, not a number where
 * both are. Lower is better.
 */
export function averageSurfaceDistance(
  { ofPrediction, ofReference }: SurfaceDistances,
  { directed = false }: { readonly directed?: boolean } = {},
): number {
  if (ofPrediction.length === 0 || ofReference.length === 0) {
    return ofPrediction.length === ofReference.length ? NaN : Infinity;
  }
  const sum = (distances: Float64Array) => distances.reduce((total, distance) => total + distance, 0);
  if (directed) return sum(ofPrediction) / ofPrediction.length;
  return (sum(ofPrediction) + sum(ofReference)) / (ofPrediction.length + ofReference.length);
}

/**
 * Normalized surface Dice: the share of both surfaces that lies within a tolerance of the other one, in [0, 1], by number
 * of surface voxels. Nikolov et al. 2021; agrees with MONAI's `SurfaceDiceMetric`. 0 where one region is empty, not a
 * number where both are.
 *
 * @param tolerance in the unit of spacing; what experts differ by, for instance.
 * @throws VesaliusError `bad-argument` for a negative tolerance.
 */
export function surfaceDice({ ofPrediction, ofReference }: SurfaceDistances, tolerance: number): number {
  if (!(tolerance >= 0)) {
    throw new VesaliusError("bad-argument", `a tolerance is a distance, not ${tolerance}`, {
      where: "tolerance",
      fix: "give millimetres, 0 or more",
    });
  }
  const within = (distances: Float64Array) => distances.reduce((n, distance) => n + (distance <= tolerance ? 1 : 0), 0);
  return (within(ofPrediction) + within(ofReference)) / (ofPrediction.length + ofReference.length);
}
