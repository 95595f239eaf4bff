import { widenBfloat16, widenFloat16 } from "../../../common/float16.ts";

/**
 * Writes the numbers of one block.
 *
 * @param bytes of the whole tensor
 * @param at where the block begins
 * @param into gets the numbers from `to` on
 */
type DecodeBlock = (bytes: Uint8Array, at: number, into: Float32Array, to: number) => void;

/** How GGUF stores numbers: in blocks of `size` numbers in `bytes` bytes each. */
export interface BlockFormat {
  readonly name: string;
  readonly size: number;
  readonly bytes: number;
  readonly decode: DecodeBlock;
}

const half = Float32Array.from({ length: 65_536 }, (_, bits) => widenFloat16(Uint16Array.of(bits))[0]!);
/** A float16 as a number. */
const float16 = (bytes: Uint8Array, at: number): number => half[bytes[at]! | (bytes[at + 1]! << 8)]!;

const { fround } = Math;

/** Low halves of 16 bytes, then their high halves: 32 numbers of 4 bits. */
const nibble = (bytes: Uint8Array, at: number, i: number): number =>
  i < 16 ? bytes[at + i]! & 15 : bytes[at + i - 16]! >> 4;

/** Bit `i` of 32 that begin at a byte. */
const bit = (bytes: Uint8Array, at: number, i: number): number => (bytes[at + (i >> 3)]! >> (i & 7)) & 1;

/** A block of 32 numbers with one scale: `d * number(i)`. */
const scaled =
  (number: (bytes: Uint8Array, at: number, i: number) => number): DecodeBlock =>
  (bytes, at, into, to) => {
    const d = float16(bytes, at);
    for (let i = 0; i < 32; i++) into[to + i] = d * number(bytes, at + 2, i);
  };

/** A block of 32 numbers with scale and offset: `d * number(i) + m`, rounded after each step as float32 is. */
const shifted =
  (number: (bytes: Uint8Array, at: number, i: number) => number): DecodeBlock =>
  (bytes, at, into, to) => {
    const [d, m] = [float16(bytes, at), float16(bytes, at + 2)];
    for (let i = 0; i < 32; i++) into[to + i] = fround(d * number(bytes, at + 4, i)) + m;
  };

/** Levels of IQ4_NL (`kvalues_iq4nl`). */
const levels = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113] as const;

/** The 6-bit scale and minimum of each of 8 groups of Q4_K and Q5_K, in 12 bytes. */
function scaleAndMinimum(bytes: Uint8Array, at: number, group: number): readonly [scale: number, minimum: number] {
  if (group < 4) return [bytes[at + group]! & 63, bytes[at + 4 + group]! & 63];
  const both = bytes[at + 4 + group]!;
  return [(both & 15) | ((bytes[at + group - 4]! >> 6) << 4), (both >> 4) | ((bytes[at + group]! >> 6) << 4)];
}

/** Q4_K and Q5_K: 8 groups of 32, each with scale and minimum. */
const grouped =
  (quants: number, high: number | undefined): DecodeBlock =>
  (bytes, at, into, to) => {
    const [d, least] = [float16(bytes, at), float16(bytes, at + 2)];
    for (let group = 0; group < 8; group++) {
      const [scale, minimum] = scaleAndMinimum(bytes, at + 4, group);
      const [step, offset] = [fround(d * scale), fround(least * minimum)];
      for (let i = 0; i < 32; i++) {
        const byte = bytes[at + quants + 32 * (group >> 1) + i]!;
        const low = (group & 1) === 0 ? byte & 15 : byte >> 4;
        const more = high === undefined ? 0 : ((bytes[at + high + i]! >> group) & 1) << 4;
        into[to + 32 * group + i] = fround(step * (low | more)) - offset;
      }
    }
  };

/** Q2_K: 16 groups of 16 numbers of 2 bits. */
const decodeQ2K: DecodeBlock = (bytes, at, into, to) => {
  const [d, least] = [float16(bytes, at + 80), float16(bytes, at + 82)];
  for (let i = 0; i < 256; i++) {
    const scale = bytes[at + (i >> 4)]!;
    const number = (bytes[at + 16 + 32 * (i >> 7) + (i & 31)]! >> (2 * ((i >> 5) & 3))) & 3;
    into[to + i] = fround(fround(d * (scale & 15)) * number) - fround(least * (scale >> 4));
  }
};

