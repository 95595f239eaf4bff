import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bicubicGrid, bicubicMatrix } from "./bicubic.ts";

test("a constant stays, and the same size changes nothing", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 20 }), (from, to) => {
      for (const row of bicubicMatrix(from, to)) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 10);
      bicubicMatrix(from, from).forEach((row, i) =>
        row.forEach((weight, j) => expect(weight).toBeCloseTo(i === j ? 1 : 0, 10)),
      );
    }),
  );
});

test("a grid is resampled along rows and columns", () => {
  const grid = bicubicGrid([3, 5], [2, 4]);
  expect(grid.length).toBe(8 * 15);
  const [rows, columns] = [bicubicMatrix(3, 2), bicubicMatrix(5, 4)];
  expect(grid[(1 * 4 + 2) * 15 + 1 * 5 + 3]).toBeCloseTo(rows[1]![1]! * columns[2]![3]!, 6);
});
