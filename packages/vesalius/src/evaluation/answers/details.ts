import { z } from "zod";
import { reliabilityBinSchema } from "../classification/details.ts";
import { binProbabilities, countBins } from "../metrics/calibration.ts";
import type { AnswerMeasure } from "./measure.ts";

const count = z.int().min(0);

/** Schema of what a report of answers holds beyond the metrics. */
export const answersDetailsSchema = z.object({
  /** Most frequent wrong answers; empty where answers may not be shown. */
  confusions: z.array(z.object({ truth: z.string(), answer: z.string(), count })),
  /** Mistakes in which the model was most confident; empty where questions may not be named. */
  confidentErrors: z.array(
    z.object({ id: z.string(), truth: z.string(), answer: z.string(), confidence: z.number().nullable() }),
  ),
  /** Bins of confidence that hold at least one question; empty where no confidences are given. */
  reliability: z.array(reliabilityBinSchema),
});
export type AnswersDetails = z.output<typeof answersDetailsSchema>;

const mostConfusions = 20;

/** Bins of confidence over the questions that have one. */
export const binsOf = (measures: readonly AnswerMeasure[]) =>
  binProbabilities(
    measures.map(({ probability }) => probability ?? 0),
    measures.map(({ right }) => right),
  );

/** 1 for the questions whose answer has a confidence. */
export const withConfidence = (measures: readonly AnswerMeasure[]): number[] =>
  measures.map(({ probability }) => (probability === null ? 0 : 1));

/** How often each text occurs, most frequent first. */
export function tally(texts: readonly string[]): [text: string, count: number][] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

/** Confusions, confident mistakes and reliability. */
export function describeAnswers(
  measures: readonly AnswerMeasure[],
  ids: readonly string[] | undefined,
): AnswersDetails {
  const wrong = measures.flatMap(({ right, answer, truth, probability }, row) =>
    right === 1 || answer === null ? [] : [{ row, truth, answer, confidence: probability }],
  );
  const confusions = tally(wrong.map(({ truth, answer }) => JSON.stringify([truth, answer])));
  return {
    confusions:
      ids === undefined
        ? []
        : confusions.slice(0, mostConfusions).map(([pair, times]) => {
            const [truth, answer] = JSON.parse(pair) as [string, string];
            return { truth, answer, count: times };
          }),
    confidentErrors:
      ids === undefined
        ? []
        : wrong
            .sort((a, b) => (b.confidence ?? -1) - (a.confidence ?? -1))
            .slice(0, mostConfusions)
            .map(({ row, ...mistake }) => ({ id: ids[row]!, ...mistake })),
    reliability: countBins(binsOf(measures), withConfidence(measures)).filter((bin) => bin.count > 0),
  };
}
