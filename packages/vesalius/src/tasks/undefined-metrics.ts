import { type Column, kindOf, readExamples, type Split } from "../data/index.ts";
import type { Task } from "./task.ts";

/** Why a metric is not there that needs a setting of the task, and no other data. */
const needsSetting = "it needs what the task does not say, such as a positive class";

/** Metrics of a task's headline that the data leave undefined, with the reasons. */
export const undefinedByData = ({ evaluation }: Task, without: ReadonlyMap<string, string>): [string, string][] =>
  [...without].filter(([name, why]) => evaluation.headline.includes(name) && why !== needsSetting);

/**
 * Metrics that the truths of a split leave undefined whatever a model answers, with the reason: a mean over classes of which
 * one has no example, a concordance index without an event. Known before time is spent, as no answer is needed.
 *
 * @returns reasons by name of the metric; none where truths are as large as the examples: what they leave undefined shows in the evaluation
 */
export async function undefinedMetrics(task: Task, split: Split): Promise<ReadonlyMap<string, string>> {
  const { evaluation, columns } = task;
  const reasons = new Map<string, string>();
  const isLarge = (column: Column | undefined): boolean => column !== undefined && kindOf(column).large === true;
  if (columns.some((name) => isLarge(split.columns[name]))) return reasons;
  const rows = Array.from({ length: split.length }, (_, row) => row);
  const examples = await readExamples(split, columns, rows);
  const truths = examples.map((example) => task.truth(example)).filter((truth) => truth !== null);
  if (truths.length === 0) return reasons;
  const measures = truths.map((truth) => evaluation.measure(truth, null));
  const values = evaluation.statistic(measures)().metrics;
  const bases = evaluation.restsOn?.(measures).metrics ?? {};
  const why = evaluation.whyUndefined?.(measures) ?? "its cases are missing";
  for (const name of Object.keys(evaluation.metrics)) {
    const value = values[name];
    if (value === undefined) reasons.set(name, needsSetting);
    const empty = bases[name]?.sets.some((set) => !Array.from(set).includes(1)) ?? false;
    if (empty && value !== undefined && !Number.isFinite(value)) reasons.set(name, why);
  }
  return reasons;
}
