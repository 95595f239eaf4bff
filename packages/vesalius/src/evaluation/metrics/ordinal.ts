import { margins, type ConfusionMatrix } from "./confusion.ts";

/** Summed distance of the answers from each true class. */
function distances({ classes, counts }: ConfusionMatrix): Float64Array {
  const sums = new Float64Array(classes);
  for (let row = 0; row < classes; row++) {
    for (let column = 0; column < classes; column++) {
      sums[row]! += Math.abs(row - column) * counts[row * classes + column]!;
    }
  }
  return sums;
}

/**
 * Mean absolute class error of ordered classes (grades): by how many grades an answer is off, in [0, classes - 1], lower
 * is better.
 */
export function meanClassError(matrix: ConfusionMatrix): number {
  return distances(matrix).reduce((sum, distance) => sum + distance, 0) / margins(matrix).total;
}

/**
 * The same averaged over the true classes that occur, so that a rare grade counts as much as a frequent one (Baccianella,
 * Esuli and Sebastiani 2009).
 */
export function meanClassErrorMacro(matrix: ConfusionMatrix): number {
  const { trueCounts } = margins(matrix);
  const means = Array.from(distances(matrix), (distance, index) => distance / trueCounts[index]!);
  const occurring = means.filter((_, index) => trueCounts[index]! > 0);
  return occurring.reduce((sum, value) => sum + value, 0) / occurring.length;
}
