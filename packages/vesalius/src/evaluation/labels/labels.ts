import { VesaliusError } from "../../common/errors.ts";
import type { Basis, Evaluation, Metric, OverParts, Statistic } from "../evaluation.ts";
import { multilabelStatistic } from "../metrics/multilabel.ts";
import { weightedMean } from "../metrics/weighted-mean.ts";
import { describeLabels, type LabelsDetails, labelsDetailsSchema } from "./details.ts";
import { casesOf, type LabelCases, type LabelsAnswer, measureLabels, type LabelsMeasure } from "./measure.ts";
import { labelsSections } from "./sections.ts";

/** What is fixed about several labels at once. */
export interface LabelsSettings {
  readonly labels: readonly string[];
}

const share = [0, 1] as const;

const metrics = {
  rocAuc: {
    label: "ROC AUC",
    better: "higher",
    range: share,
    proportion: true,
    aliases: ["auc", "roc auc", "roc-auc", "auroc", "macro auc"],
    meaning: "Chance that a case with the label scores above one without it; the mean over the labels.",
  },
  averagePrecision: {
    label: "Average precision",
    better: "higher",
    range: share,
    aliases: ["auprc", "aupr", "map"],
    meaning: "Area under the precision-recall curve; the mean over the labels.",
  },
  f1: {
    label: "F1",
    better: "higher",
    range: share,
    aliases: ["macro-f1", "macro f1"],
    meaning: "Harmonic mean of precision and recall at the label's threshold; the mean over the labels.",
  },
  microRocAuc: {
    label: "ROC AUC, micro",
    better: "higher",
    range: share,
    meaning: "The same over all pairs of case and label at once; frequent labels count more.",
  },
  microAveragePrecision: {
    label: "Average precision, micro",
    better: "higher",
    range: share,
    meaning: "The same over all pairs of case and label at once.",
  },
  microF1: {
    label: "F1, micro",
    better: "higher",
    range: share,
    aliases: ["micro-f1"],
    meaning: "The same from the counts of all labels together.",
  },
  exactMatch: {
    label: "Exact match",
    better: "higher",
    range: share,
    proportion: "share",
    aliases: ["subset accuracy"],
    meaning: "Share of the cases with every known label right.",
  },
  brierScore: {
    label: "Brier score",
    better: "lower",
    range: share,
    meaning: "Mean squared distance of the probabilities from the known labels.",
  },
} as const satisfies Record<string, Metric>;

/** Whether every known label of a case is answered rightly, and its mean squared distance over known labels. */
function perCase({ labels, scores, thresholds }: LabelCases, measures: readonly LabelsMeasure[]) {
  const width = thresholds.length;
  const right = measures.map(({ probabilities }, row) => {
    if (probabilities === null) return 0;
    for (let label = 0; label < width; label++) {
      const truth = labels[row * width + label]!;
      if (truth >= 0 && (scores[row * width + label]! >= thresholds[label]! ? 1 : 0) !== truth) return 0;
    }
    return 1;
  });
  const squares = measures.map((_, row) => {
    let [sum, known] = [0, 0];
    for (let pair = row * width; pair < (row + 1) * width; pair++) {
      if (labels[pair]! < 0) continue;
      sum += (scores[pair]! - labels[pair]!) ** 2;
      known += 1;
    }
    return { sum, known };
  });
  return { right, sums: squares.map(({ sum }) => sum), known: squares.map(({ known }) => known) };
}

function statistic(measures: readonly LabelsMeasure[], names: readonly string[]): Statistic {
  const cases = casesOf(measures, names.length);
  const { labels, scores, thresholds } = cases;
  const evaluate = multilabelStatistic({ labels, scores, findings: names.length }, thresholds);
  const { right, sums, known } = perCase(cases, measures);
  return (weights) => {
    const { macro, micro, perFinding } = evaluate(weights);
    return {
      metrics: {
        rocAuc: macro.rocAuc,
        averagePrecision: macro.averagePrecision,
        f1: macro.f1,
        microRocAuc: micro.rocAuc,
        microAveragePrecision: micro.averagePrecision,
        microF1: micro.f1,
        exactMatch: weightedMean(right, weights),
        // A ratio of sums: a case counts by its known labels.
        brierScore: weightedMean(sums, weights) / weightedMean(known, weights),
      },
      parts: Object.fromEntries(
        perFinding.map(({ rocAuc, averagePrecision, f1 }, label) => [names[label]!, { rocAuc, averagePrecision, f1 }]),
      ),
    };
  };
}

