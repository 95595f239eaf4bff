import type { Split } from "../../data/index.ts";
import type { Predictor } from "../predictor.ts";
import type { Task } from "../task.ts";

/** What a baseline is fitted to: the training examples that the networks see, and nothing else. */
export interface BaselineContext {
  readonly task: Task;
  readonly train: Split;
  /** Columns that the network reads. */
  readonly columns: readonly string[];
}

/**
 * A model that the field has long had, without a network: fitted on the same training examples as the networks and
 * measured on the same cases, so that what a network adds has an interval.
 */
export interface BaselineModel {
  /** What reports call it: `Cox proportional hazards`. */
  readonly title: string;
  /**
   * Columns that it reads, targets among them.
   *
   * @throws VesaliusError `bad-configuration` for a task that is not its own, or where there is nothing that it can read
   */
  columns(context: BaselineContext): readonly string[];
  /** @throws VesaliusError as `columns` does, and `bad-data` where the training examples do not determine the model */
  fit(context: BaselineContext): Promise<Predictor>;
}
