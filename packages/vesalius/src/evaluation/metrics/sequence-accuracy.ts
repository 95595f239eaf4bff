import { requireCases, requireLength } from "./input-checks.ts";
import { weightedMeanDefined } from "./weighted-mean.ts";

/** Share of places (residues, tokens) that were labelled rightly, in [0, 1]. */
export interface SequenceAccuracy {
  /** Over all places of all sequences: Q3 or Q8 for secondary structure. */
  readonly overall: number;
  /** Mean over sequences, long and short alike. */
  readonly perSequence: number;
}

/**
 * Accuracy of labels along sequences, prepared for the bootstrap over sequences.
 *
 * @param truth `[sequences]` of `[places]` true labels; a string is one label a character.
 * @param predicted the same.
 * @param unknown label of places whose truth is not known; they count nowhere.
 * @throws VesaliusError `bad-data` for no sequences, `shape-mismatch` for unequal numbers or lengths of sequences.
 *
 * @example
 * sequenceAccuracyStatistic(["HHEC"], ["HHCC"])().overall; // 0.75
 */
export function sequenceAccuracyStatistic(
  truth: readonly ArrayLike<string | number>[],
  predicted: readonly ArrayLike<string | number>[],
  unknown?: string | number,
): (weights?: ArrayLike<number>) => SequenceAccuracy {
  requireCases(truth.length);
  requireLength(predicted.length, truth.length, "predicted");
  const [right, known] = [new Float64Array(truth.length), new Float64Array(truth.length)];
  for (const [row, labels] of truth.entries()) {
    const answers = predicted[row]!;
    requireLength(answers.length, labels.length, `predicted, sequence ${row}`);
    for (let place = 0; place < labels.length; place++) {
      if (labels[place] === unknown) continue;
      known[row]! += 1;
      if (answers[place] === labels[place]) right[row]! += 1;
    }
  }
  const shares = right.map((count, row) => count / known[row]!);
  return (weights) => {
    let [hits, places] = [0, 0];
    for (let row = 0; row < right.length; row++) {
      const weight = weights === undefined ? 1 : weights[row]!;
      hits += weight * right[row]!;
      places += weight * known[row]!;
    }
    return { overall: hits / places, perSequence: weightedMeanDefined(shares, weights) };
  };
}
