/**
 * The 16 levels of NF4: quantiles of a normal distribution scaled to [-1, 1], with an exact zero (Dettmers et al. 2023,
 * appendix E; the same numbers as in bitsandbytes and in ONNX Runtime's MatMulBnb4).
 */
export const normalFloatLevels: readonly number[] = [
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
  -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
  0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
];

/** Scales of the scales have blocks of this size, as in the paper. */
export const nestedBlockSize = 256;

/** A matrix in NF4 with double quantisation. */
export interface NormalFloatCodes {
  /** Two elements a byte, high half first, in the order of the matrix. */
  readonly codes: Uint8Array;
  /** Largest magnitude of each block, less their mean, in steps of the nested scale. */
  readonly absmax: Int8Array;
  /** One for each `nestedBlockSize` blocks. */
  readonly nestedScale: Float32Array;
  /** The mean. */
  readonly offset: Float32Array;
}

const boundaries = normalFloatLevels.slice(1).map((level, i) => (level + normalFloatLevels[i]!) / 2);

/** Number of the nearest level, by bisection. */
function nearestLevel(value: number): number {
  let level = value > boundaries[7]! ? 8 : 0;
  if (value > boundaries[level + 3]!) level += 4;
  if (value > boundaries[level + 1]!) level += 2;
  if (value > boundaries[level]!) level += 1;
  return level;
}

/** Quantises the blocks' magnitudes themselves, to 8 bits in blocks of 256 after their mean is taken off. */
function encodeMagnitudes(magnitudes: Float32Array): Omit<NormalFloatCodes, "codes"> {
  const mean = Math.fround(magnitudes.reduce((sum, x) => sum + x, 0) / magnitudes.length);
  const absmax = new Int8Array(magnitudes.length);
  const nestedScale = new Float32Array(Math.ceil(magnitudes.length / nestedBlockSize));
  for (let nested = 0; nested < nestedScale.length; nested++) {
    const block = magnitudes.subarray(nested * nestedBlockSize, (nested + 1) * nestedBlockSize);
    const scale = Math.fround(block.reduce((most, x) => Math.max(most, Math.abs(x - mean)), 0) / 127) || 1;
    nestedScale[nested] = scale;
    block.forEach((x, i) => (absmax[nested * nestedBlockSize + i] = Math.round((x - mean) / scale)));
  }
  return { absmax, nestedScale, offset: Float32Array.of(mean) };
}

/** The blocks' magnitudes as they are used, in float32 as the engine computes them. */
export function decodeMagnitudes({ absmax, nestedScale, offset }: Omit<NormalFloatCodes, "codes">): Float32Array {
  return Float32Array.from(
    absmax,
    (code, i) => Math.fround(code * nestedScale[Math.floor(i / nestedBlockSize)]!) + offset[0]!,
  );
}

/**
 * Quantises a tensor to NF4 in blocks of consecutive elements, with the blocks' magnitudes in 8 bits.
 *
 * @param weight an even number of finite elements that is a multiple of the block size
 */
export function encodeNormalFloats(weight: Float32Array, blockSize: number): NormalFloatCodes {
  const codes = new Uint8Array(weight.length / 2);
  const magnitudes = new Float32Array(weight.length / blockSize);
  for (let block = 0; block < magnitudes.length; block++) {
    const start = block * blockSize;
    let most = 0;
    for (let i = start; i < start + blockSize; i++) most = Math.max(most, Math.abs(weight[i]!));
    magnitudes[block] = most;
    // The inverse of less is not a finite float32.
    const inverse = most < 1e-30 ? 0 : 1 / most;
    for (let i = start; i < start + blockSize; i += 2)
      codes[i >> 1] = (nearestLevel(weight[i]! * inverse) << 4) | nearestLevel(weight[i + 1]! * inverse);
  }
  return { codes, ...encodeMagnitudes(magnitudes) };
}

/** Undoes `encodeNormalFloats`, up to its rounding. */
export function decodeNormalFloats(codes: NormalFloatCodes, blockSize: number): Float32Array {
  const magnitudes = decodeMagnitudes(codes);
  const weight = new Float32Array(codes.codes.length * 2);
  for (let i = 0; i < weight.length; i++) {
    const code = (codes.codes[i >> 1]! >> ((i & 1) === 0 ? 4 : 0)) & 15;
    weight[i] = Math.fround(normalFloatLevels[code]!) * magnitudes[Math.floor(i / blockSize)]!;
  }
  return weight;
}
