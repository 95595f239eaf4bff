import { VesaliusError } from "../../common/errors.ts";

/** The constant of the paper, which keeps a first place from outweighing everything else. */
const defaultConstant = 60;

/**
 * Reciprocal rank fusion: joins rankings whose scores cannot be compared, such as words and embeddings, by summing
 * weight / (constant + rank). Cormack, Clarke and Buettcher 2009.
 *
 * @param rankings identifiers, best first; a ranking may leave documents out.
 * @param options.constant 60 when left out.
 * @param options.weights of the rankings, 0 or more; 1 each when left out.
 * @param options.limit how many documents at most.
 * @returns best first; of equal scores the one that an earlier ranking puts first.
 * @throws VesaliusError `bad-argument` for a constant or weight below 0, `bad-data` for a document that one ranking holds twice.
 */
export function reciprocalRankFusion(
  rankings: readonly (readonly string[])[],
  {
    constant = defaultConstant,
    limit = Infinity,
    weights,
  }: {
    readonly constant?: number | undefined;
    readonly limit?: number | undefined;
    readonly weights?: readonly number[] | undefined;
  } = {},
): { readonly id: string; readonly score: number }[] {
  if (!(constant >= 0 && constant < Infinity)) {
    throw new VesaliusError("bad-argument", `the constant of a rank fusion is 0 or more, not ${constant}`, {
      where: "constant",
      fix: `leave it out for ${defaultConstant}`,
    });
  }
  if (weights !== undefined && !(weights.length === rankings.length && weights.every((weight) => weight >= 0))) {
    throw new VesaliusError("bad-argument", "a rank fusion has a weight of 0 or more for each ranking", {
      where: "weights",
      fix: "leave them out for equal ones",
    });
  }
  const scores = new Map<string, number>();
  for (const [index, ranking] of rankings.entries()) {
    if (new Set(ranking).size !== ranking.length) {
      throw new VesaliusError("bad-data", "a document is ranked twice", {
        where: `ranking ${index}`,
        fix: "keep the first place of each document",
      });
    }
    const weight = weights?.[index] ?? 1;
    for (const [rank, id] of ranking.entries()) {
      scores.set(id, (scores.get(id) ?? 0) + weight / (constant + rank + 1));
    }
  }
  return Array.from(scores, ([id, score]) => ({ id, score }))
    .sort((a, b) => b.score - a.score)
    .slice(0, limit);
}
