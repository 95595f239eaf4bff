import type { FindingsModel, Known } from "./findings-model.ts";

/** A finding that could be asked for. */
export interface PossibleQuestion {
  readonly finding: string;
  /** Expected information about the condition, in bits. */
  readonly gain: number;
  /** Probability that the finding is present. */
  readonly probability: number;
}

/** Entropy of probabilities in bits. */
export const entropy = (probabilities: ArrayLike<number>): number =>
  Array.from(probabilities).reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);

/**
 * How probable a finding is by what a model says with and without it: the weight that makes the mixture of both answers
 * closest to the answer that does not know it (law of total probability, least squares).
 */
export function impliedProbability(
  now: ArrayLike<number>,
  present: ArrayLike<number>,
  absent: ArrayLike<number>,
): number {
  let [along, across] = [0, 0];
  for (let i = 0; i < now.length; i++) {
    const step = present[i]! - absent[i]!;
    along += (now[i]! - absent[i]!) * step;
    across += step * step;
  }
  return across === 0 ? 0.5 : Math.min(1, Math.max(0, along / across));
}

/**
 * Findings that are not known by what asking for them is expected to tell about the condition, the best first: the model
 * answers with each of them present and absent, and the gain is the mutual information of finding and condition in the
 * mixture of both answers.
 *
 * @param now probabilities of the conditions as they are known, `[conditions]`
 * @param asked findings that are not asked for, known or not
 */
export async function rankQuestions(
  model: FindingsModel,
  known: Known,
  now: ArrayLike<number>,
  asked: ReadonlySet<string> = new Set(),
): Promise<PossibleQuestion[]> {
  const open = model.findings.filter((name) => !known.has(name) && !asked.has(name));
  if (open.length === 0) return [];
  const answers = await model.probabilities(
    open.flatMap((name) => [new Map([...known, [name, true]]), new Map([...known, [name, false]])]),
  );
  const questions = open.map((finding, i): PossibleQuestion => {
    const [present, absent] = [answers[2 * i]!, answers[2 * i + 1]!];
    const probability = impliedProbability(now, present, absent);
    const mixture = present.map((p, at) => probability * p + (1 - probability) * absent[at]!);
    const gain = entropy(mixture) - probability * entropy(present) - (1 - probability) * entropy(absent);
    return { finding, gain: Math.max(0, gain), probability };
  });
  return questions.sort((a, b) => b.gain - a.gain);
}
