import { VesaliusError } from "../../common/errors.ts";
import { requireCases, requireFinite, requireLength } from "./input-checks.ts";
import { averagePrecisionOfCounts } from "./precision-recall.ts";
import type { ClassCounts } from "./confusion.ts";
import { precisionRecallF1OfClass } from "./precision-recall-f1.ts";
import { allRows, countRanking, rankRows, type RankedCounts, type ScoreRanking } from "./ranking.ts";
import { type MultilabelScores } from "./roc-multiclass.ts";
import { rocAucOfCounts } from "./roc.ts";

/** How well one finding, or all of them, are told; each in [0, 1], NaN where the cases do not define it. */
export interface FindingScores {
  readonly rocAuc: number;
  readonly averagePrecision: number;
  /** Of what scores at least the finding's threshold. */
  readonly f1: number;
}

/** Scores of one finding with what they rest on. */
export interface SupportedFindingScores extends FindingScores {
  /** Weight of the cases in which the finding is known to be present, and known to be absent. */
  readonly positives: number;
  readonly negatives: number;
}

export interface MultilabelEvaluation {
  /** Mean over the findings that define each metric. */
  readonly macro: FindingScores;
  /** Over all known pairs of case and finding at once. */
  readonly micro: FindingScores;
  /** `[findings]`. */
  readonly perFinding: readonly SupportedFindingScores[];
}

const isKnown = (label: number): boolean => label === 0 || label === 1;

function requireFindings(labels: ArrayLike<number>, findings: number): void {
  if (!Number.isInteger(findings) || findings < 1 || labels.length % findings !== 0) {
    throw new VesaliusError("shape-mismatch", `${labels.length} labels do not make rows of ${findings} findings`, {
      where: "labels",
      fix: "pass a block [count, findings]",
    });
  }
  for (let i = 0; i < labels.length; i++) {
    if (isKnown(labels[i]!) || labels[i] === -1 || Number.isNaN(labels[i]!)) continue;
    throw new VesaliusError("bad-data", `${labels[i]} is no label of a finding`, {
      where: `labels, row ${Math.floor(i / findings)}, finding ${i % findings}`,
      fix: "write 1 for present, 0 for absent, and -1 or NaN where it is not known",
    });
  }
}

/** Number of distinct scores of a ranking that are at least a threshold. */
function tiesAtLeast({ thresholds }: ScoreRanking, threshold: number): number {
  const below = thresholds.findIndex((score) => score < threshold);
  return below < 0 ? thresholds.length : below;
}

/** What is called present where the first `ties` distinct scores are. */
function answersOf(counts: RankedCounts, ties: number): Omit<ClassCounts, "trueNegatives"> {
  const truePositives = ties === 0 ? 0 : counts.truePositives[ties - 1]!;
  const falsePositives = ties === 0 ? 0 : counts.falsePositives[ties - 1]!;
  return { truePositives, falsePositives, falseNegatives: counts.positives - truePositives };
}

const f1Of = (answers: Omit<ClassCounts, "trueNegatives">): number =>
  answers.truePositives + answers.falseNegatives > 0 ? precisionRecallF1OfClass(answers).f1 : NaN;

function meanDefined(scores: readonly FindingScores[], name: keyof FindingScores): number {
  const defined = scores.map((one) => one[name]).filter((value) => !Number.isNaN(value));
  return defined.reduce((sum, value) => sum + value, 0) / defined.length;
}

/**
 * Evaluation of a task in which a case can have any number of findings, prepared for the bootstrap. A label may be
 * missing: such a pair of case and finding counts nowhere, the case still counts for its other findings. Agrees with
 * scikit-learn's `roc_auc_score`, `average_precision_score` and `f1_score` on label indicators without missing ones.
 *
 * @param cases labels `[count, findings]` 0 or 1, -1 or NaN where not known; scores `[count, findings]` finite.
 * @param thresholds `[findings]` scores from which a finding is called present; 0.5 each when left out. Choose them on
 * training cases, see `bestThreshold`.
 * @returns the scores for given weights of the cases (not of the pairs).
 * @throws VesaliusError `bad-data`, `shape-mismatch` or `not-a-number`, naming the place.
 */
export function multilabelStatistic(
  { labels, scores, findings }: MultilabelScores,
  thresholds?: ArrayLike<number>,
): (weights?: ArrayLike<number>) => MultilabelEvaluation {
  requireCases(labels.length);
  requireLength(scores.length, labels.length, "scores");
  requireFindings(labels, findings);
  requireFinite(scores);
  const cuts = Float64Array.from(thresholds ?? { length: findings }, (cut) => cut ?? 0.5);
  requireLength(cuts.length, findings, "thresholds");
  const known = allRows(labels.length).filter((pair) => isKnown(labels[pair]!));
  const rank = (pairs: Int32Array, score: (pair: number) => number) =>
    rankRows(pairs, (pair) => labels[pair] === 1, score);
  const rankings = Array.from(cuts, (_, finding) =>
    rank(
      known.filter((pair) => pair % findings === finding),
      (pair) => scores[pair]!,
    ),
  );
  const together = rank(known, (pair) => scores[pair]!);
  const called = rankings.map((ranking, finding) => tiesAtLeast(ranking, cuts[finding]!));
  const scratch = rankings.map((ranking) => countRanking(ranking));
  const scratchTogether = countRanking(together);
  const weightOfPair = new Float64Array(labels.length);
  return (weights) => {
    let ofPairs: Float64Array | undefined;
    if (weights !== undefined) {
      ofPairs = weightOfPair;
      for (let pair = 0; pair < labels.length; pair++) ofPairs[pair] = weights[Math.floor(pair / findings)]!;
    }
    const answers: Omit<ClassCounts, "trueNegatives">[] = [];
    const perFinding = rankings.map((ranking, finding) => {
      const counts = countRanking(ranking, ofPairs, scratch[finding]);
      const { positives, negatives } = counts;
      answers.push(answersOf(counts, called[finding]!));
      return {
        rocAuc: rocAucOfCounts(counts),
        averagePrecision: positives > 0 ? averagePrecisionOfCounts(counts) : NaN,
        f1: f1Of(answers[finding]!),
        positives,
        negatives,
      };
    });
    const micro = countRanking(together, ofPairs, scratchTogether);
    const sum = (key: keyof (typeof answers)[number]) => answers.reduce((total, one) => total + one[key], 0);
    return {
      macro: {
        rocAuc: meanDefined(perFinding, "rocAuc"),
        averagePrecision: meanDefined(perFinding, "averagePrecision"),
        f1: meanDefined(perFinding, "f1"),
      },
      micro: {
        rocAuc: rocAucOfCounts(micro),
        averagePrecision: micro.positives > 0 ? averagePrecisionOfCounts(micro) : NaN,
        f1: f1Of({
          truePositives: sum("truePositives"),
          falsePositives: sum("falsePositives"),
          falseNegatives: sum("falseNegatives"),
        }),
      },
      perFinding,
    };
  };
}
