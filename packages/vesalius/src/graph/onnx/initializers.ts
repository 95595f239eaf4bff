import { isFloatingPoint, type Tensor } from "../../common/tensor.ts";
import { bodiesOf, capturedNames } from "./bodies.ts";
import type { VersionedNode } from "./functions.ts";
import { domainOf } from "./decode.ts";

/** Inputs that are settings of an operator rather than weights: bounds, scales and fill values. */
const settings: Readonly<Record<string, readonly number[]>> = {
  Resize: [1, 2],
  Upsample: [1],
  Clip: [1, 2],
  Pad: [2],
  Range: [0, 1, 2],
  OneHot: [2],
  Dropout: [1],
  NonMaxSuppression: [3, 4],
  QuantizeLinear: [1],
  DequantizeLinear: [1],
  QLinearConv: [1, 4, 6],
  QLinearMatMul: [1, 4, 6],
};

/** Statistics that frameworks keep as buffers: they are saved with the weights, and training does not touch them. */
const buffers: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] };

/** How the nodes of a model use the names that its initializers may have. */
export interface Uses {
  /** Names that anything reads. */
  readonly read: ReadonlySet<string>;
  /** Names that are read as more than a setting. */
  readonly asWeights: ReadonlySet<string>;
  /** Names that are read as the statistics of a normalization. */
  readonly asBuffers: ReadonlySet<string>;
}

/** Collects how names are used. */
export function usesOf(nodes: readonly VersionedNode[], outputs: readonly string[]): Uses {
  const asWeights = new Set(outputs);
  const read = new Set(outputs);
  const asBuffers = new Set<string>();
  for (const { node } of nodes) {
    const own = domainOf(node.domain) === "";
    node.input.forEach((name, position) => {
      read.add(name);
      if (!own || !settings[node.opType]?.includes(position)) asWeights.add(name);
      if (own && buffers[node.opType]?.includes(position)) asBuffers.add(name);
    });
    for (const name of capturedNames(bodiesOf(node.attribute))) {
      read.add(name);
      asWeights.add(name);
    }
  }
  return { read, asWeights, asBuffers };
}

/**
 * Whether an initializer is a weight: floating-point, used as more than a setting, and not a lone number, since those
 * are the epsilons and factors of formulas that an exporter wrote out.
 */
export const isWeight = (name: string, tensor: Tensor, uses: Uses): boolean =>
  isFloatingPoint(tensor.dtype) && tensor.shape.length > 0 && uses.asWeights.has(name);
