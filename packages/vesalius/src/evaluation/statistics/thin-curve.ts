/** A line as two coordinates per point. */
export interface Curve {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/**
 * Chooses points of a curve that are evenly spaced along its length, so that a plot of a few hundred points looks like
 * the whole curve. The first and the last point are always kept; a curve that is short enough is returned whole.
 *
 * @param largest most points to keep, at least two.
 */
export function thinCurve({ x, y }: Curve, largest: number): { x: number[]; y: number[] } {
  const kept: number[] = [];
  if (x.length <= largest) for (let i = 0; i < x.length; i++) kept.push(i);
  else {
    const along = new Float64Array(x.length);
    for (let i = 1; i < x.length; i++) along[i] = along[i - 1]! + Math.hypot(x[i]! - x[i - 1]!, y[i]! - y[i - 1]!);
    let at = 0;
    for (let point = 0; point < largest - 1; point++) {
      const target = (point / (largest - 1)) * along.at(-1)!;
      while (at < x.length - 2 && along[at]! < target) at += 1;
      if (kept.at(-1) !== at) kept.push(at);
    }
    kept.push(x.length - 1);
  }
  return { x: kept.map((i) => x[i]!), y: kept.map((i) => y[i]!) };
}
