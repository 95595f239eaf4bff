import { VesaliusError } from "../../common/errors.ts";
import type { Adapted, Task } from "../../adaptation/index.ts";
import { crossEntropy } from "../../graph/index.ts";
import { classificationHead } from "../../models/index.ts";
import { ImageClassifier } from "./image-classifier.ts";

/** Options of `classification`. */
export interface ClassificationOptions {
  /** Share of the target spread over all classes, in [0, 1). */
  readonly labelSmoothing?: number;
}

function check(labels: Int32Array | undefined, ids: readonly string[], classes: readonly string[]): void {
  if (labels === undefined)
    throw new VesaliusError("bad-data", "the images carry no labels", { fix: "adapt on a split with labels" });
  const counts = new Int32Array(classes.length);
  labels.forEach((label, i) => {
    if (label < 0 || label >= classes.length)
      throw new VesaliusError("bad-data", `label ${label} is outside the ${classes.length} classes`, {
        where: ids[i] ?? `row ${i}`,
      });
    counts[label]!++;
  });
  const empty = classes.filter((_, i) => counts[i] === 0);
  if (empty.length > 0)
    throw new VesaliusError("bad-data", `no training image shows: ${empty.join(", ")}`, {
      fix: "add examples of the class or remove it from the labels",
    });
}

/**
 * Image classification: one of several classes for each image, with a linear head and cross-entropy.
 *
 * @param labels class names; the position is the class number
 * @throws VesaliusError `bad-configuration` for fewer than two classes or repeated names
 */
export function classification(
  labels: readonly string[],
  { labelSmoothing = 0 }: ClassificationOptions = {},
): Task<ImageClassifier> {
  if (labels.length < 2 || new Set(labels).size !== labels.length)
    throw new VesaliusError(
      "bad-configuration",
      `classification needs at least two different classes, got: ${labels.join(", ") || "none"}`,
    );
  return {
    name: "classification",
    head: (pooled) => classificationHead(pooled, labels.length),
    loss: (logits, targets) => crossEntropy(logits, targets, { labelSmoothing }),
    check: (given, ids) => check(given, ids, labels),
    model: (adapted: Adapted) => new ImageClassifier({ ...adapted, labels }),
  };
}