function restsOn(measures: readonly LabelsMeasure[], names: readonly string[]): OverParts<Basis> {
  const ofLabels = names.map((_, label) => ({
    present: measures.map(({ labels }) => (labels[label] === 1 ? 1 : 0)),
    absent: measures.map(({ labels }) => (labels[label] === 0 ? 1 : 0)),
  }));
  // Labels that no case has take no part in a mean.
  const occurring = ofLabels.filter(({ present }) => present.includes(1)).map(({ present }) => present);
  const overLabels: Basis = { sets: occurring, mean: true };
  const withSome: Basis = { sets: [measures.map((_, row) => (occurring.some((set) => set[row] === 1) ? 1 : 0))] };
  const micro = { microRocAuc: withSome, microAveragePrecision: withSome, microF1: withSome };
  return {
    metrics:
      occurring.length === 0 ? {} : { rocAuc: overLabels, averagePrecision: overLabels, f1: overLabels, ...micro },
    parts: Object.fromEntries(
      names.map((name, label) => {
        const { present, absent } = ofLabels[label]!;
        const positives: Basis = { sets: [present] };
        return [name, { rocAuc: { sets: [present, absent] }, averagePrecision: positives, f1: positives }];
      }),
    ),
  };
}

/** What saying each label's frequency for every case scores. */
function floors(measures: readonly LabelsMeasure[], names: readonly string[]): Record<string, number> {
  const { labels } = casesOf(measures, names.length);
  const rates = names.map((_, label) => {
    const known = Array.from(measures, (_case, row) => labels[row * names.length + label]!).filter((one) => one >= 0);
    return { rate: known.reduce((sum, one) => sum + one, 0) / known.length, known: known.length };
  });
  const occurring = rates.filter(({ rate }) => rate > 0);
  const pairs = rates.reduce((sum, { known }) => sum + known, 0);
  const variance = rates.reduce((sum, { rate, known }) => sum + (known === 0 ? 0 : known * rate * (1 - rate)), 0);
  return {
    rocAuc: 0.5,
    averagePrecision: occurring.reduce((sum, { rate }) => sum + rate, 0) / occurring.length,
    brierScore: variance / pairs,
  };
}

/**
 * Any number of labels for each case, some of them not known: discrimination of each label, means over labels and over all
 * pairs, exact match and calibration. A case without an answer says one half of every label and is no exact match.
 *
 * @throws VesaliusError `bad-argument` for no labels or two of one name
 *
 * @example
 * const evaluation = labelsEvaluation({ labels: ["oedema", "effusion"] });
 * evaluateMeasures(evaluation, [evaluation.measure([1, -1], { probabilities: [0.8, 0.3] }), ...]);
 */
export function labelsEvaluation({
  labels: names,
}: LabelsSettings): Evaluation<ArrayLike<number>, LabelsAnswer, LabelsMeasure, LabelsDetails> {
  if (names.length === 0 || new Set(names).size < names.length) {
    throw new VesaliusError("bad-argument", "there are no labels, or two of one name", {
      where: "labels",
      fix: "give every label its own name",
    });
  }
  return {
    kind: "labels",
    metrics,
    headline: ["rocAuc", "averagePrecision", "f1", "microF1"],
    ofSubgroups: ["rocAuc", "f1", "averagePrecision", "brierScore"],
    part: "label",
    measure: (truth, answer) => measureLabels(truth, answer, names.length),
    statistic: (measures) => statistic(measures, names),
    restsOn: (measures) => restsOn(measures, names),
    composition: (measures) =>
      Object.fromEntries(
        names.map((name, label) => [name, measures.filter(({ labels }) => labels[label] === 1).length]),
      ),
    whyUndefined(measures) {
      const of = (value: number) => names.filter((_, label) => !measures.some(({ labels }) => labels[label] === value));
      const [absent, always] = [of(1), of(0)];
      const reasons = [
        ...(absent.length > 0 ? [`no case with ${absent.join(", ")}`] : []),
        ...(always.length > 0 ? [`no case without ${always.join(", ")}`] : []),
      ];
      return reasons.length > 0 ? reasons.join("; ") : undefined;
    },
    floors: (measures) => floors(measures, names),
    details: labelsDetailsSchema,
    describe: (measures) => describeLabels(casesOf(measures, names.length), names),
    sections: labelsSections,
  };
}
