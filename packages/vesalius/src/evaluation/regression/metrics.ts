import type { Metric } from "../evaluation.ts";

/** What is predicted. */
export interface RegressionTarget {
  readonly name: string;
  /** `years`, `log10 mol/l`; none for a pure number. */
  readonly unit?: string | undefined;
}

/** Errors, in the unit of the target. */
export const errorMetrics = {
  rootMeanSquaredError: {
    label: "Root mean squared error",
    better: "lower",
    range: [0, Infinity],
    aliases: ["rmse"],
    meaning: "Square root of the mean squared error: large errors weigh more.",
  },
  meanAbsoluteError: {
    label: "Mean absolute error",
    better: "lower",
    range: [0, Infinity],
    aliases: ["mae"],
    meaning: "Mean size of the errors.",
  },
  medianAbsoluteError: {
    label: "Median absolute error",
    better: "lower",
    range: [0, Infinity],
    meaning: "Size of the error that half of the cases exceed; hardly moved by a few gross ones.",
  },
  meanSquaredError: {
    label: "Mean squared error",
    better: "lower",
    range: [0, Infinity],
    aliases: ["mse"],
    meaning: "Mean of the squared errors, in the square of the unit.",
  },
} as const satisfies Record<string, Metric>;

/** What has no unit, so that a mean over targets has a meaning. */
export const unitlessMetrics = {
  r2: {
    label: "R²",
    better: "higher",
    range: [-Infinity, 1],
    aliases: ["r2", "r^2"],
    meaning: "Share of the variance that is explained; 0 for always saying the mean, below for worse.",
  },
  pearson: {
    label: "Pearson correlation",
    better: "higher",
    range: [-1, 1],
    aliases: ["pearson", "pearson r"],
    meaning: "Linear correlation; does not see a wrong scale or a constant shift.",
  },
  spearman: {
    label: "Spearman correlation",
    better: "higher",
    range: [-1, 1],
    aliases: ["spearman"],
    meaning: "Correlation of the ranks.",
  },
  kendall: {
    label: "Kendall's tau",
    better: "higher",
    range: [-1, 1],
    aliases: ["kendall", "tau"],
    meaning: "Pairs in the right order minus pairs in the wrong one, as a share, corrected for ties (tau-b).",
  },
  concordanceIndex: {
    label: "Concordance index",
    better: "higher",
    range: [0, 1],
    aliases: ["ci", "c-index"],
    meaning: "Share of the pairs with different true values that are predicted in the right order.",
  },
} as const satisfies Record<string, Metric>;

/** Metrics with the unit of the target behind those that have one; errors of several targets have no common unit. */
export function metricsOf(targets: readonly RegressionTarget[]): Record<string, Metric> {
  const [unit, ...others] = new Set(targets.map((target) => target.unit));
  const shared = others.length === 0 ? unit : undefined;
  const withUnit = Object.entries(errorMetrics).map(([name, metric]): [string, Metric] => [
    name,
    shared === undefined ? metric : { ...metric, unit: name === "meanSquaredError" ? `${shared}²` : shared },
  ]);
  return { ...Object.fromEntries(withUnit), ...unitlessMetrics };
}
