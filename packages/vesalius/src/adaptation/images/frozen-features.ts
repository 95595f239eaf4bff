import { platform } from "#platform";
import { randomStream } from "../../common/random.ts";
import type { ImageSplit } from "../../data/index.ts";
import { Graph, type Tensor, type Tensors } from "../../graph/index.ts";
import { type Backbone, backboneFeatures, inputShape, type Preprocessing } from "../../models/index.ts";
import { type Backend, Program } from "../../runtime/index.ts";

/** Features of a split, one row for each image. */
export interface FeatureTable {
  /** `[count, width]` */
  readonly values: Float32Array;
  readonly count: number;
  readonly width: number;
}

/**
 * Pooled features of every image of a split, without augmentation.
 *
 * @param weights of the backbone by name
 */
export async function extractFeatures(
  backbone: Backbone & { readonly preprocessing: Preprocessing },
  weights: Tensors,
  split: ImageSplit,
  backend: Backend,
): Promise<FeatureTable> {
  const batchSize = Math.min(64, split.length);
  const graph = new Graph("features");
  const images = graph.input("images", "float32", [batchSize, ...inputShape(backbone)]);
  graph.output("features", backboneFeatures(backbone, images).pooled);
  const width = graph.result("features").shape[1]!;
  const values = new Float32Array(split.length * width);
  const program = await Program.compile(graph, backend);
  const loader = platform.sequentialLoader(split, { batchSize, ...backbone.preprocessing });
  try {
    for (let step = 0; step < loader.stepsPerEpoch; step++) {
      const batch = await loader.batch(step);
      const outputs = await program.run(
        new Map([["images", { dtype: "float32", shape: images.shape, data: batch.images }]]),
        weights,
      );
      const rows = outputs.get("features")!.data as Float32Array;
      values.set(rows.subarray(0, batch.size * width), step * batchSize * width);
    }
  } finally {
    await loader.close();
    await program.release();
  }
  return { values, count: split.length, width };
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

/** Shuffled batches of rows; the same step always gives the same rows. */
export function featureBatches(
  { values, count, width }: FeatureTable,
  labels: Int32Array,
  batchSize: number,
  seed: number,
) {
  const stepsPerEpoch = Math.max(1, Math.floor(count / batchSize));
  return {
    stepsPerEpoch,
    batch(step: number): { features: Float32Array; labels: Int32Array } {
      const order = randomStream(seed, "features", Math.floor(step / stepsPerEpoch)).permutation(count);
      const start = (step % stepsPerEpoch) * batchSize;
      const features = new Float32Array(batchSize * width);
      const picked = new Int32Array(batchSize);
      for (let row = 0; row < batchSize; row++) {
        const source = order[(start + row) % count]!;
        features.set(values.subarray(source * width, (source + 1) * width), row * width);
        picked[row] = labels[source]!;
      }
      return { features, labels: picked };
    },
  };
}
