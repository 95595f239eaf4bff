import type { NetworkSuggestion, RoleFacts } from "../network.ts";

/** Tokens beyond which attention over all of them takes too long for a plan. */
const mostTokens = 512;

/** A small encoder of timelines, long enough for nearly all of them where that is possible. */
export function suggestBehrt({ timeline }: Readonly<Record<string, RoleFacts>>): NetworkSuggestion | undefined {
  if (timeline === undefined) return undefined;
  const events = Number(timeline["longEvents"]);
  const visits = Number(timeline["longVisits"]);
  // A separator stands behind each visit, and a start token in front.
  const needed = Math.ceil((events + visits + 1) / 16) * 16;
  const length = Math.min(mostTokens, Math.max(16, needed));
  return {
    preset: "micro",
    settings: { maximumPositions: length, pooling: "mean" },
    reasons: {
      preset: `${timeline.examples} timelines with ${String(timeline["codes"])} codes`,
      maximumPositions:
        needed > length
          ? `98% of them have at most ${events} events; the newest ${length} tokens are read`
          : `98% of them have at most ${events} events in ${visits} visits`,
    },
  };
}
