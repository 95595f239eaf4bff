/** Distance of each place of a line from the nearest place where `values` is 0; all others are infinite. */
function nearestOnLine(values: Float64Array, length: number, step: number): void {
  let distance = Infinity;
  for (let i = 0; i < length; i++) {
    distance = values[i] === 0 ? 0 : distance + step;
    values[i] = distance;
  }
  distance = Infinity;
  for (let i = length - 1; i >= 0; i--) {
    distance = Math.min(values[i]!, distance + step);
    values[i] = distance * distance;
  }
}

/** Lower envelope of parabolas of one line, reused for all lines of an axis. */
interface Envelope {
  /** Places whose parabolas form the envelope. */
  readonly places: Int32Array;
  /** Where each of them begins to be the lowest. */
  readonly begins: Float64Array;
  readonly lowest: Float64Array;
}

/** One-dimensional squared distance transform of sampled heights (Felzenszwalb and Huttenlocher 2012, algorithm 1). */
function lowerEnvelope(values: Float64Array, length: number, step: number, { places, begins, lowest }: Envelope): void {
  let count = 0;
  for (let i = 0; i < length; i++) {
    const height = values[i]!;
    if (height === Infinity) continue;
    const x = i * step;
    let begin = -Infinity;
    while (count > 0) {
      const last = places[count - 1]!;
      const z = last * step;
      begin = (height + x * x - (values[last]! + z * z)) / (2 * (x - z));
      if (begin > begins[count - 1]!) break;
      count -= 1;
      begin = -Infinity;
    }
    places[count] = i;
    begins[count] = begin;
    count += 1;
  }
  if (count === 0) return;
  let current = 0;
  for (let i = 0; i < length; i++) {
    const x = i * step;
    while (current + 1 < count && begins[current + 1]! < x) current += 1;
    const place = places[current]!;
    lowest[i] = (x - place * step) ** 2 + values[place]!;
  }
  for (let i = 0; i < length; i++) values[i] = lowest[i]!;
}

/**
 * Exact squared Euclidean distance of every voxel from the nearest site, axis after axis in linear time. Felzenszwalb
 * and Huttenlocher 2012; agrees with SciPy's `distance_transform_edt(sites == 0, sampling=spacing) ** 2`.
 *
 * @param sites `[...shape]` row-major, not 0 at a site.
 * @param shape extents of any number of axes.
 * @param spacing distance between neighbouring voxels along each axis; the result is in its square. 1 when left out.
 * @returns `[...shape]`, 0 at the sites; Infinity everywhere where there is none.
 */
export function squaredDistanceTransform(
  sites: ArrayLike<number>,
  shape: readonly number[],
  spacing: readonly number[] = shape.map(() => 1),
): Float64Array {
  const squared = new Float64Array(sites.length);
  for (let i = 0; i < squared.length; i++) squared[i] = sites[i] === 0 ? Infinity : 0;
  const longest = Math.max(...shape);
  const line = new Float64Array(longest);
  const envelope: Envelope = {
    places: new Int32Array(longest),
    begins: new Float64Array(longest),
    lowest: new Float64Array(longest),
  };
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const [extent, step] = [shape[axis]!, spacing[axis]!];
    const block = stride * extent;
    for (let outer = 0; outer < squared.length; outer += block) {
      for (let start = outer; start < outer + stride; start++) {
        for (let i = 0; i < extent; i++) line[i] = squared[start + i * stride]!;
        if (axis === shape.length - 1) nearestOnLine(line, extent, step);
        else lowerEnvelope(line, extent, step, envelope);
        for (let i = 0; i < extent; i++) squared[start + i * stride] = line[i]!;
      }
    }
    stride = block;
  }
  return squared;
}
