import { z } from "zod";
import type { Evaluation, Metric } from "../evaluation.ts";
import { weightedMean } from "../metrics/weighted-mean.ts";

/** How likely a model finds the two answers of a pair. */
export interface PairAnswer {
  /** Sums over tokens of natural logarithms of probabilities. */
  readonly chosen: number;
  readonly rejected: number;
  /** Tokens of each. */
  readonly chosenTokens: number;
  readonly rejectedTokens: number;
}

/** All that is kept of a pair. */
export interface PairMeasure {
  /** 1 where the preferred answer is the more likely one, 0.5 where both are as likely. */
  readonly right: number;
  /** The same for the mean over the tokens of each, which does not favour short answers. */
  readonly rightPerToken: number;
  /** Natural logarithm of how much more likely the preferred answer is; null without an answer. */
  readonly margin: number | null;
}

const metrics = {
  accuracy: {
    label: "Preferred more likely",
    better: "higher",
    range: [0, 1],
    proportion: "share",
    aliases: ["preference accuracy"],
    meaning: "Share of the pairs whose preferred answer the model finds more likely than the other.",
  },
  accuracyPerToken: {
    label: "Preferred more likely, per token",
    better: "higher",
    range: [0, 1],
    proportion: "share",
    meaning: "The same by the mean log-probability of a token, which does not favour short answers.",
  },
  margin: {
    label: "Margin",
    better: "higher",
    range: [-Infinity, Infinity],
    meaning: "Mean natural logarithm of how much more likely the preferred answer is.",
  },
} as const satisfies Record<string, Metric>;

/** Schema of what a report of preferences holds beyond the metrics: nothing. */
export const preferencesDetailsSchema = z.strictObject({});

const against = (a: number, b: number): number => (a > b ? 1 : a === b ? 0.5 : 0);

/**
 * Pairs of answers of which people prefer one: which of them a model finds more likely. Always taking either answer scores
 * one half.
 *
 * @example
 * preferencesEvaluation().measure(1, { chosen: -3, rejected: -5, chosenTokens: 2, rejectedTokens: 2 }).right; // 1
 */
export function preferencesEvaluation(): Evaluation<
  1,
  PairAnswer,
  PairMeasure,
  z.output<typeof preferencesDetailsSchema>
> {
  return {
    kind: "preferences",
    metrics,
    headline: ["accuracy", "accuracyPerToken", "margin"],
    measure(_truth, answer) {
      if (answer === null) return { right: 0, rightPerToken: 0, margin: null };
      const { chosen, rejected, chosenTokens, rejectedTokens } = answer;
      return {
        right: against(chosen, rejected),
        rightPerToken: against(chosen / Math.max(1, chosenTokens), rejected / Math.max(1, rejectedTokens)),
        margin: chosen - rejected,
      };
    },
    statistic(measures) {
      const right = measures.map((one) => one.right);
      const perToken = measures.map((one) => one.rightPerToken);
      const margins = measures.map(({ margin }) => margin ?? 0);
      return (weights) => ({
        metrics: {
          accuracy: weightedMean(right, weights),
          accuracyPerToken: weightedMean(perToken, weights),
          margin: weightedMean(margins, weights),
        },
      });
    },
    floors: () => ({ accuracy: 0.5, accuracyPerToken: 0.5 }),
    details: preferencesDetailsSchema,
    describe: () => ({}),
    sections: () => [],
  };
}
