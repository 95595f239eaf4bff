import { requireCases, requireFinite, requireLength } from "../input-checks.ts";

/** True numbers with predicted ones, in the same unit. */
export interface PredictedNumbers {
  /** `[count]` finite. */
  readonly truth: ArrayLike<number>;
  /** `[count]` finite. */
  readonly predicted: ArrayLike<number>;
}

/** Throws unless both columns hold the same number of finite values, at least one. */
export function requirePredictedNumbers({ truth, predicted }: PredictedNumbers): void {
  requireCases(truth.length);
  requireLength(predicted.length, truth.length, "predicted");
  requireFinite(truth, "truth");
  requireFinite(predicted, "predicted");
}
