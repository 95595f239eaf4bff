/** Starts of windows along one axis that cover it evenly, as nnU-Net's `compute_steps_for_sliding_window`. */
function startsAlong(extent: number, window: number, overlap: number): number[] {
  if (extent <= window) return [0];
  const wanted = window * (1 - overlap);
  const count = Math.ceil((extent - window) / wanted) + 1;
  const step = (extent - window) / (count - 1);
  return Array.from({ length: count }, (_, i) => Math.round(i * step));
}

/**
 * First corners of windows that cover an array.
 *
 * @param extents of the array, each at least as large as the window's
 * @param overlap share of a window that the next one covers again, in [0, 1)
 */
export function windowStarts(
  extents: readonly number[],
  window: readonly number[],
  overlap: number,
): readonly (readonly number[])[] {
  const along = extents.map((extent, axis) => startsAlong(extent, window[axis]!, overlap));
  return along.reduce<number[][]>(
    (corners, starts) => corners.flatMap((corner) => starts.map((start) => [...corner, start])),
    [[]],
  );
}

/**
 * Weights of the places of a window, a Gaussian around its centre with a standard deviation of an eighth of each extent,
 * as in nnU-Net and MONAI (`compute_importance_map`): the middle of a window sees more of its surroundings than the rim.
 */
export function gaussianImportance(window: readonly number[]): Float32Array {
  let weights = new Float32Array([1]);
  for (const extent of window) {
    const centre = (extent - 1) / 2;
    const deviation = extent / 8;
    const axis = Float32Array.from({ length: extent }, (_, i) => Math.exp(-(((i - centre) / deviation) ** 2) / 2));
    const grown = new Float32Array(weights.length * extent);
    for (const [i, weight] of weights.entries())
      for (let j = 0; j < extent; j++) grown[i * extent + j] = weight * axis[j]!;
    weights = grown;
  }
  // A weight of zero would leave places without any answer.
  const least = weights.reduce((smallest, weight) => (weight > 0 ? Math.min(smallest, weight) : smallest), 1);
  return weights.map((weight) => Math.max(weight, least));
}

/**
 * Visits the places of a box inside an array of the same rank.
 *
 * @param extents of the array
 * @param start first corner of the box
 * @param box extents of the box
 * @param visit is given the place in the array and the place in the box, both in row-major order
 */
export function visitBox(
  extents: readonly number[],
  start: readonly number[],
  box: readonly number[],
  visit: (place: number, inBox: number) => void,
): void {
  const rank = box.length;
  const size = box.reduce((product, extent) => product * extent, 1);
  const index = Array.from({ length: rank }, () => 0);
  for (let inBox = 0; inBox < size; inBox++) {
    let place = 0;
    for (let axis = 0; axis < rank; axis++) place = place * extents[axis]! + start[axis]! + index[axis]!;
    visit(place, inBox);
    for (let axis = rank - 1; axis >= 0; axis--) {
      if (++index[axis]! < box[axis]!) break;
      index[axis] = 0;
    }
  }
}
