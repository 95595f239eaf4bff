import { readExamples, type Split } from "../data/index.ts";
import type { Task } from "./task.ts";

/** Columns whose truths take as long to read as the examples: what they leave undefined shows in the evaluation. */
const slowToRead: ReadonlySet<string> = new Set(["masks", "images", "volumes"]);

/**
 * Metrics that the truths of a split leave undefined whatever a model answers, with the reason: a mean over classes of which
 * one has no example, a concordance index without an event. Known before time is spent, as no answer is needed.
 *
 * @returns reasons by name of the metric; none for truths that are masks, which are not read for this
 */
export async function undefinedMetrics(task: Task, split: Split): Promise<ReadonlyMap<string, string>> {
  const { evaluation, columns } = task;
  const reasons = new Map<string, string>();
  if (columns.some((name) => slowToRead.has(split.columns[name]?.kind ?? ""))) return reasons;
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
    if (value === undefined) reasons.set(name, "it needs what the task does not say, such as a positive class");
    const empty = bases[name]?.sets.some((set) => !Array.from(set).includes(1)) ?? false;
    if (empty && value !== undefined && !Number.isFinite(value)) reasons.set(name, why);
  }
  return reasons;
}
