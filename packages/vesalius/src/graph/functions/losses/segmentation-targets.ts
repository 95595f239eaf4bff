import type { Value } from "../../value.ts";
import { sigmoid, softmax } from "../activations.ts";
import { equal } from "../comparison.ts";
import { cast } from "../indexing.ts";
import { slice } from "../shaping.ts";

/**
 * Class numbers as one channel for each class.
 *
 * @param labels `[batch, 1, ...spatial]`, int32 or int64
 * @returns `[batch, classes, ...spatial]`, 0 or 1, float32
 */
export function classChannels(labels: Value, classes: number): Value {
  const numbers = Int32Array.from({ length: classes }, (_, i) => i);
  const shape = labels.shape.map((_, axis) => (axis === 1 ? classes : 1));
  const range = labels.graph.constant({ dtype: "int32", shape, data: numbers });
  return cast(equal(cast(labels, "int32"), range), "float32");
}

/** How logits become the probabilities that an overlap is measured on. */
export interface SegmentationOptions {
  /** `softmax` over exclusive classes, `sigmoid` for each channel, or `none` where probabilities are given. */
  readonly activation: "softmax" | "sigmoid" | "none";
  /** Whether channel 0 counts; true by default. */
  readonly includeBackground?: boolean;
}

/** Probabilities from logits `[batch, classes, ...spatial]`. */
export function segmentationProbabilities(logits: Value, activation: SegmentationOptions["activation"]): Value {
  if (activation === "softmax") return softmax(logits, 1);
  return activation === "sigmoid" ? sigmoid(logits) : logits;
}

/** Drops channel 0 where it does not count; a single channel is kept. */
export const foreground = (x: Value, includeBackground = true): Value =>
  includeBackground || x.shape[1] === 1 ? x : slice(x, 1, 1, x.shape[1]!);

/** Every spatial axis, and the batch too where it is asked for. */
export const overlapAxes = (x: Value, overBatch: boolean): number[] => [
  ...(overBatch ? [0] : []),
  ...x.shape.slice(2).map((_, i) => i + 2),
];
