import type { Split } from "../../data/index.ts";
import type { Estimate, ReportSection } from "../../report/index.ts";
import type { PairedEstimate } from "../../evaluation/index.ts";
import type { Metric } from "../../evaluation/evaluation.ts";
import type { Task } from "../../tasks/index.ts";
import type { TrainingInput } from "../../training/index.ts";

/** What a study builds on when its settings are completed. */
export interface StudyRecipe {
  /** Labels of the adaptation's methods. */
  readonly methods: readonly string[];
  /** Seeds of the adaptation. */
  readonly seeds: readonly number[];
}

/** What a study builds on when its points are planned. */
export interface StudyData {
  readonly task: Task;
  readonly train: Split;
  /** Roles of the network. */
  readonly roles: readonly string[];
  /** Roles whose inputs it can do without. */
  readonly optional: readonly string[];
}

/**
 * One model of a study and how it differs from the adaptation with the same method and seed. What differs in nothing is
 * the adaptation's own model, and is neither trained nor evaluated again.
 */
export interface StudyPoint {
  /** Label of an adaptation's method. */
  readonly method: string;
  readonly seed: number;
  /** Where the point lies, for its name, tables and curves: `{ examples: 50 }`. */
  readonly at: Readonly<Record<string, string | number>>;
  /** Adapt to a sample of so many training examples in place of all. */
  readonly sample?: number;
  /** Settings of training in place of the adaptation's. */
  readonly training?: TrainingInput;
  /** Roles whose inputs are missing when the model is evaluated. */
  readonly without?: readonly string[];
  /**
   * Adapt to all but one of so many folds of the training and the evaluated split together, and evaluate on that one. The
   * folds are divided by the seed; answers on all of them are evaluated as one.
   */
  readonly fold?: { /** From 0. */ readonly number: number; readonly of: number };
}

/** Models of one point over its seeds. */
export interface StudyResult {
  readonly method: string;
  readonly at: StudyPoint["at"];
  /** Examples that the models were adapted to. */
  readonly examples: number;
  readonly seeds: readonly number[];
  /** Value of the metric that methods are compared by, one for each seed; null where the cases do not define it. */
  readonly scores: readonly (number | null)[];
  /** Mean over the seeds with its Student-t interval; a single seed's own estimate where there is one. */
  readonly estimate: Estimate;
  /** Against the study's reference method at the same place, of the first seed's models, paired over the cases. */
  readonly overCases?: PairedEstimate | undefined;
}

/** A question beside the comparison of methods, answered by further models or evaluations. */
export interface Study {
  readonly name: string;
  /** Everything that makes it again, plain data. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Label of the method that the others are held against, case by case. */
  readonly reference?: string | undefined;
  /**
   * Settings with what follows from the recipe filled in.
   *
   * @throws RecipeProblem for methods or seeds that the recipe does not have
   */
  complete(recipe: StudyRecipe): Readonly<Record<string, unknown>>;
  /**
   * The points of completed settings, in the order in which they run.
   *
   * @throws RecipeProblem for settings that do not fit the data
   */
  points(data: StudyData): readonly StudyPoint[];
  /** Settings for a trial on a handful of examples; those that there are where it is left out. */
  small?(data: StudyData): Readonly<Record<string, unknown>>;
  /**
   * What a report says of it.
   *
   * @param unit what one example is, in the plural
   */
  sections(results: readonly StudyResult[], metric: Metric, unit: string): readonly ReportSection[];
}
