import { z } from "zod";
import { bestThreshold, thresholdMetrics } from "../evaluation/index.ts";
import type { Tensors } from "../graph/index.ts";

/** Settings of a threshold that is chosen on training examples that were not learned from. */
export const decisionThresholdSchema = z.strictObject({
  /**
   * The positive class is answered from the probability that makes this as high as possible on training examples that are
   * held out; without a threshold the most probable class is answered.
   */
  metric: z.enum(thresholdMetrics).default("matthewsCorrelation"),
  /** Share of the training examples, in whole groups, that training leaves out to choose it on. */
  heldOut: z.number().gt(0).lt(1).default(0.15),
});

/** Settings of a threshold. */
export type DecisionThreshold = z.output<typeof decisionThresholdSchema>;

const name = "threshold";

/** A case that a threshold is chosen on. */
export interface ScoredCase {
  /** Probability of the positive class. */
  readonly score: number;
  /** Whether it belongs to the positive class. */
  readonly positive: boolean;
}

/**
 * Chooses a threshold.
 *
 * @returns `threshold`, float64 `[1]`: the lowest probability at which the positive class is answered
 * @throws VesaliusError `bad-data` where all cases are of one kind
 */
export async function fitThreshold(cases: AsyncIterable<ScoredCase>, { metric }: DecisionThreshold): Promise<Tensors> {
  const found: ScoredCase[] = [];
  for await (const one of cases) found.push(one);
  const { threshold } = bestThreshold(
    found.map(({ positive }) => (positive ? 1 : 0)),
    found.map(({ score }) => score),
    metric,
  );
  return new Map([[name, { dtype: "float64", shape: [1], data: Float64Array.of(threshold) }]]);
}

/** The threshold among what a task fitted; undefined where there is none. */
export const fittedThreshold = (fitted: Tensors): number | undefined => fitted.get(name)?.data[0] as number | undefined;
