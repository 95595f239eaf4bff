import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expressionsColumn } from "../columns/expressions.ts";
import { batches } from "../loaders/batches.ts";
import { encodeAll, fitted, numbersOf, planOf, splitOf } from "./encoding.test.helper.ts";
import { binnedValues, rankedValues } from "./expressions/discrete-values.ts";
import { encoders } from "./index.ts";

const names = ["ACTB", "CD3E", "CD19", "NKG7", "LYZ", "MS4A1"];

/** A column of the rows of a matrix; zeros are left out. */
function cellsOf(genes: readonly string[], rows: readonly (readonly number[])[]) {
  const stored = rows.map((row) => row.flatMap((value, gene) => (value === 0 ? [] : [[gene, value] as const])));
  const indptr = [0];
  for (const row of stored) indptr.push(indptr.at(-1)! + row.length);
  return expressionsColumn(
    genes,
    indptr,
    Int32Array.from(stored.flat(), ([gene]) => gene),
    Float32Array.from(stored.flat(), ([, value]) => value),
  );
}

const counts = fc.array(fc.array(fc.nat(30), { minLength: names.length, maxLength: names.length }), {
  minLength: 1,
  maxLength: 8,
});
const everyGene = cellsOf(names, [names.map(() => 1)]);

describe("genes", () => {
  test("are those with the highest values, and the values are on the scale that was asked for", async () => {
    await fc.assert(
      fc.asyncProperty(counts, fc.integer({ min: 1, max: 6 }), async (rows, maximumGenes) => {
        const settings = { maximumGenes, normalizeTotal: 100 };
        const encoder = await fitted({ name: "genes", vocabulary: names, ...settings }, everyGene);
        const batch = await encodeAll(
          { columns: ["cells"], encoder },
          { cells: cellsOf(names, rows) },
          { extents: { it: [8] } },
        );
        const [genes, values, mask] = ["genes", "values", "mask"].map((name) => numbersOf(batch, `it.${name}`));
        rows.forEach((row, r) => {
          const total = row.reduce((a, b) => a + b);
          const expected = row
            .map((count, gene) => ({ gene, value: Math.log1p((100 * count) / total) }))
            .filter(({ value }) => value > 0)
            .sort((a, b) => b.value - a.value || a.gene - b.gene)
            .slice(0, maximumGenes);
          for (let i = 0; i < 8; i++) {
            const at = 8 * r + i;
            expect(mask![at]).toBe(i < expected.length ? 1 : 0);
            expect(genes![at]).toBe(expected[i]?.gene ?? 0);
            expect(values![at]).toBeCloseTo(expected[i]?.value ?? 0, 5);
          }
        });
      }),
      { numRuns: 40 },
    );
  });

  test("are matched by name, and what is not matched is counted", async () => {
    const encoder = await fitted({ name: "genes", ignoreCase: true }, cellsOf(names, [names.map(() => 1)]));
    const other = cellsOf(
      ["Lyz", "GFP", "Actb", "Cd19", "Nkg7"],
      [
        [3, 9, 1, 0, 0],
        [0, 4, 0, 0, 0],
      ],
    );
    const made = await batches(splitOf({ cells: other }), planOf({ it: { columns: ["cells"], encoder } }));
    const batch = await made.batch(0);
    expect(numbersOf(batch, "it.genes").slice(0, 2)).toEqual([4, 0]);
    expect(numbersOf(batch, "it.values").slice(0, 2)).toEqual([Math.log1p(3), Math.log1p(1)].map(Math.fround));
    expect(made.counts["it"]).toEqual({ genes: 2, unmatchedGenes: 2, genesBeyondMaximum: 0, emptyCells: 1 });
    const strict = { ...encoder, ignoreCase: false };
    await expect(encodeAll({ columns: ["cells"], encoder: strict }, { cells: other })).rejects.toThrow(
      /0 of the data's 5 genes are among the 6 of the model/,
    );
    const padded = { ...encoder, vocabulary: ["<cls>", ...names, "<pad>"] };
    const filled = await encodeAll({ columns: ["cells"], encoder: padded }, { cells: other }, { extents: { it: [3] } });
    expect(numbersOf(filled, "it.genes")).toEqual([5, 1, 7, 7, 7, 7]);
  });

  test("of standardised matrices with negative values keep them; counts alone have logarithms", async () => {
    const scaled = cellsOf(names, [
      [-1.5, 2.5, 0.1, -0.2, 9, -3],
      [1, -2, 0.5, 0.25, -1, 3],
    ]);
    const encoder = await fitted({ name: "genes", values: "raw", maximumGenes: 4 }, scaled);
    const batch = await encodeAll({ columns: ["cells"], encoder }, { cells: scaled }, { extents: { it: [4] } });
    expect(numbersOf(batch, "it.genes")).toEqual([4, 1, 2, 3, 5, 0, 2, 3]);
    expect(numbersOf(batch, "it.values").slice(4)).toEqual([3, 1, 0.5, 0.25]);
    await expect(fitted({ name: "genes" }, scaled)).rejects.toThrow(/negative.*set values to raw/);
    const wrong = { ...encoder, values: "log1p" };
    await expect(encodeAll({ columns: ["cells"], encoder: wrong }, { cells: scaled })).rejects.toThrow(/no count/);
  });

  test("of the vocabulary are those that vary most, in enough cells", async () => {
    const cells = cellsOf(names, [
      [5, 0, 9, 1, 0, 0],
      [5, 9, 0, 1, 0, 0],
      [5, 0, 8, 2, 0, 4],
    ]);
    const two = await fitted({ name: "genes", vocabularySize: 2, values: "raw" }, cells);
    expect(two["vocabulary"]).toEqual(["CD3E", "CD19"]);
    const common = await fitted({ name: "genes", minimumCells: 2 }, cells);
    expect(common["vocabulary"]).toEqual(["ACTB", "CD19", "NKG7"]);
    expect(await fitted(two, everyGene)).toEqual(two);
    await expect(fitted({ name: "genes", minimumCells: 4 }, cells)).rejects.toThrow(/no gene has a value in 4/);
    await expect(fitted({ name: "genes" }, cellsOf(names, []))).rejects.toThrow(/no cell to learn from/);
    await expect(fitted({ name: "genes", vocabulary: ["A", "A"] }, cells)).rejects.toThrow(/names a gene twice/);
    expect(() => encoders.create({ name: "genes" })).toThrow(/vocabulary of genes is not known/);
    expect(() => encoders.create({ name: "genes", vocabulary: names, standardize: true })).toThrow(/mean and std/);
  });
});

