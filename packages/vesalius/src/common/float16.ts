/** Number of a float16 bit pattern (IEEE 754 binary16). */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Numbers of the bit patterns of float16, computed once for all 65,536 of them. */
let table: Float32Array | undefined;

/** float16 bit patterns as float32, exactly. */
export function widenFloat16(bits: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, pattern) => fromFloat16(pattern));
  const wide = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = table[bits[i]!]!;
  return wide;
}

/** bfloat16 bit patterns as float32, exactly: bfloat16 is the upper half of a float32. */
export function widenBfloat16(bits: Uint16Array): Float32Array {
  const wide = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = bits[i]! << 16;
  return new Float32Array(wide.buffer);
}

/**
 * float32 as float16 bit patterns, rounded to the nearest with ties to even, as NumPy and PyTorch convert. Numbers
 * beyond 65,504 become infinite, those below 2^-24 / 2 become zero.
 */
export function narrowFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const narrow = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const sign = (bits[i]! >>> 16) & 0x8000;
    const magnitude = bits[i]! & 0x7fffffff;
    narrow[i] = sign | narrowMagnitude(magnitude);
  }
  return narrow;
}

function narrowMagnitude(magnitude: number): number {
  if (magnitude > 0x7f800000) return 0x7e00;
  // 65,520 and above round to infinity.
  if (magnitude >= 0x477ff000) return 0x7c00;
  // Normal numbers: half of what is cut off, less one unless the last kept bit is odd, rounds ties to even.
  if (magnitude >= 0x38800000) return (magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
  if (magnitude < 0x33000000) return 0;
  // Subnormal numbers are multiples of 2^-24.
  const shift = 126 - (magnitude >>> 23);
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const kept = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** float32 as bfloat16 bit patterns, rounded to the nearest with ties to even, as PyTorch converts; NaN stays NaN. */
export function narrowBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const narrow = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const pattern = bits[i]!;
    const isNaN = (pattern & 0x7fffffff) > 0x7f800000;
    narrow[i] = isNaN ? 0x7fc0 : (pattern + 0x7fff + ((pattern >>> 16) & 1)) >>> 16;
  }
  return narrow;
}
