import { z } from "zod";
import type { RandomStream } from "../../../common/random.ts";

const share = z.number().min(0).max(1);

/** How a text is spoilt that is to be restored. */
export const noiseSchema = z.discriminatedUnion("name", [
  /** BART (Lewis et al. 2020): the whole text is written again. */
  z.strictObject({
    name: z.literal("infilling"),
    /** Share of the tokens that spans take out, each span shown as one mask token. */
    infillRatio: share.default(0.3),
    /** Mean length of a span, drawn by Poisson's distribution; spans of none put a mask where nothing is missing. */
    spanLength: z.number().positive().default(3),
    /** Share of single tokens that a mask stands for. */
    maskRatio: share.default(0),
    /** Share of tokens that are left out without a sign. */
    deleteRatio: share.default(0),
    /** Whether sentences stand in another order. */
    permuteSentences: z.boolean().default(true),
  }),
  /** T5 (Raffel et al. 2020): only what spans took out is written, behind the sentinels that stand for them. */
  z.strictObject({
    name: z.literal("spanCorruption"),
    /** Share of the tokens that is taken out. */
    ratio: z.number().gt(0).lt(1).default(0.15),
    /** Mean length of a span. */
    spanLength: z.number().min(1).default(3),
  }),
]);

/** How a text is spoilt. */
export type Noise = z.output<typeof noiseSchema>;

/** A text whose special tokens at both ends are known. */
export interface WholeText {
  /** Tokens of the text alone. */
  readonly inner: Int32Array;
  readonly leading: Int32Array;
  readonly trailing: Int32Array;
  /** Places in `inner` at which a sentence begins, ascending; 0 among them. */
  readonly sentences: readonly number[];
}

/** What is read, and what is to be written. */
export interface NoisedText {
  readonly read: Int32Array;
  readonly write: Int32Array;
}

/** A number by Poisson's distribution (Knuth). */
function poisson(mean: number, random: RandomStream): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.uniform(); product > limit; product *= random.uniform()) count++;
  return count;
}

/** Sentences in a drawn order. */
function permuted({ inner, sentences }: WholeText, random: RandomStream): number[] {
  const bounds = [...sentences, inner.length];
  return Array.from(random.permutation(sentences.length)).flatMap((sentence) =>
    Array.from(inner.subarray(bounds[sentence], bounds[sentence + 1])),
  );
}

/** Takes spans out until a share of the tokens is gone, a mask in place of each. */
function infilled(
  tokens: readonly number[],
  ratio: number,
  mean: number,
  mask: number,
  random: RandomStream,
): number[] {
  const taken = new Uint8Array(tokens.length);
  const masks = new Map<number, number>();
  let left = Math.round(ratio * tokens.length);
  // Most tries end early; the limit is for texts in which little is left to take.
  for (let tries = 0; left > 0 && tries < 20 * tokens.length; tries++) {
    const length = Math.min(left, poisson(mean, random));
    const start = random.integer(tokens.length - length + 1);
    if (taken.subarray(start, start + length).includes(1)) continue;
    if (length === 0 && tokens.length < 4) continue;
    taken.fill(1, start, start + length);
    masks.set(start, (masks.get(start) ?? 0) + 1);
    // A span of none costs a token of the budget too, or a small mean would never end.
    left -= Math.max(1, length);
  }
  return [...tokens, -1].flatMap((token, place) => [
    ...Array<number>(masks.get(place) ?? 0).fill(mask),
    ...(token < 0 || taken[place] === 1 ? [] : [token]),
  ]);
}

/** Text infilling, masking and deletion of tokens, sentences in another order. */
function infilling(
  text: WholeText,
  noise: Noise & { readonly name: "infilling" },
  mask: number,
  random: RandomStream,
): NoisedText {
  const { leading, trailing, inner } = text;
  const ordered = noise.permuteSentences ? permuted(text, random) : Array.from(inner);
  const filled = infilled(ordered, noise.infillRatio, noise.spanLength, mask, random);
  const kept = filled.flatMap((token) => {
    if (token !== mask && random.uniform() < noise.deleteRatio) return [];
    return [token !== mask && random.uniform() < noise.maskRatio ? mask : token];
  });
  return {
    read: Int32Array.of(...leading, ...(kept.length === 0 ? [mask] : kept), ...trailing),
    write: Int32Array.of(...leading, ...inner, ...trailing),
  };
}

/** Lengths that add up to a sum, each at least 1, drawn evenly among all such. */
function drawnLengths(sum: number, parts: number, random: RandomStream): number[] {
  const cuts = Array.from(random.permutation(sum - 1).subarray(0, parts - 1), (cut) => cut + 1).sort((a, b) => a - b);
  return [...cuts, sum].map((cut, i) => cut - (i === 0 ? 0 : cuts[i - 1]!));
}

/** T5's spans, as its `random_spans_noise_mask` draws them. */
function spanCorruption(
  text: WholeText,
  { ratio, spanLength }: Noise & { readonly name: "spanCorruption" },
  sentinel: (span: number) => number,
  random: RandomStream,
): NoisedText {
  const { inner, trailing, leading } = text;
  const gone = Math.min(inner.length - 1, Math.max(1, Math.round(ratio * inner.length)));
  const spans = Math.max(1, Math.min(Math.round(gone / spanLength), inner.length - gone, gone));
  const [out, kept] = [drawnLengths(gone, spans, random), drawnLengths(inner.length - gone, spans, random)];
  const read = Array.from(leading);
  const write: number[] = [];
  let at = 0;
  for (let span = 0; span < spans; span++) {
    read.push(...inner.subarray(at, at + kept[span]!), sentinel(span));
    at += kept[span]!;
    write.push(sentinel(span), ...inner.subarray(at, at + out[span]!));
    at += out[span]!;
  }
  return { read: Int32Array.of(...read, ...trailing), write: Int32Array.of(...write, ...trailing) };
}

/**
 * Spoils a text.
 *
 * @param mask stands for what is missing
 * @param sentinel token that stands for a span, counted from 0
 */
export function noiseTokens(
  text: WholeText,
  noise: Noise,
  { mask, sentinel }: { readonly mask: number; readonly sentinel: (span: number) => number },
  random: RandomStream,
): NoisedText {
  if (noise.name === "infilling") return infilling(text, noise, mask, random);
  // Of a single token nothing would be left to read.
  if (text.inner.length < 2) {
    const write = Int32Array.of(sentinel(0), ...text.inner, ...text.trailing);
    return { read: Int32Array.of(...text.leading, sentinel(0), ...text.trailing), write };
  }
  return spanCorruption(text, noise, sentinel, random);
}
