/** A running SHA-256 (FIPS 180-4). */
export interface Digest {
  /** Adds bytes, or the UTF-8 bytes of a text. */
  update(data: string | Uint8Array): Digest;
  /** The hash as 64 hexadecimal digits; nothing can be added afterwards. */
  hex(): string;
}

const primes = (count: number): number[] => {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++)
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  return found;
};
/** First 32 bits of the fraction of a root, as the standard defines its constants. */
const fraction = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
const ROUNDS = Int32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)));
const INITIAL = Int32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));

function compress(state: Int32Array, block: DataView, at: number, words: Int32Array): void {
  for (let i = 0; i < 16; i++) words[i] = block.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const w15 = words[i - 15]!;
    const w2 = words[i - 2]!;
    const s0 = ((w15 >>> 7) | (w15 << 25)) ^ ((w15 >>> 18) | (w15 << 14)) ^ (w15 >>> 3);
    const s1 = ((w2 >>> 17) | (w2 << 15)) ^ ((w2 >>> 19) | (w2 << 13)) ^ (w2 >>> 10);
    words[i] = (words[i - 16]! + s0 + words[i - 7]! + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i]! + words[i]!) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i]! + value) | 0;
}

/** Starts a hash. Library code imports it as `#common/digest`, which in Node is the one of `node:crypto`. */
export function createDigest(): Digest {
  const state = INITIAL.slice();
  const words = new Int32Array(64);
  const pending = new Uint8Array(64);
  const pendingView = new DataView(pending.buffer);
  const encoder = new TextEncoder();
  let filled = 0;
  let length = 0;
  const digest: Digest = {
    update(data) {
      const bytes = typeof data === "string" ? encoder.encode(data) : data;
      length += bytes.length;
      let at = 0;
      if (filled > 0) {
        at = Math.min(64 - filled, bytes.length);
        pending.set(bytes.subarray(0, at), filled);
        filled += at;
        if (filled < 64) return digest;
        compress(state, pendingView, 0, words);
      }
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (; at + 64 <= bytes.length; at += 64) compress(state, view, at, words);
      filled = bytes.length - at;
      pending.set(bytes.subarray(at));
      return digest;
    },
    hex() {
      const bits = length * 8;
      const end = new Uint8Array(filled < 56 ? 64 - filled : 128 - filled);
      end[0] = 0x80;
      const view = new DataView(end.buffer);
      view.setUint32(end.length - 8, Math.floor(bits / 2 ** 32));
      view.setUint32(end.length - 4, bits >>> 0);
      digest.update(end);
      return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
    },
  };
  return digest;
}
