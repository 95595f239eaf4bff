import type { ReportSection } from "../../report/index.ts";
import { formatNumber, formatPercent } from "../../report/index.ts";
import type { Tensors } from "../../graph/index.ts";

/** Points of a curve of cumulative shares. */
const points = 101;

/** Share of values up to each of 101 evenly spaced cosines from -1 to 1. */
function cumulativeShares(values: readonly number[], at: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  let passed = 0;
  return at.map((limit) => {
    while (passed < sorted.length && sorted[passed]! <= limit) passed++;
    return passed / sorted.length;
  });
}

/** Where the largest value of a row stands; of equal ones the first. */
const nearest = (row: Float32Array): number => row.reduce((best, value, i) => (value > row[best]! ? i : best), 0);

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * How far a contrast tells pairs that belong together from those that do not, on examples that were not trained on: two
 * curves far apart; one on top of the other where it learned nothing or collapsed.
 *
 * @param shown `cosines` and `together`, both `[rows, rows]`; further rows of padding are cut off
 * @param rows examples of the batch
 */
export function cosineSections(shown: Tensors, rows: number): readonly ReportSection[] {
  const cosines = shown.get("cosines")!;
  const together = shown.get("together")!.data as Float32Array;
  const width = cosines.shape[1]!;
  const [positive, negative]: [number[], number[]] = [[], []];
  let right = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    const values = (cosines.data as Float32Array).subarray(start, start + rows);
    values.forEach((value, i) => (together[start + i] === 1 ? positive : negative).push(value));
    right += together[start + nearest(values)] === 1 ? 1 : 0;
  }
  if (positive.length === 0 || negative.length === 0) return [];
  const x = Array.from({ length: points }, (_, i) => -1 + (2 * i) / (points - 1));
  return [
    {
      kind: "lines",
      title: "Cosines of pairs that belong together and of those that do not",
      xLabel: "Cosine",
      yLabel: "Share of pairs up to it",
      series: [
        { name: "belong together", x, y: cumulativeShares(positive, x) },
        { name: "do not", x, y: cumulativeShares(negative, x) },
      ],
      note: `${rows} examples that were not trained on; the nearest counterpart is the right one for ${formatPercent(
        right / rows,
      )} (chance ${formatPercent(1 / rows)}). Mean cosine ${formatNumber(mean(positive))} of what belongs together, ${formatNumber(
        mean(negative),
      )} of what does not: both near 1 would be collapse.`,
    },
  ];
}
