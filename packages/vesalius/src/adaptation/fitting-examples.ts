import { VesaliusError } from "../common/errors.ts";
import { holdOut } from "../data/dataset/index.ts";
import type { Split } from "../data/index.ts";
import type { Task } from "../tasks/index.ts";

/** What is trained on, and what the task fits itself on afterwards. */
export interface DividedExamples {
  readonly train: Split;
  readonly toFit: Split;
}

/**
 * Divides training examples as a task wants them, after checking that it can learn from them.
 *
 * @throws VesaliusError `bad-data` for examples that the task cannot be trained on, or that cannot be divided
 */
export function divideExamples(task: Task, data: Split, seed: number): DividedExamples {
  task.check(data, "training");
  if (task.heldOut === undefined) return { train: data, toFit: data };
  const parts = holdOut(data, task.strata?.(data), { fraction: task.heldOut, seed, stream: "held-out" });
  if (parts !== undefined) {
    task.check(parts.kept, "training");
    task.check(parts.heldOut, "evaluation");
    return { train: parts.kept, toFit: parts.heldOut };
  }
  throw new VesaliusError(
    "bad-data",
    `${data.length} training examples cannot be divided so that each class is left in training`,
    { where: `split ${data.name}, task ${task.name}`, fix: "train on more groups, or let the task hold out nothing" },
  );
}
