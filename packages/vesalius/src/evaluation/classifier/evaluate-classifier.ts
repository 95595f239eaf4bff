import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { ImageSplit } from "../../data/index.ts";
import type { Tensors } from "../../graph/index.ts";
import type { Backend } from "../../runtime/index.ts";
import { evaluateClassification } from "./evaluate-classification.ts";
import type { ClassificationCases } from "./input.ts";
import { classificationReportSchema, parseClassificationReport } from "./report.ts";

/** A classifier that can be evaluated: `ImageClassifier`, or anything that answers like it. */
export interface PredictingModel {
  readonly labels: readonly string[];
  /** Parameters by name, for the report. */
  readonly weights: Tensors;
  /** Class probabilities `[count, classes]` of every image. */
  predict(
    split: ImageSplit,
    options?: { readonly backend?: Backend; readonly signal?: AbortSignal },
  ): Promise<Float32Array>;
}

/** Options of `evaluateClassifier`; see `ClassificationCases`. */
export interface EvaluateClassifierOptions extends Pick<
  ClassificationCases,
  "positiveClass" | "orderedClasses" | "seed" | "resamples" | "minimumSubgroupSize"
> {
  /**
   * Name the images of the most confident mistakes in the report. Names of image files can hold names of patients: turn it off
   * for reports that are passed on.
   */
  readonly nameImages?: boolean;
  readonly backend?: Backend;
  readonly signal?: AbortSignal;
}

/** Schema of what predicting took. */
export const predictionCostSchema = z.object({
  /** Wall-clock seconds for all images, reading them included. */
  seconds: z.number().nonnegative(),
  imagesPerSecond: z.number().nonnegative(),
  parameters: z.int().nonnegative(),
});

/** Schema of a saved evaluation of a model. */
export const classifierReportSchema = classificationReportSchema.extend({ cost: predictionCostSchema });

/** What an evaluation found, and what predicting took. */
export type ClassifierReport = z.output<typeof classifierReportSchema>;

/**
 * Evaluates a classifier on a split: predicts every image and computes discrimination, calibration and agreement with 95%
 * intervals, overall, per class and per subgroup of the split's attributes; see `evaluateClassification`.
 *
 * @throws VesaliusError `bad-data` for a split without labels or with classes that the model does not know,
 * `shape-mismatch` for images that do not fit the model, and whatever `evaluateClassification` throws
 *
 * @example
 * const report = await evaluateClassifier(model, xrays.validation);
 * report.figures.rocAuc; // { value: 0.95, lower: 0.93, upper: 0.97 }
 */
export async function evaluateClassifier(
  model: PredictingModel,
  split: ImageSplit | undefined,
  { nameImages = true, backend, signal, ...cases }: EvaluateClassifierOptions = {},
): Promise<ClassifierReport> {
  if (split?.labels === undefined)
    throw new VesaliusError("bad-data", split === undefined ? "there is no such split" : "the images carry no labels", {
      ...(split === undefined ? {} : { where: split.name }),
      fix: "evaluate on a split with labels",
    });
  const began = performance.now();
  const probabilities = await model.predict(split, { ...(backend && { backend }), ...(signal && { signal }) });
  const seconds = (performance.now() - began) / 1000;
  const report = evaluateClassification({
    ...cases,
    labels: split.labels,
    probabilities,
    classNames: model.labels,
    attributes: split.attributes,
    ...(split.groups === undefined ? {} : { groups: split.groups }),
    ...(nameImages ? { ids: split.ids } : {}),
  });
  const parameters = [...model.weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  return { ...report, cost: { seconds, imagesPerSecond: split.length / seconds, parameters } };
}

/**
 * Checks a saved evaluation.
 *
 * @throws VesaliusError `bad-file` where it is none of this version
 */
export function parseClassifierReport(json: unknown, where = "report.json"): ClassifierReport {
  const report = parseClassificationReport(json, where);
  const cost = z.object({ cost: predictionCostSchema }).safeParse(json);
  if (cost.success) return { ...report, cost: cost.data.cost };
  throw new VesaliusError("bad-file", "the report does not say what predicting took", {
    where,
    fix: "evaluate again to write a new report",
    cause: cost.error,
  });
}
