import type { Graph } from "../graph.ts";
import { sumsAsProducts } from "./dot-products.ts";
import { flattenRows } from "./flat-rows.ts";
import { fuseMatrixProducts } from "./matrix-product-fusion.ts";
import { separateBiases } from "./separate-biases.ts";
import { shareWithGradient } from "./shared-with-gradient.ts";
import { splitProducts } from "./split-products.ts";
import { enlargeVolumesByProducts } from "./volume-upsampling.ts";

/** In this order: products are split and take in factors before their biases leave them and shapes hide them. */
const passes: readonly ((graph: Graph) => Graph)[] = [
  enlargeVolumesByProducts,
  shareWithGradient,
  sumsAsProducts,
  splitProducts,
  fuseMatrixProducts,
  separateBiases,
  flattenRows,
];

/**
 * Writes a graph in the operators whose kernels for the processor are fast in ONNX Runtime, its own ones included.
 *
 * The result computes the same and is for running, not for export or differentiation.
 */
export const lowerForProcessor = (graph: Graph): Graph => passes.reduce((lowered, pass) => pass(lowered), graph);
