import { platform } from "#platform";
import type { FeedPlan, Split } from "../../data/index.ts";
import { Graph, type Tensor, type Tensors } from "../../graph/index.ts";
import type { Backbone } from "../../models/index.ts";
import { type Backend, Program, SessionCache } from "../../runtime/index.ts";
import { backboneFeaturesOf, feedsOf, graphInputs } from "../../tasks/index.ts";

/** Features of a split, one row for each example. */
export interface FeatureTable {
  /** `[count, width]` */
  readonly values: Float32Array;
  readonly count: number;
  readonly width: number;
}

/**
 * Pooled features of every example of a split, without random changes.
 *
 * @param weights of the backbone by name
 * @param plan one pass over the examples
 */
export async function extractFeatures(
  backbone: Backbone,
  weights: Tensors,
  split: Split,
  plan: FeedPlan,
  backend: Backend,
): Promise<FeatureTable> {
  const batches = await platform.batches(split, plan, { workers: 1 });
  const programs = new SessionCache<Program>();
  let table: FeatureTable | undefined;
  try {
    for (let step = 0; step < batches.steps; step++) {
      const { bucket, feeds, rows, size } = await batches.batch(step);
      const program = await programs.get(bucket, () => {
        const graph = new Graph("features");
        const inputs = graphInputs(graph, batches.inputs(bucket));
        graph.output("features", backboneFeaturesOf(backbone, inputs, { training: false }).pooled);
        return Program.compile(graph, backend);
      });
      const outputs = await program.run(feedsOf(program.graph, feeds), weights);
      const { data, shape } = outputs.get("features")!;
      const width = shape[1]!;
      table ??= { values: new Float32Array(split.length * width), count: split.length, width };
      for (let row = 0; row < size; row++)
        table.values.set((data as Float32Array).subarray(row * width, (row + 1) * width), rows[row]! * width);
    }
    return table!;
  } finally {
    await batches.close();
    await programs.release();
  }
}

/** Mean and deviation of each feature over a table. */
export interface FeatureScale {
  readonly mean: Float64Array;
  readonly std: Float64Array;
}

/** Standardises a table in place and returns what was taken out. Constant features keep their scale. */
export function standardizeFeatures({ values, count, width }: FeatureTable): FeatureScale {
  const mean = new Float64Array(width);
  const std = new Float64Array(width);
  for (let i = 0; i < values.length; i++) mean[i % width]! += values[i]! / count;
  for (let i = 0; i < values.length; i++) std[i % width]! += (values[i]! - mean[i % width]!) ** 2 / count;
  for (let j = 0; j < width; j++) std[j] = Math.sqrt(std[j]!) || 1;
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean[i % width]!) / std[i % width]!;
  return { mean, std };
}

/**
 * Turns a linear layer on standardised features into the same function of the plain ones:
 * `W (x - mean) / std + b = (W / std) x + (b - W (mean / std))`.
 *
 * @param weight `[outputs, width]`
 * @param bias `[outputs]`
 */
export function foldScale(weight: Tensor, bias: Tensor, { mean, std }: FeatureScale): { weight: Tensor; bias: Tensor } {
  const width = mean.length;
  const w = Float32Array.from(weight.data as Float32Array, (value, i) => value / std[i % width]!);
  const b = Float32Array.from(bias.data as Float32Array, (value, row) => {
    let shift = 0;
    for (let j = 0; j < width; j++) shift += w[row * width + j]! * mean[j]!;
    return value - shift;
  });
  return { weight: { ...weight, data: w }, bias: { ...bias, data: b } };
}
