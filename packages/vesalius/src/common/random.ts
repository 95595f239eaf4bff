/**
 * Seeded pseudo-random numbers that are the same on every platform and backend.
 *
 * A stream is named by a seed and any number of labels (`step`, `epoch`, an input's name), so a resumed run draws the
 * same numbers as an uninterrupted one without storing generator state.
 */
export interface RandomStream {
  /** Next 32 random bits as an unsigned integer in [0, 2^32). */
  uint32(): number;
  /** Uniform number in [0, 1). */
  uniform(): number;
  /** Standard normal number (Box-Muller). */
  normal(): number;
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
  /** Random permutation of 0..length-1 (Fisher-Yates). */
  permutation(length: number): Int32Array;
}

/** Hash of a list of labels to four 32-bit words (MurmurHash3's mixing over the label characters). */
function hashLabels(labels: readonly (string | number)[]): [number, number, number, number] {
  let a = 1779033703;
  let b = 3144134277;
  let c = 1013904242;
  let d = 2773480762;
  const text = labels.map((label) => `${typeof label}:${label}`).join("\u0000");
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ k, 597399067);
    b = c ^ Math.imul(b ^ k, 2869860233);
    c = d ^ Math.imul(c ^ k, 951274213);
    d = a ^ Math.imul(d ^ k, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  a ^= b ^ c ^ d;
  return [a >>> 0, (b ^ a) >>> 0, (c ^ a) >>> 0, (d ^ a) >>> 0];
}

/**
 * Opens the random stream named by a seed and labels. Equal names give equal streams; different names give streams
 * without visible correlation (sfc32 by Chris Doty-Humphrey, from PractRand).
 *
 * @example
 * const stream = randomStream(7, "mask", step);
 * stream.uniform(); // the same number on every machine
 */
export function randomStream(seed: number, ...labels: readonly (string | number)[]): RandomStream {
  let [a, b, c, counter] = hashLabels([seed, ...labels]);
  const uint32 = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) uint32();
  const uniform = (): number => (uint32() >>> 0) / 4294967296;
  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    // 1 - uniform() lies in (0, 1], so the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  const integer = (bound: number): number => Math.floor(uniform() * bound);
  const permutation = (length: number): Int32Array => {
    const order = new Int32Array(length);
    for (let i = 0; i < length; i++) order[i] = i;
    for (let i = length - 1; i > 0; i--) {
      const j = integer(i + 1);
      const held = order[i]!;
      order[i] = order[j]!;
      order[j] = held;
    }
    return order;
  };
  return { uint32, uniform, normal, integer, permutation };
}
