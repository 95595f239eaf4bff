import { VesaliusError } from "../../common/errors.ts";
import { randomStream } from "../../common/random.ts";
import type { Split } from "../split.ts";
import { takeRows } from "./rows.ts";

/**
 * Seats of each stratum by Webster's highest averages, after one seat for every stratum that has examples. Seats never
 * fall as `count` grows, unlike with rounded quotas, so that a larger sample contains the smaller ones.
 */
function allot(sizes: readonly number[], count: number): number[] {
  const seats: number[] = sizes.map((size) => Math.min(size, 1));
  for (let seated = seats.reduce((sum, seat) => sum + seat, 0); seated < count; seated++) {
    let best = -1;
    let bestAverage = 0;
    for (const [stratum, size] of sizes.entries()) {
      const average = size / (2 * seats[stratum]! + 1);
      if (seats[stratum]! < size && average > bestAverage) {
        best = stratum;
        bestAverage = average;
      }
    }
    seats[best]!++;
  }
  return seats;
}

/**
 * A sample for experiments with few labels: in proportion to the strata, at least one example of each. With one seed a
 * larger sample contains every smaller one, so a learning curve adds examples and never swaps them.
 *
 * @param count examples to draw, from the number of strata present up to the number of examples that have one
 * @param strata `[length]` whole numbers from 0, as a task gives them (its classes); examples with -1 are never drawn.
 *   Everything is one stratum where it is undefined.
 * @throws VesaliusError `bad-argument` where `count` is out of range
 *
 * @example
 * const { values } = columnOf(train, "label", "classes");
 * const twenty = stratifiedSample(train, 20, 7, values);
 */
export function stratifiedSample(split: Split, count: number, seed: number, strata: Int32Array | undefined): Split {
  const members: number[][] = [];
  for (let row = 0; row < split.length; row++) {
    const stratum = strata?.[row] ?? 0;
    if (stratum >= 0) (members[stratum] ??= []).push(row);
  }
  const rows = Array.from(members, (rowsOfStratum) => rowsOfStratum ?? []);
  const present = rows.filter(({ length }) => length > 0).length;
  const available = rows.reduce((sum, { length }) => sum + length, 0);
  if (!Number.isInteger(count) || count < present || count > available || count < 1) {
    throw new VesaliusError(
      "bad-argument",
      `cannot draw ${count} examples out of ${available} with one of each of ${present} strata`,
      { where: split.name, fix: `ask for ${Math.max(present, 1)} to ${available} examples` },
    );
  }
  const seats = allot(
    rows.map(({ length }) => length),
    count,
  );
  const drawn = rows.flatMap((rowsOfStratum, stratum) => {
    const order = randomStream(seed, "stratified-sample", stratum).permutation(rowsOfStratum.length);
    return Array.from(order.subarray(0, seats[stratum]), (position) => rowsOfStratum[position]!);
  });
  return takeRows(
    split,
    drawn.sort((a, b) => a - b),
  );
}
