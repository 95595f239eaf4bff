import { VesaliusError } from "../../common/errors.ts";
import type { Basis, Evaluation, Metric, OverParts, Statistic, Values } from "../evaluation.ts";
import { calibrationErrorOfBins, countBins } from "../metrics/calibration.ts";
import { weightedMean } from "../metrics/weighted-mean.ts";
import {
  type AnswersDetails,
  answersDetailsSchema,
  binsOf,
  describeAnswers,
  tally,
  withConfidence,
} from "./details.ts";
import { type AnswerMeasure, type AnswerTruth, measureAnswer, type TextAnswer } from "./measure.ts";
import { answersSections } from "./sections.ts";

/** What is fixed about answers. */
export interface AnswersSettings {
  /** Kinds of questions, each also evaluated by itself. */
  readonly kinds?: readonly string[] | undefined;
}

const metrics = {
  accuracy: {
    label: "Accuracy",
    better: "higher",
    range: [0, 1],
    proportion: "share",
    aliases: ["acc", "exact match", "em"],
    meaning: "Share of the questions whose answer is right word by word, but for case, punctuation and articles.",
  },
  wordF1: {
    label: "Word F1",
    better: "higher",
    range: [0, 1],
    proportion: true,
    aliases: ["token f1"],
    meaning: "Mean F1 of the words that answer and truth share.",
  },
  expectedCalibrationError: {
    label: "Expected calibration error",
    better: "lower",
    range: [0, 1],
    aliases: ["ece"],
    meaning: "Mean gap between the confidence in the answer and how often it is right, over 15 bins.",
  },
} as const satisfies Record<string, Metric>;

/** 1 for the questions of a kind. */
const ofKind = (measures: readonly AnswerMeasure[], kind: string): number[] =>
  measures.map((measure) => (measure.kind === kind ? 1 : 0));

function statistic(measures: readonly AnswerMeasure[], kinds: readonly string[]): Statistic {
  const right = measures.map((measure) => measure.right);
  const words = measures.map((measure) => measure.wordF1);
  const sure = withConfidence(measures);
  const bins = binsOf(measures);
  const sets = kinds.map((kind) => ofKind(measures, kind));
  const all = (weights?: ArrayLike<number>): Values => ({
    accuracy: weightedMean(right, weights),
    wordF1: weightedMean(words, weights),
    ...(sure.includes(1)
      ? {
          expectedCalibrationError: calibrationErrorOfBins(
            countBins(
              bins,
              sure.map((one, row) => one * (weights?.[row] ?? 1)),
            ),
          ),
        }
      : {}),
  });
  return (weights) => ({
    metrics: all(weights),
    parts: Object.fromEntries(
      kinds.map((kind, i) => [kind, all(sets[i]!.map((one, row) => one * (weights?.[row] ?? 1)))]),
    ),
  });
}

function restsOn(measures: readonly AnswerMeasure[], kinds: readonly string[]): OverParts<Basis> {
  const sure = withConfidence(measures);
  const basis = (set: readonly number[]): Record<string, Basis> => ({
    accuracy: { sets: [set] },
    wordF1: { sets: [set] },
    expectedCalibrationError: { sets: [set.map((one, row) => one * sure[row]!)] },
  });
  return {
    metrics: basis(measures.map(() => 1)),
    parts: Object.fromEntries(kinds.map((kind) => [kind, basis(ofKind(measures, kind))])),
  };
}

/** What always giving the most frequent answer scores; that of each kind where kinds are told apart. */
function floors(measures: readonly AnswerMeasure[], kinds: readonly string[]): Values {
  const known = (kind: string | null) => kind !== null && kinds.includes(kind);
  const groups = [
    ...kinds.map((kind) => measures.filter((measure) => measure.kind === kind)),
    measures.filter(({ kind }) => !known(kind)),
  ];
  const right = groups.reduce((sum, group) => sum + (tally(group.map(({ truth }) => truth))[0]?.[1] ?? 0), 0);
  return { accuracy: right / measures.length };
}

/**
 * Answers to questions in words, chosen from a vocabulary or written freely: exact match after normalization, shared words,
 * and calibration where confidences are given, over all questions and for each kind (open, closed). A question without an
 * answer is answered wrongly. Words that match say that an answer is like the reference, not that it is true.
 *
 * @throws VesaliusError `bad-argument` for two kinds of one name
 *
 * @example
 * const evaluation = answersEvaluation({ kinds: ["closed", "open"] });
 * evaluation.measure({ answers: ["right lung"], kind: "open" }, { text: "the right lung" }).right; // 1
 */
export function answersEvaluation({ kinds = [] }: AnswersSettings = {}): Evaluation<
  AnswerTruth,
  TextAnswer,
  AnswerMeasure,
  AnswersDetails
> {
  if (new Set(kinds).size < kinds.length) {
    throw new VesaliusError("bad-argument", "two kinds of questions have one name", { where: "kinds" });
  }
  return {
    kind: "answers",
    metrics,
    headline: ["accuracy", "wordF1", "expectedCalibrationError"],
    ofSubgroups: ["accuracy", "wordF1"],
    part: "kind of question",
    measure: measureAnswer,
    statistic: (measures) => statistic(measures, kinds),
    restsOn: (measures) => restsOn(measures, kinds),
    composition: (measures) =>
      Object.fromEntries(kinds.map((kind) => [kind, measures.filter((measure) => measure.kind === kind).length])),
    whyUndefined(measures) {
      const missing = kinds.filter((kind) => !measures.some((measure) => measure.kind === kind));
      return missing.length > 0 ? `no ${missing.join(" or ")} question` : undefined;
    },
    floors: (measures) => floors(measures, kinds),
    details: answersDetailsSchema,
    describe: describeAnswers,
    sections: answersSections,
  };
}
