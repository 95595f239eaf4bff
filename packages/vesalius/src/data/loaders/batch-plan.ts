import { z } from "zod";
import type { ImageSource, ImageSplit } from "../image-dataset.ts";
import type { ImageShape } from "../image-source.ts";
import { prepareTransforms, transformSchema } from "../transforms/pipeline.ts";
import type { TransformSpec } from "../transforms/pipeline.ts";
import { normaliseSchema } from "../transforms/normalise.ts";
import { VesaliusError } from "../../common/errors.ts";
import { validate } from "../../common/check.ts";
import { sequentialOrder, trainingOrder } from "./batch-order.ts";
import type { BatchOrder } from "./batch-order.ts";

const sharedOptions = {
  /** Rows of every batch. */
  batchSize: z.int().min(1),
  /** Mean to subtract, one or one per channel, on the scale where white is 1. */
  mean: normaliseSchema.shape.mean.default([0]),
  /** Standard deviation to divide by, one or one per channel. */
  std: normaliseSchema.shape.std.default([1]),
  /** Worker threads; 0 prepares batches on the caller's thread. Browsers always do. */
  workers: z.int().min(0).max(64).default(1),
  /** Batches prepared ahead of the one asked for. */
  prefetch: z.int().min(0).max(1024).default(4),
};

/** Options of `imageLoader`. */
export const imageLoaderOptionsSchema = z.strictObject({
  ...sharedOptions,
  /** Applied to every image in order, in [0, 1] before mean and std. */
  transforms: z.array(transformSchema).default([]),
  /** Seed of the order and of the transforms' random choices. */
  seed: z.int(),
  /** A new order in every epoch. */
  shuffle: z.boolean().default(true),
});

/** Options of `sequentialLoader`. */
export const sequentialLoaderOptionsSchema = z.strictObject(sharedOptions);

/** Options of `imageLoader`, defaults left out at will. */
export type ImageLoaderOptions = z.input<typeof imageLoaderOptionsSchema>;
/** Options of `sequentialLoader`, defaults left out at will. */
export type SequentialLoaderOptions = z.input<typeof sequentialLoaderOptionsSchema>;

/** Everything that determines a loader's batches. It survives a structured clone, so a thread can be given it whole. */
export interface BatchPlan {
  readonly images: ImageSource;
  readonly labels: Int32Array | undefined;
  readonly length: number;
  readonly batchSize: number;
  readonly transforms: readonly TransformSpec[];
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly seed: number;
  readonly order: "shuffled" | "in order" | "one pass";
}

/** How a plan is carried out. */
export interface Threads {
  readonly workers: number;
  readonly prefetch: number;
}

function checkNormalisation({ mean, std }: Pick<BatchPlan, "mean" | "std">, { channels }: ImageShape): void {
  for (const [name, values] of Object.entries({ mean, std })) {
    if (values.length === 1 || values.length === channels) continue;
    throw new VesaliusError("bad-argument", `${name} has ${values.length} values for images of ${channels} channels`, {
      fix: "give one value, or one per channel",
    });
  }
}

/** @throws VesaliusError `bad-argument` for options or transforms that do not fit the images. */
export function trainingPlan(split: ImageSplit, options: ImageLoaderOptions): { plan: BatchPlan; threads: Threads } {
  const checked = validate(imageLoaderOptionsSchema, options, { code: "bad-argument", what: "options of imageLoader" });
  const { workers, prefetch, shuffle, ...settings } = checked;
  checkNormalisation(settings, prepareTransforms(settings.transforms, split.images).outputShape);
  const { images, labels, length } = split;
  return {
    plan: { ...settings, images, labels, length, order: shuffle ? "shuffled" : "in order" },
    threads: { workers, prefetch },
  };
}

/** @throws VesaliusError `bad-argument` for options that do not fit the images. */
export function sequentialPlan(
  split: ImageSplit,
  options: SequentialLoaderOptions,
): { plan: BatchPlan; threads: Threads } {
  const checked = validate(sequentialLoaderOptionsSchema, options, {
    code: "bad-argument",
    what: "options of sequentialLoader",
  });
  const { workers, prefetch, ...settings } = checked;
  checkNormalisation(settings, split.images);
  const { images, labels, length } = split;
  return {
    plan: { ...settings, images, labels, length, transforms: [], seed: 0, order: "one pass" },
    threads: { workers, prefetch },
  };
}

/** The order that a plan asks for. */
export function planOrder({ order, length, batchSize, seed }: BatchPlan): BatchOrder {
  return order === "one pass"
    ? sequentialOrder(length, batchSize)
    : trainingOrder(length, batchSize, seed, order === "shuffled");
}
