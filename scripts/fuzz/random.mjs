/** Random numbers that a seed and labels decide, so that an input is found again by its number. */

/** @param {...(string | number)} labels */
export function randomOf(...labels) {
  let state = 0x9e3779b9;
  for (const sign of labels.join("/")) state = Math.imul(state ^ sign.codePointAt(0), 0x01000193) >>> 0;
  const next = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  /** A whole number below `n`. */
  const below = (n) => Math.floor(next() * n);
  /** One of a list. */
  const one = (list) => list[below(list.length)];
  return { next, below, one };
}
