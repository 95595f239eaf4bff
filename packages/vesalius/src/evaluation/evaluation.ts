import type { z } from "zod";
import type { Estimate, ReportSection } from "../report/index.ts";

/** What a reader needs to know about a metric. */
export interface Metric {
  /** Name in a table. */
  readonly label: string;
  readonly better: "higher" | "lower";
  /** Least and greatest value: no interval reaches beyond them. */
  readonly range: readonly [least: number, greatest: number];
  /** After the number: `mm`, `voxels`. */
  readonly unit?: string;
  /** Names under which cards of datasets write it, small letters: `auc`, `dice`. */
  readonly aliases?: readonly string[];
  /** What it means, in one sentence. */
  readonly meaning: string;
}

/** Values of metrics for given weights of the cases (how often each was drawn); NaN where they do not define one. */
export type Statistic = (weights?: ArrayLike<number>) => Readonly<Record<string, number>>;

/** Estimates with intervals by name of the metric. */
export type Estimates = Readonly<Record<string, Estimate>>;

/**
 * How answers of one kind are evaluated. A case is turned into a small measure at once (volumes are never kept), and
 * measures into a weighted statistic, from which intervals, subgroups, gaps, paired comparisons and seeds follow.
 */
export interface Evaluation<Truth = unknown, Answer = unknown, Measure = unknown, Details = unknown> {
  /** Names the kind in saved reports: `classification`, `entities`, `survival`. */
  readonly kind: string;
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Shown first, the most important one first. */
  readonly headline: readonly string[];
  /** All that is kept of a case; a null answer was declined or could not be read. */
  measure(truth: Truth, answer: Answer | null): Measure;
  statistic(measures: readonly Measure[]): Statistic;
  /** Statistics per class, structure, entity type or horizon, by its name. */
  breakdown?(measures: readonly Measure[]): Readonly<Record<string, Statistic>>;
  /** Strata within which cases are resampled, such as classes. */
  strata?(measures: readonly Measure[]): ArrayLike<number>;
  /** What answering without looking at the input would score: class frequencies, the mean. */
  floors?(measures: readonly Measure[]): Readonly<Record<string, number>>;
  /** Schema of what a saved report holds beyond the metrics: curves, confusion matrix, examples of mistakes. */
  readonly details: z.ZodType<Details>;
  /** @param ids of the cases where they may be named; undefined for restricted data */
  describe(measures: readonly Measure[], ids: readonly string[] | undefined): Details;
  /** Sections of a report on the details; metrics, breakdown and subgroups are general. */
  sections(details: Details, report: EvaluationSummary): readonly ReportSection[];
}

/** What the sections of an evaluation may refer to. */
export interface EvaluationSummary {
  readonly count: number;
  readonly metrics: Estimates;
  readonly breakdown: readonly { readonly name: string; readonly metrics: Estimates }[];
}
