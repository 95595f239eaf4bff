import {
  add,
  concat,
  divide,
  exp,
  l2Normalize,
  log,
  logSoftmax,
  multiply,
  power,
  reduceMax,
  reduceMean,
  reduceSum,
  slice,
  softCrossEntropy,
  softmax,
  stopGradient,
  subtract,
  sum,
  sumOf,
  tile,
  type Value,
} from "../../../graph/index.ts";
import { products } from "./similarities.ts";

/**
 * Sinkhorn's algorithm: soft assignments of samples to prototypes that use every prototype equally (Caron et al. 2020).
 *
 * @param scores positive, `[samples, prototypes]`
 * @returns probabilities of each sample, same shape; no gradient flows back
 */
export function sinkhorn(scores: Value, iterations = 3): Value {
  const [samples, prototypes] = scores.shape as [number, number];
  let assignment = divide(stopGradient(scores), sumOf(scores));
  for (let i = 0; i < iterations; i++) {
    assignment = multiply(divide(assignment, reduceSum(assignment, [0])), 1 / prototypes);
    assignment = multiply(divide(assignment, reduceSum(assignment, [1])), 1 / samples);
  }
  return stopGradient(multiply(assignment, samples));
}

/** Options of `swavLoss`. */
export interface SwavOptions {
  /** 0.1 by default. */
  readonly temperature?: number;
  /** 3 by default. */
  readonly sinkhornIterations?: number;
  /** Softness of the assignments; 0.05 by default. */
  readonly sinkhornEpsilon?: number;
  /** Similarities of earlier batches for each large crop, `[queueSize, prototypes]`, for batches that are too small. */
  readonly queues?: readonly Value[];
}

/**
 * Swapped assignments of SwAV (Caron et al. 2020), as lightly's `SwaVLoss`: what each large crop is assigned to is
 * predicted from every other crop of the image.
 *
 * @param largeCrops products of normalised features and prototypes, each `[batch, prototypes]`, two or more
 * @param smallCrops the same of further crops
 * @returns scalar
 */
export function swavLoss(largeCrops: readonly Value[], smallCrops: readonly Value[], options: SwavOptions = {}): Value {
  const { temperature = 0.1, sinkhornIterations = 3, sinkhornEpsilon = 0.05, queues } = options;
  const crops = [...largeCrops, ...smallCrops];
  const batch = largeCrops[0]!.shape[0]!;
  const losses = largeCrops.flatMap((crop, i) => {
    const all = queues === undefined ? crop : concat([crop, queues[i]!], 0);
    // Shifting all scores changes nothing, as they are normalised, and keeps the exponential finite.
    const scores = exp(multiply(subtract(all, reduceMax(all)), 1 / sinkhornEpsilon));
    const codes = slice(sinkhorn(scores, sinkhornIterations), 0, 0, batch);
    return crops
      .filter((other) => other !== crop)
      .map((other) => softCrossEntropy(multiply(other, 1 / temperature), codes));
  });
  return multiply(sum(losses), 1 / losses.length);
}

/** Options of `maskedSiameseLoss`. */
export interface MaskedSiameseOptions {
  /** 0.1 by default. */
  readonly temperature?: number;
  /** Exponent of the targets is one over this; 0.25 by default. */
  readonly sharpening?: number;
  /** 3 by default; 0 leaves the targets as they are. */
  readonly sinkhornIterations?: number;
  /** Weight of the entropy that the mean prediction lacks; 1 by default. */
  readonly entropyWeight?: number;
}

/**
 * Masked Siamese networks (Assran et al. 2022), as lightly's `MSNLoss`: masked views predict the prototypes of the whole
 * image, and all prototypes shall be used.
 *
 * @param anchors features of the masked views, view after view, `[views * batch, width]`
 * @param targets features of the whole images, `[batch, width]`; they get no gradient
 * @param prototypes `[prototypes, width]`
 * @returns scalar
 */
export function maskedSiameseLoss(
  anchors: Value,
  targets: Value,
  prototypes: Value,
  options: MaskedSiameseOptions = {},
): Value {
  const { temperature = 0.1, sharpening = 0.25, sinkhornIterations = 3, entropyWeight = 1 } = options;
  const directions = l2Normalize(prototypes);
  const logits = (x: Value): Value => multiply(products(l2Normalize(x), directions), 1 / temperature);
  const sharp = power(softmax(logits(targets)), 1 / sharpening);
  const normal = divide(sharp, reduceSum(sharp, [1]));
  const codes = sinkhornIterations > 0 ? sinkhorn(normal, sinkhornIterations) : stopGradient(normal);
  const views = anchors.shape[0]! / targets.shape[0]!;
  const predicted = logits(anchors);
  const attraction = softCrossEntropy(predicted, tile(codes, [views, 1]));
  const mean = reduceMean(exp(logSoftmax(predicted)), [0]);
  const lacking = add(sumOf(multiply(mean, log(mean))), Math.log(prototypes.shape[0]!));
  return add(attraction, multiply(lacking, entropyWeight));
}
