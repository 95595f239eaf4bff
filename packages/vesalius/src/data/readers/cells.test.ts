import { expect, test } from "vitest";
import { uniqueGenes } from "./cells.ts";

test("names that occur again get the next free number, as in scanpy", () => {
  expect(uniqueGenes(["X", "Y", "X", "X-1", "X", "Y"])).toEqual({
    genes: ["X", "Y", "X-2", "X-1", "X-3", "Y-1"],
    repeated: 3,
  });
});

test("a hundred thousand equal names take no time", () => {
  const start = performance.now();
  expect(uniqueGenes(Array<string>(100_000).fill("X")).genes.at(-1)).toBe("X-99999");
  expect(performance.now() - start).toBeLessThan(5000);
});
