import { VesaliusError } from "../common/errors.ts";
import { randomStream } from "../common/random.ts";
import type { ImageSplit } from "./image-dataset.ts";
import { subset } from "./subset.ts";

/**
 * Seats of each class by Webster's highest averages, after one seat for every class that has images. Seats never fall
 * as `count` grows, unlike with rounded quotas, so that a larger sample contains the smaller ones.
 */
function allot(sizes: readonly number[], count: number): number[] {
  const seats: number[] = sizes.map((size) => Math.min(size, 1));
  for (let seated = seats.reduce((sum, seat) => sum + seat, 0); seated < count; seated++) {
    let best = -1;
    let bestAverage = 0;
    for (const [label, size] of sizes.entries()) {
      const average = size / (2 * seats[label]! + 1);
      if (seats[label]! < size && average > bestAverage) {
        best = label;
        bestAverage = average;
      }
    }
    seats[best]!++;
  }
  return seats;
}

/**
 * A sample of labelled images for few-label experiments: in proportion to the classes, at least one of each class.
 * With one seed a larger sample contains every smaller one, so a learning curve adds images and never swaps them.
 *
 * @param count Images to draw, from the number of classes present up to `split.length`.
 * @throws VesaliusError `bad-argument` where `count` is out of range or the split has no labels.
 *
 * @example
 * const twenty = stratifiedSample(dataset.train, 20, 7);
 */
export function stratifiedSample(split: ImageSplit, count: number, seed: number): ImageSplit {
  const { labels } = split;
  if (labels === undefined) {
    throw new VesaliusError("bad-argument", "a split without labels cannot be sampled by class", { where: split.name });
  }
  const members: number[][] = [];
  for (const [row, label] of labels.entries()) (members[label] ??= []).push(row);
  const rows = Array.from(members, (rowsOfClass) => rowsOfClass ?? []);
  const present = rows.filter(({ length }) => length > 0).length;
  if (!Number.isInteger(count) || count < present || count > split.length) {
    throw new VesaliusError(
      "bad-argument",
      `cannot draw ${count} images out of ${split.length} with one of each of ${present} classes`,
      {
        where: split.name,
        fix: `ask for ${present} to ${split.length} images`,
      },
    );
  }
  const seats = allot(
    rows.map(({ length }) => length),
    count,
  );
  const drawn = rows.flatMap((rowsOfClass, label) => {
    const order = randomStream(seed, "stratified-sample", label).permutation(rowsOfClass.length);
    return Array.from(order.subarray(0, seats[label]), (position) => rowsOfClass[position]!);
  });
  return subset(
    split,
    drawn.sort((a, b) => a - b),
  );
}
