import type { SurvivalAnswer } from "../../evaluation/index.ts";
import type { Tensor, Tensors, Value } from "../../graph/index.ts";
import type { Outputs } from "../../models/index.ts";
import type { Result } from "../task.ts";

/** How numbers of a head say when an event comes. */
export interface SurvivalModel {
  /** Numbers that the head gives for each example. */
  readonly outputs: number;
  /**
   * @param logits `[rows, outputs]`
   * @param time `[rows]` float32
   * @param observed 1 where the event was seen, float32 `[rows]`
   * @returns scalar
   */
  loss(logits: Value, time: Value, observed: Value): Value;
  answers(logits: Value): Outputs;
  /** What follows from the training examples once the head is trained. */
  fit?(results: AsyncIterable<Result>): Promise<Tensors>;
  decode(outputs: Readonly<Record<string, Tensor>>, fitted: Tensors): SurvivalAnswer;
}
