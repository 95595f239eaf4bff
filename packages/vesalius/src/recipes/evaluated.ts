import { VesaliusError } from "../common/errors.ts";
import type { Dataset, Split } from "../data/index.ts";
import { type Task, undefinedMetrics } from "../tasks/index.ts";

/** Names of splits that a task can be evaluated on, but for the one that is trained on. */
function fitting({ splits }: Dataset, task: Task, train: Split): string[] {
  return Object.entries(splits).flatMap(([name, split]) => {
    if (split === train) return [];
    try {
      task.check(split, "evaluation");
      return [name];
    } catch (error) {
      if (error instanceof VesaliusError) return [];
      throw error;
    }
  });
}

/**
 * Checks before time is spent that a task can be evaluated on a split of a dataset.
 *
 * @throws VesaliusError `bad-data` that names the dataset, and the splits that could be evaluated on
 */
export function checkEvaluated(task: Task, split: Split, dataset: Dataset, train: Split): void {
  try {
    task.check(split, "evaluation");
  } catch (error) {
    if (!(error instanceof VesaliusError)) throw error;
    const others = fitting(dataset, task, train);
    const choose =
      others.length === 0
        ? "move examples of what is missing into it, or divide the data anew"
        : `${others.join(", ")} would do: say so with evaluation.split in a recipe, or with --evaluate-on where one is planned`;
    throw new VesaliusError(error.code, `the split ${split.name} cannot be evaluated on: ${error.what}`, {
      where: `${dataset.name}, ${error.where ?? `split ${split.name}`}`,
      fix: (option) => [error.fixAs(option), choose].filter((words) => words !== undefined).join("; "),
      cause: error,
    });
  }
}

/** The metric that models are compared by, and why it is not the first of the task's. */
export interface ChosenMetric {
  readonly metric: string;
  readonly reason?: string;
  /** Metrics that the split does not define, with the reasons. */
  readonly without: ReadonlyMap<string, string>;
}

/**
 * The first metric of a task's headline that the split defines; the first one where none is known to be.
 */
export async function definedMetric(task: Task, split: Split): Promise<ChosenMetric> {
  const { headline, metrics } = task.evaluation;
  const first = headline[0]!;
  const without = await undefinedMetrics(task, split);
  const why = without.get(first);
  if (why === undefined) return { metric: first, without };
  const metric = [...headline, ...Object.keys(metrics)].find((name) => !without.has(name)) ?? first;
  return { metric, without, reason: `${first} is not defined on the split ${split.name}: ${why}` };
}
