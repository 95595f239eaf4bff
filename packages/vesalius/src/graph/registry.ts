import { activations } from "./operators/activations.ts";
import { arithmetic } from "./operators/arithmetic.ts";
import { attentionOperators } from "./operators/attention.ts";
import { batchNormalization } from "./operators/batch-normalization.ts";
import { blockRearrangement } from "./operators/blocks.ts";
import { comparison } from "./operators/comparison.ts";
import { constants } from "./operators/constants.ts";
import { convolution } from "./operators/convolution.ts";
import type { OperatorDefinition } from "./operators/definition.ts";
import { einsteinSum } from "./operators/einsum.ts";
import { elementary } from "./operators/elementary.ts";
import { gridSample } from "./operators/grid-sample.ts";
import { indexing } from "./operators/indexing.ts";
import { masks } from "./operators/masks.ts";
import { matrixProducts } from "./operators/matrix-products.ts";
import { normalization } from "./operators/normalization.ts";
import { ordering } from "./operators/ordering.ts";
import { padding } from "./operators/padding.ts";
import { piecewiseActivations } from "./operators/piecewise-activations.ts";
import { pooling } from "./operators/pooling.ts";
import { quantization } from "./operators/quantization.ts";
import { reductions } from "./operators/reductions.ts";
import { resize } from "./operators/resize.ts";
import { sampleNormalization } from "./operators/sample-normalization.ts";
import { shaping } from "./operators/shaping.ts";
import { slicing } from "./operators/slicing.ts";
import { trigonometry } from "./operators/trigonometry.ts";

/** Every operator that Vesalius can build, infer and (where a rule exists) differentiate, by ONNX name. */
export const registry: ReadonlyMap<string, OperatorDefinition> = new Map(
  [
    arithmetic,
    comparison,
    activations,
    reductions,
    matrixProducts,
    normalization,
    shaping,
    indexing,
    constants,
    convolution,
    pooling,
    batchNormalization,
    sampleNormalization,
    piecewiseActivations,
    trigonometry,
    padding,
    elementary,
    slicing,
    gridSample,
    resize,
    quantization,
    einsteinSum,
    blockRearrangement,
    masks,
    ordering,
    attentionOperators,
  ]
    .flat()
    .map((definition) => [definition.type, definition]),
);

/** Definition of an operator of ONNX's own domain, or undefined where the registry has none. */
export function definitionOf(type: string, domain = ""): OperatorDefinition | undefined {
  return domain === "" || domain === "ai.onnx" ? registry.get(type) : undefined;
}