/** Q3_K: 16 groups of 16 numbers of 3 bits, the highest of which is stored inverted; scales of 6 bits. */
const decodeQ3K: DecodeBlock = (bytes, at, into, to) => {
  const d = float16(bytes, at + 108);
  const scales = at + 96;
  for (let i = 0; i < 256; i++) {
    const group = i >> 4;
    const low = (bytes[scales + (group & 7)]! >> (group < 8 ? 0 : 4)) & 15;
    const high = (bytes[scales + 8 + (group & 3)]! >> (2 * (group >> 2))) & 3;
    const number = (bytes[at + 32 + 32 * (i >> 7) + (i & 31)]! >> (2 * ((i >> 5) & 3))) & 3;
    const isHigh = (bytes[at + (i & 31)]! >> (i >> 5)) & 1;
    into[to + i] = fround(d * ((low | (high << 4)) - 32)) * (number - (isHigh === 1 ? 0 : 4));
  }
};

/** Q6_K: 16 groups of 16 numbers of 6 bits, signed scales of 8 bits. */
const decodeQ6K: DecodeBlock = (bytes, at, into, to) => {
  const d = float16(bytes, at + 208);
  for (let i = 0; i < 256; i++) {
    const [halfBlock, part] = [i >> 7, (i >> 5) & 3];
    const low = (bytes[at + 64 * halfBlock + (i & 63)]! >> (part < 2 ? 0 : 4)) & 15;
    const high = (bytes[at + 128 + 32 * halfBlock + (i & 31)]! >> (2 * part)) & 3;
    const scale = (bytes[at + 192 + (i >> 4)]! << 24) >> 24;
    into[to + i] = fround(d * scale) * ((low | (high << 4)) - 32);
  }
};

const words = (bytes: Uint8Array, at: number): Uint16Array => Uint16Array.of(bytes[at]! | (bytes[at + 1]! << 8));

const number32 = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset + at, 4).getFloat32(0, true);

/**
 * The formats that are read, by the number that a file has for them: `ggml_type` and the blocks of `ggml-common.h` of
 * llama.cpp, with the arithmetic of its `dequantize_row_*` in float32.
 */
export const blockFormats: ReadonlyMap<number, BlockFormat> = new Map<number, BlockFormat>([
  [0, { name: "F32", size: 1, bytes: 4, decode: (b, at, into, to) => void (into[to] = number32(b, at)) }],
  [1, { name: "F16", size: 1, bytes: 2, decode: (b, at, into, to) => void (into[to] = float16(b, at)) }],
  [2, { name: "Q4_0", size: 32, bytes: 18, decode: scaled((b, at, i) => nibble(b, at, i) - 8) }],
  [3, { name: "Q4_1", size: 32, bytes: 20, decode: shifted(nibble) }],
  [
    6,
    {
      name: "Q5_0",
      size: 32,
      bytes: 22,
      decode: scaled((b, at, i) => (nibble(b, at + 4, i) | (bit(b, at, i) << 4)) - 16),
    },
  ],
  [
    7,
    { name: "Q5_1", size: 32, bytes: 24, decode: shifted((b, at, i) => nibble(b, at + 4, i) | (bit(b, at, i) << 4)) },
  ],
  [8, { name: "Q8_0", size: 32, bytes: 34, decode: scaled((b, at, i) => (b[at + i]! << 24) >> 24) }],
  [10, { name: "Q2_K", size: 256, bytes: 84, decode: decodeQ2K }],
  [11, { name: "Q3_K", size: 256, bytes: 110, decode: decodeQ3K }],
  [12, { name: "Q4_K", size: 256, bytes: 144, decode: grouped(16, undefined) }],
  [13, { name: "Q5_K", size: 256, bytes: 176, decode: grouped(48, 16) }],
  [14, { name: "Q6_K", size: 256, bytes: 210, decode: decodeQ6K }],
  [20, { name: "IQ4_NL", size: 32, bytes: 18, decode: scaled((b, at, i) => levels[nibble(b, at, i)]!) }],
  [30, { name: "BF16", size: 1, bytes: 2, decode: (b, at, into, to) => into.set(widenBfloat16(words(b, at)), to) }],
]);

/**
 * The numbers of blocks.
 *
 * @param bytes a whole number of blocks
 */
export function decodeBlocks({ size, bytes: width, decode }: BlockFormat, bytes: Uint8Array): Float32Array {
  const count = bytes.byteLength / width;
  const numbers = new Float32Array(count * size);
  for (let block = 0; block < count; block++) decode(bytes, block * width, numbers, block * size);
  return numbers;
}
