import type { z } from "zod";
import type { Estimate, ReportSection } from "../report/index.ts";

/** What a reader needs to know about a metric. */
export interface Metric {
  /** Name in a table. */
  readonly label: string;
  /** What of several it is about over all cases, where the name leaves it open: the positive class. */
  readonly of?: string;
  readonly better: "higher" | "lower";
  /** Least and greatest value: no interval reaches beyond them. */
  readonly range: readonly [least: number, greatest: number];
  /** After the number: `mm`, `voxels`. */
  readonly unit?: string;
  /** Names under which cards of datasets write it, small letters: `auc`, `dice`. */
  readonly aliases?: readonly string[];
  /** What it means, in one sentence. */
  readonly meaning: string;
  /**
   * Whether it is a proportion of the cases that it rests on, a mean over them of values from 0 to 1, or an area under an
   * ROC curve: its variance is then no larger than a proportion's, so that Wilson's interval holds for few cases and at
   * the ends of the range, where the bootstrap's has no width. `share` is k of the n cases, or a mean of such shares over
   * classes: the bootstrap's is too narrow then, also where only a few cases are on one side.
   */
  readonly proportion?: boolean | "share";
}

/** Values of metrics by name; NaN where the cases do not define one. */
export type Values = Readonly<Record<string, number>>;

/** Estimates with intervals by name of the metric. */
export type Estimates = Readonly<Record<string, Estimate>>;

/** Something for every metric, over all cases and for each part: class, structure, entity type, horizon. */
export interface OverParts<Entry> {
  readonly metrics: Readonly<Record<string, Entry>>;
  readonly parts?: Readonly<Record<string, Readonly<Record<string, Entry>>>>;
}

/** Values of metrics for given weights of the cases (how often each was drawn; once each when left out). */
export type Statistic = (weights?: ArrayLike<number>) => OverParts<number>;

/** Cases, `[count]`: 1 where one belongs to the set, otherwise 0. */
export type CaseSet = ArrayLike<number>;

/** The cases that a metric rests on: its interval says no more than they allow. */
export interface Basis {
  /** The cases with the class for sensitivity; those with and those without it for ROC AUC. */
  readonly sets: readonly CaseSet[];
  /** Whether the metric is a mean with one term for each set (classes, structures), so that a small one matters less. */
  readonly mean?: boolean;
}

/**
 * How answers of one kind are evaluated. A case is turned into a small measure at once (volumes are never kept), and
 * measures into a weighted statistic, from which intervals, subgroups, gaps, paired comparisons and seeds follow.
 */
export interface Evaluation<Truth = unknown, Answer = unknown, Measure = unknown, Details = unknown> {
  /** Names the kind in saved reports: `classification`, `entities`, `survival`. */
  readonly kind: string;
  /** In the order of a report. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Shown first, the most important one first. */
  readonly headline: readonly string[];
  /** Shown by subgroup, the first two as plots; those of the headline where they are left out. */
  readonly ofSubgroups?: readonly string[];
  /** What a part is: "class", "structure". */
  readonly part?: string;
  /**
   * All that is kept of a case; a null answer was declined or could not be read, and counts as a failure.
   *
   * @throws VesaliusError `bad-data` for an answer or a truth that is none, without quoting it
   */
  measure(truth: Truth, answer: Answer | null): Measure;
  /** Prepares what does not depend on weights, so that each resample is a few linear passes. */
  statistic(measures: readonly Measure[]): Statistic;
  /** What metrics rest on; a metric that is left out rests on all cases. */
  restsOn?(measures: readonly Measure[]): OverParts<Basis>;
  /** What the cases are made of, for the reader: cases of each class, events, entities of each type; by name of the part. */
  composition?(measures: readonly Measure[]): Readonly<Record<string, number>>;
  /** Why metrics may be undefined for these cases: "no case of melanoma". */
  whyUndefined?(measures: readonly Measure[]): string | undefined;
  /** Strata within which cases are resampled, such as classes. */
  strata?(measures: readonly Measure[]): ArrayLike<number>;
  /** What answering without looking at the input would score: class frequencies, the mean. */
  floors?(measures: readonly Measure[]): Values;
  /** Schema of what a saved report holds beyond the metrics: curves, confusion matrix, examples of mistakes. */
  readonly details: z.ZodType<Details>;
  /** @param ids of the cases where they may be named; undefined for restricted data */
  describe(measures: readonly Measure[], ids: readonly string[] | undefined): Details;
  /** Sections of a report on the details; metrics, breakdown and subgroups are general. */
  sections(details: Details, report: EvaluationSummary): readonly ReportSection[];
}

/** An evaluation as it stands after measuring: what is asked of it does not depend on truths and answers. */
export type EvaluationOf<Measure, Details = unknown> = Omit<Evaluation<never, never, Measure, Details>, "measure">;

/** What the sections of an evaluation may refer to. */
export interface EvaluationSummary {
  readonly count: number;
  readonly metrics: Estimates;
  readonly breakdown: readonly { readonly name: string; readonly metrics: Estimates }[];
}
