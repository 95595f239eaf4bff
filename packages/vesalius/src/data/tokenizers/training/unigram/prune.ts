import type { Pace } from "../count-pieces.ts";
import type { UnigramLattice } from "./lattice.ts";
import type { ScoredPiece } from "./seed-pieces.ts";

/**
 * The pieces whose loss would cost the corpus most likelihood, at least `target` of them and at most `share` of what there
 * are; pieces that cannot be written otherwise stay. google/sentencepiece `src/unigram_model_trainer.cc`
 * (PruneSentencePieces).
 */
export async function prunePieces(
  lattice: UnigramLattice,
  words: ReadonlyMap<string, number>,
  { target, share }: { readonly target: number; readonly share: number },
  pace: Pace,
): Promise<ScoredPiece[]> {
  const { pieces } = lattice;
  /** What a piece would be written with instead; empty where it cannot, undefined where it never is the best way. */
  const instead = pieces.map(({ piece }): readonly number[] | undefined => {
    const [best, second] = lattice.best(piece, 2);
    if (second === undefined) return [];
    return best!.length > 1 ? undefined : second.filter((id) => id >= 0);
  });
  /** How often a piece stands in the best segmentations. */
  const counts = new Float64Array(pieces.length);
  let [all, done] = [0, 0];
  for (const [word, count] of words) {
    all += count;
    for (const id of lattice.best(word, 1)[0]!) if (id >= 0) counts[id]! += count;
    await pace.step("pruning pieces", ++done, words.size);
  }
  const total = counts.reduce((sum, count) => sum + count, 0);

  const kept: ScoredPiece[] = [];
  const candidates: { readonly piece: ScoredPiece; readonly loss: number }[] = [];
  for (const [id, piece] of pieces.entries()) {
    const others = instead[id];
    const count = counts[id]!;
    if (count === 0 && others === undefined) continue;
    if (others === undefined || others.length === 0) kept.push(piece);
    else if (count === 0) continue;
    else {
      const withIt = Math.log(count) - Math.log(total);
      const sum = Math.log(total + count * (others.length - 1));
      const without = others.reduce((score, other) => score + Math.log(counts[other]! + count) - sum, 0);
      candidates.push({ piece, loss: (count / all) * (withIt - without) });
    }
  }
  const size = Math.max(target, Math.floor(share * pieces.length));
  candidates.sort((a, b) => b.loss - a.loss);
  return [...kept, ...candidates.slice(0, Math.max(0, size - kept.length)).map(({ piece }) => piece)];
}
