import {
  type Estimate,
  type ClassificationEstimates as Estimates,
  meanInterval,
  metricDescriptions,
  type MetricName,
} from "../../evaluation/index.ts";
import type { JudgedModel } from "../run/judged-model.ts";
import type { LabelEfficiencyRecord } from "../run/stage-record.ts";
import type { LabelEfficiencyPoint, MethodSummary } from "./run-report.ts";

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const anything = [-Infinity, Infinity] as const;

/**
 * Mean over seeds with its Student-t interval; undefined figures make it undefined, as leaving them out would flatter.
 *
 * @param range where the figure can lie: the part of the interval outside is left out, which takes nothing from its
 * confidence
 */
export function meanFigure(
  scores: readonly (number | null | undefined)[],
  [least, greatest]: readonly [number, number] = anything,
): Estimate {
  const values = scores.filter((score) => typeof score === "number");
  if (values.length === 0 || values.length < scores.length)
    return { value: null, lower: null, upper: null, reason: "not defined for every seed" };
  const { estimate, lower, upper } = meanInterval(values);
  return { value: estimate, lower: finite(Math.max(lower, least)), upper: finite(Math.min(upper, greatest)) };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function figuresOver(models: readonly JudgedModel[]): Estimates {
  const [first, ...others] = models;
  if (others.length === 0) return first!.report.figures;
  const names = Object.keys(first!.report.figures) as MetricName[];
  return Object.fromEntries(
    names.map((name) => {
      const scores = models.map(({ report }) => report.figures[name]?.value);
      return [name, meanFigure(scores, metricDescriptions[name].range)];
    }),
  );
}

/** Groups in the order in which their keys first occur. */
export function groupBy<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

/** Each method over its seeds. */
export function summariseMethods(models: readonly JudgedModel[], metric: MetricName): MethodSummary[] {
  return [...groupBy(models, ({ record }) => record.method)].map(([method, ofMethod]) => {
    const { trainedParameters, parameters } = ofMethod[0]!.record;
    return {
      method,
      seeds: ofMethod.map(({ record }) => record.seed),
      models: ofMethod.map(({ folder }) => folder),
      figures: figuresOver(ofMethod),
      scores: ofMethod.map(({ report }) => report.figures[metric]?.value ?? null),
      trainedParameters,
      parameters,
      seconds: mean(ofMethod.map(({ record }) => record.cost.seconds)),
      wattHours: mean(ofMethod.map(({ record }) => record.cost.energy.wattHours)),
    };
  });
}

/** Each method at each number of labels, fewest first. */
export function summariseLabelEfficiency(
  models: readonly Pick<LabelEfficiencyRecord, "method" | "images" | "score">[],
  metric: MetricName,
): LabelEfficiencyPoint[] {
  return [...groupBy(models, ({ method }) => method)].flatMap(([method, ofMethod]) =>
    [...groupBy(ofMethod, ({ images }) => String(images)).values()]
      .map((ofPoint) => {
        const scores = ofPoint.map(({ score }) => score);
        const figure = meanFigure(scores, metricDescriptions[metric].range);
        return { method, images: ofPoint[0]!.images, scores, figure };
      })
      .sort((a, b) => a.images - b.images),
  );
}
