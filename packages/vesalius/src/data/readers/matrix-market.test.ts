import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failure } from "../data.test.helper.ts";
import { readTransposedMatrix } from "./matrix-market.ts";
import { bytes, matrixFile } from "./readers.test.helper.ts";

describe("readTransposedMatrix", () => {
  it("gives every entry back by cell, whatever the order", () => {
    const entry = fc.tuple(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 99 }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ([gene, cell]) => `${gene} ${cell}` }), (entries) => {
        const { indptr, indices, values } = readTransposedMatrix(bytes(matrixFile(6, 5, entries)), "m");
        const found: number[][] = [];
        for (let cell = 0; cell < 5; cell++) {
          const genes = [...indices.subarray(indptr[cell], indptr[cell + 1])];
          expect(genes).toEqual([...genes].sort((a, b) => a - b));
          for (let at = indptr[cell]!; at < indptr[cell + 1]!; at++)
            found.push([indices[at]! + 1, cell + 1, values[at]!]);
        }
        const sorted = (list: readonly (readonly number[])[]) => list.map((one) => one.join(" ")).sort();
        expect(sorted(found)).toEqual(sorted(entries));
      }),
    );
  });

  it.each([
    ["no banner", "3 3 1\n1 1 1\n", "no Matrix Market"],
    ["arrays", "%%MatrixMarket matrix array real general\n1 1\n1\n", "array"],
    ["a count that the file cannot hold", matrixFile(3, 3, []).replace("3 3 0", "3000 3000 4000000"), "claims 4000000"],
    ["a truncated file", matrixFile(3, 3, [[1, 1, 1]]).replace("3 3 1", "3 3 2"), "ends after 1"],
    ["entries beyond the count", `${matrixFile(3, 3, [[1, 1, 1]])}2 2 2\n`, "more than its 1"],
    ["a gene outside", matrixFile(3, 3, [[4, 1, 1]]), "line 4"],
    ["a control character", matrixFile(3, 3, [[1, 1, 1]]).replace("1 1 1\n", "1 \0 1\n"), "line 4"],
    ["a value that is no number", matrixFile(3, 3, [[1, 1, 1]]).replace("1 1 1\n", "1 1 x\n"), "line 4"],
    [
      "a place twice",
      matrixFile(3, 3, [
        [1, 1, 1],
        [1, 1, 2],
      ]),
      "twice",
    ],
    ["no sizes", "%%MatrixMarket matrix coordinate integer general\n", "sizes"],
  ])("refuses %s", async (_, text, message) => {
    expect((await failure(() => readTransposedMatrix(bytes(text), "m"))).message).toContain(message);
  });

  it("compares the size with what is listed beside it, before anything is allocated", () => {
    const text = new TextEncoder().encode("%%MatrixMarket matrix coordinate integer general\n2 2000000000 0\n");
    expect(() => readTransposedMatrix(text, "m.mtx", { genes: 2, cells: 3 })).toThrow(
      "the matrix has 2 genes and 2000000000 cells, the files beside it list 2 and 3 (m.mtx)",
    );
  });
});
