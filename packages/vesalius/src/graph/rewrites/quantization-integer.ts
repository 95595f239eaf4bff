/** Integer formats: their largest and smallest step. */
export const integerRanges = { int8: { low: -128, high: 127 }, int4: { low: -8, high: 7 } } as const;

/** Integer formats of quantised weights. */
export type IntegerFormat = keyof typeof integerRanges;

/** A matrix in integers, as `DequantizeLinear` (opset 21, `axis` 0) reads it. */
export interface IntegerCodes {
  /** `[inside, out]`; int4 has two elements a byte, low half first. */
  readonly codes: Int8Array | Uint8Array;
  /** `[ceil(inside / blockSize), out]` */
  readonly scale: Float32Array;
  /** In the storage of the codes, one for each scale; none for the symmetric form. */
  readonly zeroPoint: Int8Array | Uint8Array | undefined;
}

/** What an integer encoding needs to know of a matrix. */
export interface IntegerLayout {
  readonly format: IntegerFormat;
  readonly out: number;
  readonly inside: number;
  readonly blockSize: number;
  /** Steps to both sides of zero; otherwise each block has a zero point of its own. */
  readonly symmetric: boolean;
}

/** Stores integers one by one, whatever their width. */
function store(format: IntegerFormat, count: number) {
  if (format === "int8") {
    const data = new Int8Array(count);
    return { data, set: (i: number, value: number) => void (data[i] = value) };
  }
  const data = new Uint8Array(Math.ceil(count / 2));
  return { data, set: (i: number, value: number) => void (data[i >> 1]! |= (value & 15) << ((i & 1) << 2)) };
}

/** Reads integers one by one, whatever their width. */
const reader = (format: IntegerFormat, data: Int8Array | Uint8Array) =>
  format === "int8"
    ? (i: number): number => data[i]!
    : (i: number): number => (((data[i >> 1]! >> ((i & 1) << 2)) & 15) ^ 8) - 8;

/** A block in which no number is larger is stored as zeros: its scale would not be a normal float32. */
const negligible = 1e-30;

/** Scale and zero point of the numbers from `low` to `high`, which zero lies between. */
function stepOf(low: number, high: number, { format, symmetric }: IntegerLayout): { scale: number; zero: number } {
  const range = integerRanges[format];
  if (Math.max(-low, high) < negligible) return { scale: 1, zero: 0 };
  if (symmetric) return { scale: Math.fround(Math.max(-low, high) / range.high), zero: 0 };
  const scale = Math.fround((high - low) / (range.high - range.low));
  return { scale, zero: Math.round(range.low - low / scale) };
}

/**
 * Quantises a matrix in blocks along its second axis, the contraction of `x W^T`. An element is off by at most half of
 * its block's scale (up to float32 rounding).
 *
 * @param weight row-major `[out, inside]`, all finite
 */
export function encodeIntegers(weight: Float32Array, layout: IntegerLayout): IntegerCodes {
  const { format, out, inside, blockSize, symmetric } = layout;
  const { low: least, high: most } = integerRanges[format];
  const blocks = Math.ceil(inside / blockSize);
  const codes = store(format, inside * out);
  const scale = new Float32Array(blocks * out);
  const zeroPoint = symmetric ? undefined : store(format, blocks * out);
  for (let row = 0; row < out; row++)
    for (let block = 0; block < blocks; block++) {
      const [start, end] = [block * blockSize, Math.min(inside, (block + 1) * blockSize)];
      let [low, high] = [0, 0];
      for (let k = start; k < end; k++) {
        const value = weight[row * inside + k]!;
        if (value < low) low = value;
        else if (value > high) high = value;
      }
      const step = stepOf(low, high, layout);
      scale[block * out + row] = step.scale;
      zeroPoint?.set(block * out + row, step.zero);
      for (let k = start; k < end; k++) {
        const code = Math.round(weight[row * inside + k]! / step.scale) + step.zero;
        codes.set(k * out + row, code < least ? least : code > most ? most : code);
      }
    }
  return { codes: codes.data, scale, zeroPoint: zeroPoint?.data };
}

/** Undoes `encodeIntegers`, up to its rounding: row-major `[out, inside]`. */
export function decodeIntegers({ codes, scale, zeroPoint }: IntegerCodes, layout: IntegerLayout): Float32Array {
  const { format, out, inside, blockSize } = layout;
  const weight = new Float32Array(out * inside);
  const code = reader(format, codes);
  const zero = zeroPoint === undefined ? () => 0 : reader(format, zeroPoint);
  for (let k = 0; k < inside; k++) {
    const block = Math.floor(k / blockSize) * out;
    for (let row = 0; row < out; row++)
      weight[row * inside + k] = (code(k * out + row) - zero(block + row)) * scale[block + row]!;
  }
  return weight;
}
