import { randomStream } from "../../../common/random.ts";
import type { FindingsModel, Known } from "./findings-model.ts";
import { rankQuestions } from "./questions.ts";

/** A patient of a record that holds what was told at first and what came out when it was asked for. */
export interface RecordedPatient {
  readonly told: Known;
  /** Everything that is known in the end; what is not in it, the patient cannot say. */
  readonly record: Known;
  /** Position of the condition. */
  readonly condition: number;
}

/** How findings are asked for. */
export interface InquiryOptions {
  /** What is asked next: what tells most, or anything. */
  readonly choose: "information" | "random";
  /** Probability from which the condition is answered, and nothing more is asked. */
  readonly threshold: number;
  /** Questions of a patient at most. */
  readonly mostQuestions?: number;
  readonly seed?: number;
}

/** How the inquiry of one patient went. */
export interface Inquiry {
  readonly probability: number;
  /** Rank of the true condition, from 1. */
  readonly rank: number;
  readonly questions: number;
  /** Questions that the record answers. */
  readonly hits: number;
}

/** A finding that tells less than this, in bits, is not asked for by what tells most. */
const leastGain = 0.01;

/**
 * Asks patients of records for findings until a condition reaches a probability: a patient answers what the record holds, and
 * does not know anything else.
 */
export async function inquire(
  model: FindingsModel,
  patients: readonly RecordedPatient[],
  { choose, threshold, mostQuestions = 10, seed = 0 }: InquiryOptions,
): Promise<Inquiry[]> {
  const inquiries: Inquiry[] = [];
  for (const [number, { told, record, condition }] of patients.entries()) {
    const stream = randomStream(seed, "inquiry", number);
    const known = new Map(told);
    const asked = new Set<string>();
    let [now] = (await model.probabilities([known])) as [Float32Array];
    let hits = 0;
    while (asked.size < mostQuestions && Math.max(...now) < threshold) {
      const open = model.findings.filter((name) => !known.has(name) && !asked.has(name));
      const [best] = choose === "information" ? await rankQuestions(model, known, now, asked) : [];
      const finding =
        choose === "random"
          ? open[stream.integer(Math.max(1, open.length))]
          : best && best.gain >= leastGain
            ? best.finding
            : undefined;
      if (finding === undefined) break;
      asked.add(finding);
      const state = record.get(finding);
      if (state === undefined) continue;
      hits++;
      known.set(finding, state);
      [now] = (await model.probabilities([known])) as [Float32Array];
    }
    const rank =
      1 + Array.from(now).filter((p, i) => p > now[condition]! || (p === now[condition] && i < condition)).length;
    inquiries.push({ probability: Math.max(...now), rank, questions: asked.size, hits });
  }
  return inquiries;
}

/**
 * The lowest confidence above which answers are right as often as they should be.
 *
 * @param accuracy share of the answered that are to be right
 * @returns a probability; above 1 where no threshold is enough
 */
export function confidenceThreshold(
  inquiries: readonly Pick<Inquiry, "probability" | "rank">[],
  accuracy: number,
): number {
  const sorted = inquiries.toSorted((a, b) => b.probability - a.probability);
  let [right, threshold] = [0, Number.POSITIVE_INFINITY];
  sorted.forEach(({ probability, rank }, i) => {
    if (rank === 1) right++;
    // Cases of one probability are answered together or not at all.
    if (sorted[i + 1]?.probability !== probability && right / (i + 1) >= accuracy) threshold = probability;
  });
  return threshold;
}
