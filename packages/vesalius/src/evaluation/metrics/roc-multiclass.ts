import { VesaliusError } from "../../common/errors.ts";
import { requireCases, requireClassIndices, requireLength, requireProbabilities } from "./input-checks.ts";
import { allRows, countRanking, rankRows, type ScoreRanking, type WeightedStatistic } from "./ranking.ts";
import { rocAuc, rocAucOfCounts } from "./roc.ts";

/** How figures of single classes become one: the plain mean, or the mean weighted by how often each class occurs. */
export type ClassAverage = "macro" | "weighted";

/** Class probabilities with their true classes. */
export interface ClassScores {
  /** `[count]` class indices. */
  readonly labels: ArrayLike<number>;
  /** `[count, classes]` rows that sum to one. */
  readonly probabilities: ArrayLike<number>;
  /** Number of classes, at least two. */
  readonly classes: number;
}

/**
 * Checks labels and probabilities of a classification task.
 *
 * @throws VesaliusError `bad-data`, `shape-mismatch` or `not-a-number`, naming the row.
 */
export function requireClassScores({ labels, probabilities, classes }: ClassScores): void {
  requireCases(labels.length);
  if (!Number.isInteger(classes) || classes < 2) {
    throw new VesaliusError("bad-argument", `a classification needs at least two classes, not ${classes}`, {
      where: "classes",
      fix: "name every class that the model can answer",
    });
  }
  requireClassIndices(labels, classes);
  requireProbabilities(probabilities, labels.length, classes);
}

/** Ranks all cases by the probability of one class, that class against the rest. */
export function rankOneVsRest({ labels, probabilities, classes }: ClassScores, positiveClass: number): ScoreRanking {
  return rankRows(
    allRows(labels.length),
    (row) => labels[row] === positiveClass,
    (row) => probabilities[row * classes + positiveClass]!,
  );
}

/** Throws where a class has no case, since then its one-vs-rest AUC does not exist. */
function requireEveryClass({ labels, classes }: ClassScores, metric: string): void {
  const present = new Set(Array.from(labels));
  for (let index = 0; index < classes; index++) {
    if (!present.has(index)) {
      throw new VesaliusError("bad-data", `${metric} is not defined: class ${index} has no case`, {
        where: "labels",
        fix: "evaluate on cases of every class, or leave the absent class out",
      });
    }
  }
}

/**
 * Multi-class ROC AUC, each class against the rest, averaged over the classes. Provost and Domingos 2000 (weighted);
 * agrees with scikit-learn's `roc_auc_score(multi_class="ovr")`.
 *
 * @throws VesaliusError `bad-data` where a class has no case, and as `requireClassScores` does.
 */
export function rocAucOneVsRest(scores: ClassScores, average: ClassAverage = "macro"): number {
  requireClassScores(scores);
  requireEveryClass(scores, "one-vs-rest ROC AUC");
  let sum = 0;
  let total = 0;
  for (let index = 0; index < scores.classes; index++) {
    const counts = countRanking(rankOneVsRest(scores, index));
    const weight = average === "macro" ? 1 : counts.positives;
    sum += weight * rocAucOfCounts(counts);
    total += weight;
  }
  return sum / total;
}

/**
 * One-vs-one ROC AUC prepared for the bootstrap (Hand and Till 2001): for every pair of classes, the mean of the AUC by
 * either class's probability over the cases of the two, then the plain mean over pairs. NaN for weights under which a
 * class is absent.
 *
 * @throws VesaliusError as `requireClassScores` does.
 */
export function rocAucOneVsOneStatistic(scores: ClassScores): WeightedStatistic {
  requireClassScores(scores);
  const { labels, probabilities, classes } = scores;
  const rows = allRows(labels.length);
  const rankings: ScoreRanking[] = [];
  for (let first = 0; first < classes; first++) {
    for (let second = first + 1; second < classes; second++) {
      const pair = rows.filter((row) => labels[row] === first || labels[row] === second);
      for (const positive of [first, second]) {
        rankings.push(
          rankRows(
            pair,
            (row) => labels[row] === positive,
            (row) => probabilities[row * classes + positive]!,
          ),
        );
      }
    }
  }
  const scratch = rankings.map((ranking) => countRanking(ranking));
  return (weights) => {
    let sum = 0;
    for (const [i, ranking] of rankings.entries()) sum += rocAucOfCounts(countRanking(ranking, weights, scratch[i]));
    return sum / rankings.length;
  };
}

/**
 * Multi-class ROC AUC over pairs of classes, which does not depend on how frequent the classes are (Hand and Till 2001).
 * Agrees with scikit-learn's `roc_auc_score(multi_class="ovo", average="macro")`.
 *
 * @throws VesaliusError `bad-data` where a class has no case, and as `requireClassScores` does.
 */
export function rocAucOneVsOne(scores: ClassScores): number {
  const statistic = rocAucOneVsOneStatistic(scores);
  requireEveryClass(scores, "one-vs-one ROC AUC");
  return statistic();
}

/** Labels and scores of a task in which a case can have any number of findings. */
export interface MultilabelScores {
  /** `[count, findings]` 0 or 1. */
  readonly labels: ArrayLike<number>;
  /** `[count, findings]` finite scores. */
  readonly scores: ArrayLike<number>;
  readonly findings: number;
}

/** Mean of a binary metric over the findings; shared by every macro-averaged multi-label figure. */
export function macroOverFindings(
  { labels, scores, findings }: MultilabelScores,
  metric: (labels: ArrayLike<number>, scores: ArrayLike<number>) => number,
): number {
  requireCases(labels.length);
  requireLength(scores.length, labels.length, "scores");
  if (!Number.isInteger(findings) || findings < 1 || labels.length % findings !== 0) {
    throw new VesaliusError("shape-mismatch", `${labels.length} labels do not make rows of ${findings} findings`, {
      where: "labels",
      fix: "pass a block [count, findings] of zeros and ones",
    });
  }
  const count = labels.length / findings;
  let sum = 0;
  for (let finding = 0; finding < findings; finding++) {
    const column = (block: ArrayLike<number>) =>
      Float64Array.from({ length: count }, (_, row) => block[row * findings + finding]!);
    sum += metric(column(labels), column(scores));
  }
  return sum / findings;
}

/**
 * ROC AUC of a multi-label task: the mean over findings (macro), or over all pairs of case and finding at once (micro).
 * Agrees with scikit-learn's `roc_auc_score` on label indicators.
 *
 * @throws VesaliusError `bad-data` where a finding is always or never present (macro), and as `rankScores` does.
 */
export function rocAucMultilabel(input: MultilabelScores, average: "macro" | "micro" = "macro"): number {
  return average === "micro" ? rocAuc(input.labels, input.scores) : macroOverFindings(input, rocAuc);
}
