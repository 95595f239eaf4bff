import {
  add,
  identityMatrix,
  multiply,
  negate,
  softplus,
  subtract,
  sumOf,
  teacherCrossEntropy,
  transpose,
  type Value,
} from "../../../graph/index.ts";
import { type ClipSimilarity, clipLoss } from "../../../models/index.ts";
import { products } from "./similarities.ts";

/**
 * Similarities of images and texts from features that are normalised already.
 *
 * @param image `[batch, width]`
 * @param text `[batch, width]`
 * @param scale what cosines are multiplied by, scalar
 */
export function scaledSimilarity(image: Value, text: Value, scale: Value): ClipSimilarity {
  const logitsPerImage = multiply(products(image, text), scale);
  return { logitsPerImage, logitsPerText: transpose(logitsPerImage, [1, 0]) };
}

/**
 * Symmetric contrastive loss of CLIP (Radford et al. 2021) on normalised features, as open_clip's `ClipLoss`.
 *
 * @param image `[batch, width]`
 * @param text of the same rows, `[batch, width]`
 * @param scale what cosines are multiplied by, scalar
 * @returns scalar
 */
export const imageTextLoss = (image: Value, text: Value, scale: Value): Value =>
  clipLoss(scaledSimilarity(image, text, scale));

/**
 * Distillation of a teacher's similarities (open_clip's `DistillClipLoss`): cross-entropy of the student's with the
 * teacher's distribution over texts for each image and over images for each text. No gradient reaches the teacher.
 *
 * @returns scalar
 */
export function similarityDistillationLoss(student: ClipSimilarity, teacher: ClipSimilarity): Value {
  const perImage = teacherCrossEntropy(student.logitsPerImage, teacher.logitsPerImage);
  return multiply(add(perImage, teacherCrossEntropy(student.logitsPerText, teacher.logitsPerText)), 0.5);
}

/**
 * Sigmoid loss of SigLIP (Zhai et al. 2023), as open_clip's `SigLipLoss`: whether image and text belong together is a
 * question of its own for each pair, so the batch needs no normalization.
 *
 * @param image normalised, `[batch, width]`
 * @param text normalised, `[batch, width]`
 * @param scale what cosines are multiplied by, scalar
 * @param bias added to them, scalar; about -10 at the start, as most pairs do not belong together
 * @returns sum over pairs divided by the batch, scalar
 */
export function sigmoidPairLoss(image: Value, text: Value, scale: Value, bias: Value): Value {
  const batch = image.shape[0]!;
  const logits = add(multiply(products(image, text), scale), bias);
  const signs = subtract(multiply(identityMatrix(image.graph, batch), 2), 1);
  return multiply(sumOf(softplus(negate(multiply(signs, logits)))), 1 / batch);
}
