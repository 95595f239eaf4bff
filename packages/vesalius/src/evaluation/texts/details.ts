import { z } from "zod";
import type { TextMeasure } from "./measure.ts";

/** Schema of what a report of written texts holds beyond the metrics. */
export const textsDetailsSchema = z.object({
  withoutText: z.int().min(0),
  /** Texts that had no more room. */
  cutOff: z.int().min(0),
  /** Texts from the worst to the best by ROUGE-L, evenly spaced; empty where texts may not be shown. */
  examples: z.array(z.object({ id: z.string(), rougeL: z.number(), truth: z.string(), answer: z.string().nullable() })),
});

/** What a report of written texts holds beyond the metrics. */
export type TextsDetails = z.output<typeof textsDetailsSchema>;

const shownExamples = 6;

/** Counts, and texts of every quality. */
export function describeTexts(measures: readonly TextMeasure[], ids: readonly string[] | undefined): TextsDetails {
  const order = measures.map((_, row) => row).sort((a, b) => measures[a]!.rougeL - measures[b]!.rougeL || a - b);
  const steps = Math.min(shownExamples, order.length);
  const rows = Array.from(
    { length: steps },
    (_, i) => order[Math.round((i * (order.length - 1)) / Math.max(1, steps - 1))]!,
  );
  return {
    withoutText: measures.filter(({ answered }) => answered === 0).length,
    cutOff: measures.filter(({ cut }) => cut === 1).length,
    examples:
      ids === undefined
        ? []
        : rows.map((row) => ({ id: ids[row]!, rougeL: measures[row]!.rougeL, ...measures[row]!.example })),
  };
}
