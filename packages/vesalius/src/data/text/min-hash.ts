/** Near-duplicates by MinHash and locality-sensitive hashing (Broder 1997; Lee et al. 2022 for corpora). */
import { randomStream } from "../../common/random.ts";

/** How near-duplicates are looked for. */
export interface NearDuplicateSettings {
  /** Least Jaccard similarity of the sets of shingles, in (0, 1]. */
  readonly threshold: number;
  /** Words of a shingle. */
  readonly shingle: number;
  /** Hash functions of a signature. */
  readonly permutations: number;
  readonly seed: number;
}

/** Two positions whose texts are nearly the same, the first one earlier. */
export interface NearPair {
  readonly first: number;
  readonly second: number;
  /** Jaccard similarity of the sets of hashed shingles, in [threshold, 1]. */
  readonly similarity: number;
}

const WORDS = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|[\p{L}\p{N}]+/gu;

/** 32 bits of a text (FNV-1a over UTF-16 units, then mixed as MurmurHash3 does). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Hashed shingles of a text, ascending and each once: runs of `size` words without case and signs. A text of fewer words has
 * one shingle, one without words none. Ideographs are words of their own.
 */
export function shinglesOf(text: string, size: number): Uint32Array {
  const words = text.normalize("NFKC").toLowerCase().match(WORDS) ?? [];
  if (words.length === 0) return new Uint32Array(0);
  const hashes = words.map(hashOf);
  const count = Math.max(1, words.length - size + 1);
  const found = new Set<number>();
  for (let at = 0; at < count; at++) {
    let hash = 0x9e3779b9;
    for (let i = at; i < Math.min(at + size, words.length); i++)
      hash = Math.imul((hash << 13) | (hash >>> 19), 5) + Math.imul(hashes[i]!, 0x1b873593);
    found.add(Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0);
  }
  return Uint32Array.from(found).sort();
}

/** Jaccard similarity of two ascending sets, in [0, 1]. */
export function jaccard(a: Uint32Array, b: Uint32Array): number {
  let [i, j, shared] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      shared++;
      i++;
      j++;
    } else if (a[i]! < b[j]!) i++;
    else j++;
  }
  const union = a.length + b.length - shared;
  return union === 0 ? 0 : shared / union;
}

/**
 * Bands of a signature: the fewest with which a pair at the threshold is found with a probability of at least 0.99, since
 * every candidate is compared in full afterwards.
 */
export function bandsFor(permutations: number, threshold: number): { readonly bands: number; readonly rows: number } {
  for (let rows = permutations; rows > 1; rows--) {
    const bands = Math.floor(permutations / rows);
    if (1 - (1 - threshold ** rows) ** bands >= 0.99) return { bands, rows };
  }
  return { bands: permutations, rows: 1 };
}

/** Smallest values of each hash function over the shingles, `[permutations]`. */
function signatureOf(shingles: Uint32Array, factors: Uint32Array, offsets: Uint32Array): Uint32Array {
  const signature = new Uint32Array(factors.length).fill(0xffffffff);
  for (const shingle of shingles)
    for (let i = 0; i < factors.length; i++) {
      let value = Math.imul(shingle ^ offsets[i]!, factors[i]!);
      value = (value ^ (value >>> 15)) >>> 0;
      if (value < signature[i]!) signature[i] = value;
    }
  return signature;
}

/** Most texts of one bucket that are all compared with each other; beyond them each is compared with the first. */
const crowded = 50;

/**
 * Pairs of texts that are nearly the same. Candidates agree in a band of their signatures; each is then compared in full.
 *
 * @param shingles of each text, see {@link shinglesOf}; a text without shingles is like none
 * @param wanted which pairs are of interest, such as those of different splits; all without it
 */
export function nearPairs(
  shingles: readonly Uint32Array[],
  { threshold, permutations, seed }: NearDuplicateSettings,
  wanted: (first: number, second: number) => boolean = () => true,
): NearPair[] {
  const random = randomStream(seed, "minHash");
  const draw = (odd: boolean): Uint32Array =>
    Uint32Array.from({ length: permutations }, () => (random.integer(0x7fffffff) << 1) | Number(odd));
  const [factors, offsets] = [draw(true), draw(false)];
  const { bands, rows } = bandsFor(permutations, threshold);
  const signatures = shingles.map((one) => (one.length === 0 ? undefined : signatureOf(one, factors, offsets)));
  const seen = new Set<number>();
  const found: NearPair[] = [];
  const compare = (first: number, second: number): void => {
    const key = first * shingles.length + second;
    if (seen.has(key) || !wanted(first, second)) return;
    seen.add(key);
    const [a, b] = [shingles[first]!, shingles[second]!];
    // Sets of very different sizes cannot be alike.
    if (Math.min(a.length, b.length) < threshold * Math.max(a.length, b.length)) return;
    const similarity = jaccard(a, b);
    if (similarity >= threshold) found.push({ first, second, similarity });
  };
  for (let band = 0; band < bands; band++) {
    const buckets = new Map<string, number[]>();
    for (const [position, signature] of signatures.entries()) {
      if (signature === undefined) continue;
      const key = signature.subarray(band * rows, (band + 1) * rows).join(" ");
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [position]);
      else {
        const others = bucket.length > crowded ? bucket.slice(0, 1) : bucket;
        for (const other of others) compare(other, position);
        bucket.push(position);
      }
    }
  }
  return found.sort((a, b) => a.first - b.first || a.second - b.second);
}
