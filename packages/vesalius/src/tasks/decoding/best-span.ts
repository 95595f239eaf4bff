/** First and last place of a span, with the sum of the scores of both. */
export interface ScoredSpan {
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

/**
 * The span of places whose start and end score highest together, at most `longest` places long (Devlin et al. 2019,
 * section 4.2).
 *
 * @param starts scores of each place as a start
 * @param ends scores of each place as an end
 * @param allowed whether a place may be part of a span; a span lies in one run of such places
 * @returns undefined where no place is allowed
 */
export function bestSpan(
  starts: ArrayLike<number>,
  ends: ArrayLike<number>,
  allowed: (place: number) => boolean,
  longest: number,
): ScoredSpan | undefined {
  let best: ScoredSpan | undefined;
  for (let start = 0; start < starts.length; start++) {
    for (let end = start; end < Math.min(starts.length, start + longest) && allowed(end); end++) {
      const score = starts[start]! + ends[end]!;
      if (best === undefined || score > best.score) best = { start, end, score };
    }
  }
  return best;
}
