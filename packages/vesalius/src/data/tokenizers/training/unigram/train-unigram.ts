import { VesaliusError } from "../../../../common/errors.ts";
import type { Pace } from "../count-pieces.ts";
import { byUnits } from "../most-frequent.ts";
import { UnigramLattice } from "./lattice.ts";
import { prunePieces } from "./prune.ts";
import { type ScoredPiece, seedPieces, type SeedOptions } from "./seed-pieces.ts";

/** Options of a Unigram vocabulary. */
export interface UnigramOptions extends SeedOptions {
  /** Most pieces. */
  readonly pieces: number;
  /** Characters that must be pieces. */
  readonly alphabet: readonly string[];
  /** Share of the pieces that a round of pruning leaves. */
  readonly shrinking: number;
  /** Steps of expectation maximisation before each pruning. */
  readonly iterations: number;
}

/** Less often expected pieces are dropped. */
const LEAST_EXPECTED = 0.5;
/** Pruning stops this far above the wanted size; the rest are the least likely pieces. */
const SURPLUS = 1.1;
/** Between characters that no piece was left of, so that their order is fixed. */
const SCORE_STEP = 1e-4;

/** Derivative of the logarithm of the gamma function, for arguments from 0.5. */
function digamma(argument: number): number {
  let [x, result] = [argument, 0];
  for (; x < 7; x++) result -= 1 / x;
  x -= 0.5;
  const inverse = 1 / (x * x);
  return (
    result + Math.log(x) + inverse * (1 / 24 + inverse * (-7 / 960 + inverse * (31 / 8064 - inverse * (127 / 30720))))
  );
}

function toLogProbabilities(pieces: readonly ScoredPiece[]): ScoredPiece[] {
  const total = Math.log(pieces.reduce((sum, { score }) => sum + score, 0));
  return pieces.map(({ piece, score }) => ({ piece, score: Math.log(score) - total }));
}

/** One step of expectation maximisation: expected counts, and from them new probabilities (variational Bayes). */
async function maximise(
  pieces: readonly ScoredPiece[],
  words: ReadonlyMap<string, number>,
  pace: Pace,
): Promise<ScoredPiece[]> {
  const lattice = new UnigramLattice(pieces);
  const expected = new Float64Array(pieces.length);
  let done = 0;
  for (const [word, count] of words) {
    lattice.addExpected(word, count, expected);
    await pace.step("expectation maximisation", ++done, words.size);
  }
  const kept = pieces.flatMap(({ piece }, id) =>
    expected[id]! < LEAST_EXPECTED ? [] : [{ piece, score: expected[id]! }],
  );
  const total = digamma(kept.reduce((sum, { score }) => sum + score, 0));
  return kept.map(({ piece, score }) => ({ piece, score: digamma(score) - total }));
}

/**
 * Learns a Unigram vocabulary (Kudo 2018): of many pieces, expectation maximisation finds the probabilities, and those that
 * the corpus misses least are dropped, until few enough are left. google/sentencepiece `src/unigram_model_trainer.cc`.
 *
 * @param words pieces of the corpus with their counts
 * @returns pieces with log probabilities, most likely first
 * @throws VesaliusError `bad-argument` where there is not even room for the characters
 */
export async function trainUnigram(
  words: ReadonlyMap<string, number>,
  options: UnigramOptions,
  pace: Pace,
): Promise<ScoredPiece[]> {
  if (options.alphabet.length > options.pieces)
    throw new VesaliusError("bad-argument", `${options.pieces} pieces for ${options.alphabet.length} characters`, {
      fix: "ask for a larger vocabulary, or for a smaller share of the characters",
    });
  const target = Math.floor(options.pieces * SURPLUS);
  let pieces = toLogProbabilities(seedPieces(words, options));
  for (;;) {
    for (let step = 0; step < options.iterations; step++) pieces = await maximise(pieces, words, pace);
    if (pieces.length <= target) break;
    const pruned = await prunePieces(new UnigramLattice(pieces), words, { target, share: options.shrinking }, pace);
    if (pruned.length >= pieces.length) break;
    pieces = pruned;
  }
  const scores = new Map(pieces.map(({ piece, score }) => [piece, score]));
  const least = pieces.reduce((low, { score }) => Math.min(low, score), 0);
  const final = new Map<string, number>();
  let missing = 0;
  for (const character of options.alphabet)
    final.set(character, scores.get(character) ?? least + SCORE_STEP * missing++);
  const byScore = ([a, scoreA]: readonly [string, number], [b, scoreB]: readonly [string, number]): number =>
    scoreB - scoreA || byUnits(a, b);
  for (const [piece, score] of [...scores].toSorted(byScore)) {
    if (final.size >= options.pieces) break;
    final.set(piece, score);
  }
  return [...final].toSorted(byScore).map(([piece, score]) => ({ piece, score }));
}
