import { VesaliusError } from "../../common/errors.ts";
import { predictedClasses } from "./confusion.ts";
import { requireCases, requireFinite, requireLength } from "./input-checks.ts";
import { requireClassScores, type ClassScores } from "./roc-multiclass.ts";

/** One bin of a reliability diagram: what the model said against what happened. */
export interface ReliabilityBin {
  /** Probabilities in (lower, upper] fall into this bin; the first bin also holds 0. */
  readonly lower: number;
  readonly upper: number;
  /** Weight of the cases in the bin. */
  readonly count: number;
  /** Mean predicted probability; NaN for an empty bin. */
  readonly meanProbability: number;
  /** Share of cases in which the predicted event happened; NaN for an empty bin. */
  readonly observedRate: number;
}

/** Which bin each probability falls into, found once for all resamples. */
export interface BinnedProbabilities {
  readonly bins: number;
  /** `[count]` bin of each case. */
  readonly bin: Int32Array;
  readonly probabilities: ArrayLike<number>;
  /** `[count]` 1 where the predicted event happened. */
  readonly outcomes: ArrayLike<number>;
}

/** Default number of equal-width bins (Guo et al. 2017). */
export const defaultBins = 15;

/** Upper edge of a bin in float32, the precision in which probabilities come out of a model. */
const upperEdge = (bin: number, bins: number): number => Math.fround((bin + 1) / bins);

/**
 * Sorts probabilities into equal-width bins (lower, upper].
 *
 * @throws VesaliusError `bad-argument` unless `bins` is a whole number above 0.
 */
export function binProbabilities(
  probabilities: ArrayLike<number>,
  outcomes: ArrayLike<number>,
  bins = defaultBins,
): BinnedProbabilities {
  if (!Number.isInteger(bins) || bins < 1) {
    throw new VesaliusError("bad-argument", `the number of bins must be a whole number above 0, not ${bins}`, {
      where: "bins",
      fix: `leave it out for ${defaultBins}`,
    });
  }
  const bin = Int32Array.from({ length: probabilities.length }, (_, row) => {
    const probability = probabilities[row]!;
    let index = Math.min(Math.max(Math.ceil(probability * bins) - 1, 0), bins - 1);
    // The product rounds, so the guess can lie one bin off at an edge.
    while (index > 0 && probability <= upperEdge(index - 1, bins)) index -= 1;
    while (index < bins - 1 && probability > upperEdge(index, bins)) index += 1;
    return index;
  });
  return { bins, bin, probabilities, outcomes };
}

/** Totals of every bin; `weights` says how often each case counts. */
export function countBins(binned: BinnedProbabilities, weights?: ArrayLike<number>): ReliabilityBin[] {
  const { bins, bin, probabilities, outcomes } = binned;
  const count = new Float64Array(bins);
  const predicted = new Float64Array(bins);
  const happened = new Float64Array(bins);
  for (let row = 0; row < bin.length; row++) {
    const weight = weights === undefined ? 1 : weights[row]!;
    count[bin[row]!]! += weight;
    predicted[bin[row]!]! += weight * probabilities[row]!;
    happened[bin[row]!]! += weight * outcomes[row]!;
  }
  return Array.from(count, (size, index) => ({
    lower: index / bins,
    upper: (index + 1) / bins,
    count: size,
    meanProbability: predicted[index]! / size,
    observedRate: happened[index]! / size,
  }));
}

/** Mean absolute gap between said and observed over the bins, weighted by their counts. */
export function calibrationErrorOfBins(bins: readonly ReliabilityBin[]): number {
  let gap = 0;
  let total = 0;
  for (const bin of bins) {
    if (bin.count === 0) continue;
    gap += bin.count * Math.abs(bin.meanProbability - bin.observedRate);
    total += bin.count;
  }
  return gap / total;
}

/** Probability of each case's most probable class, and whether that class is the true one. */
export function topClassConfidence({ labels, probabilities, classes }: ClassScores): {
  /** `[count]` in [1 / classes, 1]. */
  readonly confidence: Float64Array;
  /** `[count]` 1 where the most probable class is the true one. */
  readonly correct: Uint8Array;
} {
  const predicted = predictedClasses(probabilities, classes);
  return {
    confidence: Float64Array.from(predicted, (best, row) => probabilities[row * classes + best]!),
    correct: Uint8Array.from(predicted, (best, row) => (labels[row] === best ? 1 : 0)),
  };
}

/**
 * Reliability diagram of any predicted probability: equal-width bins with what was said and what happened.
 *
 * @param probabilities `[count]` in [0, 1].
 * @param outcomes `[count]` 1 where the predicted event happened, otherwise 0.
 * @throws VesaliusError `bad-data` for no cases, `shape-mismatch`, `not-a-number`, `bad-argument` for the bins.
 */
export function reliabilityBins(
  probabilities: ArrayLike<number>,
  outcomes: ArrayLike<number>,
  bins = defaultBins,
): ReliabilityBin[] {
  requireCases(probabilities.length);
  requireLength(outcomes.length, probabilities.length, "outcomes");
  requireFinite(probabilities, "probabilities");
  return countBins(binProbabilities(probabilities, outcomes, bins));
}

/**
 * Expected calibration error of the top-class confidence over equal-width bins (lower, upper], in [0, 1], lower is
 * better. Guo et al. 2017; agrees with gpleiss/temperature_scaling. The figure depends on the number of bins and is
 * biased upwards for few cases.
 *
 * @throws VesaliusError as `requireClassScores` does; `bad-argument` for the bins.
 */
export function expectedCalibrationError(scores: ClassScores, bins = defaultBins): number {
  requireClassScores(scores);
  const { confidence, correct } = topClassConfidence(scores);
  return calibrationErrorOfBins(countBins(binProbabilities(confidence, correct, bins)));
}
