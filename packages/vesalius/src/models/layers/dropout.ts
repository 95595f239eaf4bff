import { multiply, type Value } from "../../graph/index.ts";
import type { ForwardMode } from "./normalization.ts";

/** Share of numbers that a layer drops in training. */
export type DropoutRate = number;

/**
 * Dropout (Srivastava et al. 2014): in training a share `rate` of the elements becomes zero and the others grow by
 * `1 / (1 - rate)`. Which ones is a random input `${name}.dropout`, drawn at every step. Nothing at all outside of
 * training, and where the rate is 0.
 *
 * @param rate in [0, 1)
 */
export const dropoutLayer = (x: Value, name: string, rate: DropoutRate, mode: ForwardMode): Value =>
  mode.training && rate > 0
    ? multiply(x, x.graph.randomInput(`${name}.dropout`, "float32", x.shape, { kind: "dropout", keep: 1 - rate }))
    : x;
