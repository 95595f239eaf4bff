import { randomStream } from "../../common/random.ts";
import type { ImageBatch } from "../image-dataset.ts";
import { pixelsPerImage } from "../image-source.ts";
import { normaliseImage } from "../transforms/normalise.ts";
import { prepareTransforms } from "../transforms/pipeline.ts";
import { planOrder } from "./batch-plan.ts";
import type { BatchPlan } from "./batch-plan.ts";
import type { RowReader } from "./row-reader.ts";

/** Fills rows `size` and up with copies of the row before them, marked as no image. */
function pad(images: Float32Array, rowSize: number, size: number, batchSize: number): void {
  for (let row = size; row < batchSize; row++) {
    images.copyWithin(row * rowSize, (size - 1) * rowSize, size * rowSize);
  }
}

/**
 * Makes any step's batch of a plan. The one place where batches come from: threads and the caller's own thread both
 * run it, which is why their batches agree in every bit.
 */
export function batchMaker(plan: BatchPlan, readRows: RowReader): (step: number) => Promise<ImageBatch> {
  const { batchSize, labels, seed } = plan;
  const order = planOrder(plan);
  const transforms = prepareTransforms(plan.transforms, plan.images);
  const { outputShape } = transforms;
  const sourceSize = pixelsPerImage(plan.images);
  const rowSize = pixelsPerImage(outputShape);
  const image = new Float32Array(sourceSize);
  return async (step) => {
    const rows = order.indices(step);
    const size = rows.length;
    const bytes = await readRows(rows);
    const images = new Float32Array(batchSize * rowSize);
    for (let row = 0; row < size; row++) {
      const start = row * sourceSize;
      for (let i = 0; i < sourceSize; i++) image[i] = bytes[start + i]! / 255;
      const target = images.subarray(row * rowSize, (row + 1) * rowSize);
      transforms.apply(image, target, randomStream(seed, "transform", step, row));
      normaliseImage(target, outputShape, target, plan);
    }
    pad(images, rowSize, size, batchSize);
    const batchLabels = new Int32Array(batchSize).fill(-1);
    const indices = new Int32Array(batchSize).fill(-1);
    indices.set(rows);
    if (labels) for (let row = 0; row < size; row++) batchLabels[row] = labels[rows[row]!]!;
    return { images, labels: batchLabels, indices, size };
  };
}
