import * as fc from "fast-check";
import { type FollowUp } from "./follow-up.ts";

/**
 * Remission of leukaemia under 6-mercaptopurine and under placebo, in weeks (Freireich et al. 1963): the example of Cox
 * 1972, whose results every textbook repeats.
 */
export const mercaptopurine: FollowUp = {
  time: [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35],
  event: [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
};
export const placebo: FollowUp = {
  time: [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23],
  event: Array<number>(21).fill(1),
};

/** Follow-up on a coarse grid of times, so that ties are common, with a risk and a weight for each case. */
export const drawnCases = fc
  .array(
    fc.record({
      time: fc.integer({ min: 1, max: 8 }),
      event: fc.integer({ min: 0, max: 1 }),
      risk: fc.integer({ min: -3, max: 3 }),
      weight: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((rows) => ({
    time: rows.map(({ time }) => time),
    event: rows.map(({ event }) => event),
    risk: rows.map(({ risk }) => risk / 2),
    weights: rows.map(({ weight }) => weight),
  }));

/** Rows of a column repeated as often as they weigh; `width` numbers a row. */
export const repeated = (values: readonly number[], weights: readonly number[], width = 1): number[] =>
  weights.flatMap((weight, row) =>
    Array.from({ length: weight }, () => values.slice(row * width, (row + 1) * width)).flat(),
  );
