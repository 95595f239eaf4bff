export { squaredDistanceTransform } from "./distance-transform.ts";
export { type Mask } from "./mask.ts";
export { measureRegion, type RegionMeasure } from "./measure-region.ts";
export {
  countOverlap,
  countOverlaps,
  diceCoefficient,
  type EmptyReference,
  intersectionOverUnion,
  type OverlapCounts,
  sumOverlaps,
} from "./overlap.ts";
export { type SurfaceDistances, surfaceDistances } from "./surface-distances.ts";
export { averageSurfaceDistance, hausdorffDistance, surfaceDice } from "./surface-metrics.ts";