describe("values of a cell", () => {
  const falling = fc
    .array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 })
    .map((drawn) => Float32Array.from(drawn).sort().reverse());

  test("in bins count the quantiles that they reach (numpy.digitize)", () => {
    fc.assert(
      fc.property(falling, fc.integer({ min: 3, max: 60 }), (values, bins) => {
        const ascending = [...values].reverse();
        const edges = Array.from({ length: bins - 1 }, (_, i) => {
          const position = (i / (bins - 2)) * (ascending.length - 1);
          const [low, high] = [Math.floor(position), Math.min(Math.floor(position) + 1, ascending.length - 1)];
          return ascending[low]! + (position - low) * (ascending[high]! - ascending[low]!);
        });
        expect([...binnedValues(values, bins)]).toEqual(
          [...values].map((x) => edges.filter((edge) => edge <= x).length),
        );
      }),
    );
  });

  test("as ranks are shares of the cell's values (scipy.stats.rankdata)", () => {
    fc.assert(
      fc.property(falling, (values) => {
        const expected = [...values].map((x) => {
          const below = values.filter((y) => y < x).length;
          const equal = values.filter((y) => y === x).length;
          return Math.fround((below + (equal + 1) / 2) / values.length);
        });
        expect([...rankedValues(values)]).toEqual(expected);
      }),
    );
  });

  test("reach the network as bins and ranks", async () => {
    const cells = cellsOf(names, [[1, 2, 3, 4, 0, 5]]);
    for (const [values, expected] of [
      ["bins", [3, 2, 2, 1, 1]],
      ["rank", [1, 0.8, 0.6, 0.4, 0.2]],
    ] as const) {
      const encoder = await fitted({ name: "genes", values, bins: 4 }, cells);
      const batch = await encodeAll({ columns: ["cells"], encoder }, { cells }, { extents: { it: [5] } });
      expect(numbersOf(batch, "it.values")).toEqual(expected.map(Math.fround));
    }
  });
});

describe("masked expression", () => {
  const cells = cellsOf(
    names,
    Array.from({ length: 20 }, (_, r) => names.map((_, g) => 1 + ((r * 7 + g * 3) % 11))),
  );

  test("hides the stated share of values, and gives all of them as targets", async () => {
    const of = await fitted({ name: "genes" }, cells);
    const part = { columns: ["cells"], encoder: { name: "maskedExpression", of, maskRatio: 0.4 } };
    const [batch, again] = [await encodeAll(part, { cells }), await encodeAll(part, { cells })];
    const read = (name: string) => numbersOf(batch, `it.${name}`);
    const [genes, values, targets, hidden] = ["genes", "values", "targets", "targetMask"].map(read);
    const length = genes!.length / 20;
    for (let row = 0; row < 20; row++) {
      const of = (all: number[]) => all.slice(row * length, (row + 1) * length);
      expect(of(hidden!).reduce((a, b) => a + b)).toBe(2);
      // Places say nothing of values: genes come in the order of their numbers.
      expect(of(genes!).slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5]);
      of(values!).forEach((value, i) => expect(value).toBe(of(hidden!)[i] === 1 ? -1 : of(targets!)[i]));
      of(targets!)
        .slice(0, 6)
        .forEach((target, g) => expect(target).toBeCloseTo(Math.log1p(1 + ((row * 7 + g * 3) % 11)), 5));
    }
    expect(numbersOf(again, "it.targetMask")).toEqual(hidden);
  });

  test("of standardised values hides them below all others", async () => {
    const of = await fitted({ name: "genes", standardize: true, clip: 5 }, cells);
    const batch = await encodeAll({ columns: ["cells"], encoder: { name: "maskedExpression", of } }, { cells });
    expect(Math.min(...numbersOf(batch, "it.values"))).toBe(-7);
    expect(Math.min(...numbersOf(batch, "it.targets"))).toBeGreaterThanOrEqual(-5);
  });
});

test("profiles have mean 0 and deviation 1 over the training cells, genes without a value among them", async () => {
  await fc.assert(
    fc.asyncProperty(counts, async (rows) => {
      const cells = cellsOf(names, [...rows, [1, 2, 3, 4, 5, 6]]);
      const encoder = await fitted<{ names: string[] }>({ name: "expressionProfile" }, cells);
      const values = numbersOf(await encodeAll({ columns: ["cells"], encoder }, { cells }), "it.values");
      encoder.names.forEach((_, gene) => {
        const own = values.filter((_, at) => at % encoder.names.length === gene);
        expect(own.reduce((a, b) => a + b) / own.length).toBeCloseTo(0, 4);
        const square = own.reduce((a, b) => a + b * b, 0) / own.length;
        expect(square < 1e-6 || Math.abs(square - 1) < 1e-3).toBe(true);
      });
    }),
    { numRuns: 30 },
  );
});
