import type { Graph } from "../graph.ts";
import { sumsAsProducts } from "./dot-products.ts";
import { flattenRows } from "./flat-rows.ts";
import { fuseMatrixProducts } from "./matrix-product-fusion.ts";
import { shareStatistics } from "./shared-statistics.ts";
import { splitProducts } from "./split-products.ts";
import { enlargeVolumesByProducts } from "./volume-upsampling.ts";

/** In this order: products are split before they take in factors, and shapes change last, for the others look through them. */
const passes: readonly ((graph: Graph) => Graph)[] = [
  enlargeVolumesByProducts,
  shareStatistics,
  sumsAsProducts,
  splitProducts,
  fuseMatrixProducts,
  flattenRows,
];

/**
 * Writes a graph in the operators whose kernels for the processor are fast in ONNX Runtime, its own ones included.
 *
 * The result computes the same and is for running, not for export or differentiation.
 */
export const lowerForProcessor = (graph: Graph): Graph => passes.reduce((lowered, pass) => pass(lowered), graph);
