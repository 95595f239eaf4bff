import type { z } from "zod";
import type { Catalogue, Entry, Spec } from "../common/catalogue.ts";
import { validate } from "../common/check.ts";
import { VesaliusError } from "../common/errors.ts";
import { inferences as builtInInferences } from "./inference/index.ts";
import type { Dataset, Split } from "../data/index.ts";
import type { Inference } from "./inference/inference.ts";
import type { Task, TaskEntry } from "./task.ts";
import { tasks as builtInTasks } from "./tasks.ts";

/** Where names of tasks and of their inference are looked up; the library's own by default. */
export interface TaskCatalogues {
  readonly tasks?: Catalogue<TaskEntry>;
  readonly inferences?: Catalogue<Entry<string, z.ZodObject, Inference>>;
}

/**
 * Makes a task from plain data. The key `inference` names how its model is run on examples, in place of the task's own
 * way, and stays among the task's settings, so that a saved model is run the same way.
 *
 * @throws VesaliusError `bad-configuration` for names and settings that no catalogue holds
 *
 * @example
 * createTask({ name: "segmentation", classes, inference: { name: "slidingWindow", overlap: 0.5 } });
 */
export function createTask({ inference, ...spec }: Spec, catalogues: TaskCatalogues = {}): Task {
  const { tasks = builtInTasks, inferences = builtInInferences } = catalogues;
  const task = tasks.create(spec);
  if (inference === undefined) return task;
  const chosen = validate(inferences.schema, inference, {
    code: "bad-configuration",
    what: `inference of the task ${spec.name}`,
  });
  return { ...task, settings: { ...task.settings, inference: chosen }, inference: inferences.create(chosen) };
}

/**
 * Makes a task from plain data and what its training data decide: names of classes, scales of numbers, times of follow-up.
 *
 * @param train the training examples; the split `train` of the dataset where it is left out
 * @throws VesaliusError `bad-configuration` for names and settings that no catalogue holds, `bad-data` for a dataset that
 * the task cannot be fitted to
 *
 * @example
 * const task = fitTask({ name: "survival" }, patients);
 */
export function fitTask(
  { inference, ...spec }: Spec,
  dataset: Dataset,
  train: Split | undefined = dataset.splits["train"],
  catalogues: TaskCatalogues = {},
): Task {
  const tasks: Catalogue<TaskEntry> = catalogues.tasks ?? builtInTasks;
  if (train === undefined)
    throw new VesaliusError("bad-data", "there is no split called train to fit the task to", {
      where: `dataset ${dataset.name}`,
      fix: `name the split to train on (there are ${Object.keys(dataset.splits).join(", ")})`,
    });
  const { name, ...settings } = tasks.parse(spec);
  const fitted = tasks.entry(name).fit?.(settings, dataset, train) ?? settings;
  return createTask({ name, ...fitted, ...(inference === undefined ? {} : { inference }) }, catalogues);
}
