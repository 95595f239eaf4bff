import type { z } from "zod";
import type { Catalogue, Entry, Spec } from "../common/catalogue.ts";
import { validate } from "../common/check.ts";
import { inferences as builtInInferences } from "./inference/index.ts";
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
