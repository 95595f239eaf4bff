import type { Graph } from "../../graph.ts";
import { lowerForWebAssembly } from "../explicit-windows.ts";
import { lower } from "../lower.ts";
import { type NodeRewriter, rewriteByType } from "../rewrite.ts";
import { celu, logSoftmax, selu, sign, softsign } from "./activations.ts";
import { broadcastAnd, broadcastPower } from "./broadcasting.ts";
import { groupedConvolution, paddedBehind, thinGroups, transposedConvolution } from "./convolution.ts";
import { einsumAsProducts } from "./einsum.ts";
import { manyInputs, manyOutputs, meanOfInputs, sumOfInputs } from "./many-operands.ts";
import { maxPoolWithIndices } from "./max-pool.ts";
import { batchNormalization, layerNormalization, meanVarianceNormalization } from "./normalization.ts";
import { oneHot } from "./one-hot.ts";
import { reductionOfNothing } from "./reductions.ts";
import { irregularSlice } from "./slice.ts";

/** The first rule that applies. */
const firstOf =
  (...rules: readonly NodeRewriter[]): NodeRewriter =>
  (node, inputs, target) => {
    for (const rule of rules) {
      const outputs = rule(node, inputs, target);
      if (outputs !== undefined) return outputs;
    }
    return undefined;
  };

const reductions = ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"];

/** Operators that are written out for WebGPU, at least in some forms. */
const rules: ReadonlyMap<string, NodeRewriter> = new Map<string, NodeRewriter>([
  ["And", broadcastAnd],
  ["BatchNormalization", batchNormalization],
  ["Celu", celu],
  ["Concat", manyInputs],
  ["Conv", firstOf(groupedConvolution, paddedBehind)],
  ["ConvTranspose", firstOf(transposedConvolution, thinGroups)],
  ["Einsum", einsumAsProducts],
  ["LayerNormalization", layerNormalization],
  ["LogSoftmax", logSoftmax],
  ["MaxPool", maxPoolWithIndices],
  ["Mean", meanOfInputs],
  ["MeanVarianceNormalization", meanVarianceNormalization],
  ["OneHot", oneHot],
  ["Pow", broadcastPower],
  ["Selu", selu],
  ["Sign", sign],
  ["Slice", irregularSlice],
  ["Softsign", softsign],
  ["Split", manyOutputs],
  ["Sum", sumOfInputs],
  ...reductions.map((name) => [`Reduce${name}`, reductionOfNothing] as const),
]);

/** Opset of the kernels that WebGPU has; younger operators are written out in older ones first. */
const opset = 18;

/**
 * Writes out what ONNX Runtime 1.30 lacks or gets wrong on WebGPU. The result computes the same with other operators,
 * without gradient rules: it is made from graphs that are ready to run.
 */
export const lowerForWebGpu = (graph: Graph): Graph => rewriteByType(lowerForWebAssembly(lower(graph, opset)), rules);
