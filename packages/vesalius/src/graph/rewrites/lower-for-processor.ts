import type { Graph } from "../graph.ts";
import { sumsAsProducts } from "./dot-products.ts";
import { fuseMatrixProducts } from "./matrix-product-fusion.ts";
import { shareStatistics } from "./shared-statistics.ts";
import { enlargeVolumesByProducts } from "./volume-upsampling.ts";

/**
 * Writes a graph in the operators whose kernels for the processor are fast in ONNX Runtime, its own ones included.
 *
 * The result computes the same and is for running, not for export or differentiation.
 */
export const lowerForProcessor = (graph: Graph): Graph =>
  fuseMatrixProducts(sumsAsProducts(shareStatistics(enlargeVolumesByProducts(graph))));
