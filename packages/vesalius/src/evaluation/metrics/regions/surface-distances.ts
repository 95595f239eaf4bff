import { squaredDistanceTransform } from "./distance-transform.ts";
import { foreground, type Mask, requireSameGrid } from "./mask.ts";

/** How far the surfaces of two regions lie apart; all that is kept of a case. */
export interface SurfaceDistances {
  /** Of each surface voxel of the prediction, the distance to the reference's surface, rising, in the unit of spacing. */
  readonly ofPrediction: Float64Array;
  /** The same of the reference's surface voxels to the prediction's surface. */
  readonly ofReference: Float64Array;
}

/** A box of voxels that holds both surfaces; distances need no look beyond it. */
interface Box {
  readonly starts: readonly number[];
  readonly extents: readonly number[];
}

/** Positions of the voxels of a region that touch, by a face, a voxel outside it or the border of the image. */
function surfaceVoxels(inside: Uint8Array, shape: readonly number[]): Int32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1));
  const found: number[] = [];
  for (let i = 0; i < inside.length; i++) {
    if (inside[i] === 0) continue;
    for (let axis = 0; axis < shape.length; axis++) {
      const [stride, extent] = [strides[axis]!, shape[axis]!];
      const place = Math.floor(i / stride) % extent;
      if (place > 0 && place < extent - 1 && inside[i - stride] === 1 && inside[i + stride] === 1) continue;
      found.push(i);
      break;
    }
  }
  return Int32Array.from(found);
}

function placesOf(index: number, shape: readonly number[], into: number[]): number[] {
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    into[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return into;
}

function boxAround(surfaces: readonly Int32Array[], shape: readonly number[]): Box {
  const starts = [...shape];
  const ends = shape.map(() => 0);
  const places: number[] = [];
  for (const surface of surfaces) {
    for (const index of surface) {
      for (const [axis, place] of placesOf(index, shape, places).entries()) {
        starts[axis] = Math.min(starts[axis]!, place);
        ends[axis] = Math.max(ends[axis]!, place + 1);
      }
    }
  }
  return { starts, extents: ends.map((end, axis) => end - starts[axis]!) };
}

/** The surface's positions inside the box. */
function moved(surface: Int32Array, shape: readonly number[], { starts, extents }: Box): Int32Array {
  const places: number[] = [];
  return surface.map((index) =>
    placesOf(index, shape, places).reduce((at, place, axis) => at * extents[axis]! + place - starts[axis]!, 0),
  );
}

function distancesFrom(from: Int32Array, to: Int32Array, box: Box, spacing: readonly number[]): Float64Array {
  if (to.length === 0) return new Float64Array(from.length).fill(Infinity);
  const sites = new Uint8Array(box.extents.reduce((product, extent) => product * extent, 1));
  for (const index of to) sites[index] = 1;
  const squared = squaredDistanceTransform(sites, box.extents, spacing);
  return Float64Array.from(from, (index) => Math.sqrt(squared[index]!)).sort();
}

/**
 * Distances between the surfaces of two regions. A surface voxel is one that a face joins to a voxel outside the region
 * or to the border of the image; distances are taken between centres of voxels. Agrees with MONAI's
 * `get_surface_distance` (edges by erosion). Infinite where only the other region is empty.
 *
 * @throws VesaliusError `shape-mismatch` where a mask is broken or the two lie on different grids.
 *
 * @example
 * const distances = surfaceDistances(
 *   { data: labels, shape, spacing: [1, 1, 2.5], label: 1 },
 *   { data: truth, shape, spacing: [1, 1, 2.5], label: 1 },
 * );
 * hausdorffDistance(distances, 95); // in millimetres
 */
export function surfaceDistances(prediction: Mask, reference: Mask): SurfaceDistances {
  requireSameGrid(prediction, reference);
  const { shape } = reference;
  const spacing = reference.spacing ?? shape.map(() => 1);
  const [predicted, referenced] = [prediction, reference].map((mask) => surfaceVoxels(foreground(mask), shape));
  const box = boxAround([predicted!, referenced!], shape);
  const [a, b] = [moved(predicted!, shape, box), moved(referenced!, shape, box)];
  return { ofPrediction: distancesFrom(a, b, box, spacing), ofReference: distancesFrom(b, a, box, spacing) };
}
