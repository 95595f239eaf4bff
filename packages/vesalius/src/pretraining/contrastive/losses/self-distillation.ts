import {
  add,
  cast,
  concat,
  divide,
  equal,
  multiply,
  reduceMean,
  reduceSum,
  reshape,
  softCrossEntropy,
  softCrossEntropyTerms,
  softmax,
  stopGradient,
  subtract,
  sum,
  sumOf,
  type Value,
} from "../../../graph/index.ts";

/** Temperatures of teacher and student. */
export interface SelfDistillationOptions {
  /** Scalar input that a schedule feeds, or a number; see `warmupTemperature`. */
  readonly teacherTemperature: Value | number;
  /** 0.1 by default. */
  readonly studentTemperature?: number;
}

/**
 * Teacher's temperature of DINO: rises linearly over the first epochs and stays.
 *
 * @param epoch from 0
 */
export const warmupTemperature = (
  epoch: number,
  { start = 0.04, end = 0.07, epochs = 30 }: { start?: number; end?: number; epochs?: number } = {},
): number => (epoch >= epochs ? end : epochs === 1 ? start : start + ((end - start) * epoch) / (epochs - 1));

/** Distribution of the teacher after subtracting the centre; no gradient flows back. */
function teacherTargets(logits: Value, centre: Value, temperature: Value | number): Value {
  return stopGradient(softmax(divide(subtract(logits, centre), temperature)));
}

/** Running mean of the teacher's outputs, `momentum * centre + (1 - momentum) * mean`. */
export const updateCentre = (centre: Value, mean: Value, momentum = 0.9): Value =>
  add(multiply(centre, momentum), multiply(reshape(mean, centre.shape), 1 - momentum));

/**
 * Self-distillation of DINO (Caron et al. 2021), as lightly's `DINOLoss`: the student predicts from every view what the
 * centred and sharpened teacher says of the others. The first views of both are the same large crops.
 *
 * @param teacher outputs for the large crops, each `[batch, prototypes]`
 * @param student outputs for the large crops and then the small ones, each `[batch, prototypes]`
 * @param centre running mean of the teacher's outputs, broadcast: `[1, prototypes]`
 * @returns scalar
 */
export function dinoLoss(
  teacher: readonly Value[],
  student: readonly Value[],
  centre: Value,
  options: SelfDistillationOptions,
): Value {
  const predictions = student.map((logits) => multiply(logits, 1 / (options.studentTemperature ?? 0.1)));
  const losses = teacher.flatMap((logits, i) => {
    const target = teacherTargets(logits, centre, options.teacherTemperature);
    return predictions.filter((_, view) => view !== i).map((prediction) => softCrossEntropy(prediction, target));
  });
  return multiply(sum(losses), 1 / losses.length);
}

/** The centre after a batch of teacher outputs, each `[batch, prototypes]`. */
export const nextDinoCentre = (centre: Value, teacher: readonly Value[], momentum = 0.9): Value =>
  updateCentre(centre, reduceMean(concat(teacher, 0), [0]), momentum);

/**
 * Masked patches of iBOT (Zhou et al. 2022), as lightly's `IBOTPatchLoss`: the student predicts at masked patches what
 * the teacher says of them; every image counts alike, however many of its patches are masked.
 *
 * @param teacher outputs at the masked patches, `[patches, prototypes]`
 * @param student outputs at the same patches
 * @param imageOfPatch number of the image that each patch is of, int32 `[patches]`
 * @param centre broadcast: `[1, prototypes]`
 * @param images number of images in the batch
 * @returns scalar
 */
export function maskedPatchLoss(
  teacher: Value,
  student: Value,
  imageOfPatch: Value,
  centre: Value,
  images: number,
  options: SelfDistillationOptions,
): Value {
  const count = teacher.shape[0]!;
  const target = teacherTargets(teacher, centre, options.teacherTemperature);
  const terms = softCrossEntropyTerms(multiply(student, 1 / (options.studentTemperature ?? 0.1)), target);
  const sameImage = equal(reshape(imageOfPatch, [count, 1]), reshape(imageOfPatch, [1, count]));
  const patches = reduceSum(cast(sameImage, "float32"), [1], { keepDimensions: false });
  return multiply(sumOf(divide(terms, patches)), 1 / images);
}
