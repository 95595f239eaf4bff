import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { categoriesColumn } from "../columns/categories.ts";
import { eventsColumn } from "../columns/events.ts";
import { labelsColumn } from "../columns/labels.ts";
import { numbersColumn } from "../columns/numbers.ts";
import { batches } from "../loaders/batches.ts";
import { encodeAll, fitted, numbersOf, planOf, splitOf } from "./encoding.test.helper.ts";
import { encoders } from "./index.ts";

const NONE = Number.NaN;
const laboratory = numbersColumn(["age", "ldh"], 4, [40, 200, 60, NONE, 80, 400, NONE, 300]);
const stage = categoriesColumn(
  ["sex", "grade"],
  [
    ["f", "m"],
    ["1", "2", "3"],
  ],
  4,
  [0, 0, 1, 2, -1, 1, 0, -1],
);

describe("numbers", () => {
  test("have mean 0 and deviation 1 over the training examples, whatever their scale; missing ones are 0 and marked", async () => {
    const value = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(NONE));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, value), { minLength: 3, maxLength: 30 }), async (rows) => {
        const column = numbersColumn(
          ["a", "b", "constant"],
          rows.length + 2,
          [...rows, [1, 5], [2, 6]].flatMap((row) => [...row, 7]),
        );
        const batch = await encodeAll(
          { columns: ["record"], encoder: await fitted({ name: "numbers" }, column) },
          { record: column },
        );
        const [values, missing] = [numbersOf(batch, "it.values"), numbersOf(batch, "it.missing")];
        for (const index of [0, 1, 2]) {
          const all = Array.from({ length: column.length }, (_, row) => 3 * row + index);
          const known = all.filter((at) => missing[at] === 0);
          all.forEach((at) => expect(missing[at] === 1).toBe(Number.isNaN(column.values[at])));
          for (const at of all) if (missing[at] === 1) expect(values[at]).toBe(0);
          const mean = known.reduce((sum, at) => sum + values[at]!, 0) / known.length;
          const square = known.reduce((sum, at) => sum + values[at]! ** 2, 0) / known.length;
          expect(mean).toBeCloseTo(0, 4);
          if (index < 2) expect(square).toBeCloseTo(1, 3);
          else expect(square).toBe(0);
        }
      }),
      { numRuns: 25 },
    );
  });

  test("leave indicators at 0 and 1 where they are to stay plain", async () => {
    const encoder = await fitted({ name: "numbers", indicators: "plain" }, laboratory, stage);
    const batch = await encodeAll({ columns: ["labs", "stage"], encoder }, { labs: laboratory, stage });
    const rows = numbersOf(batch, "it.values");
    const indicators = [0, 1, 2, 3].map((row) => rows.slice(7 * row + 2, 7 * row + 7));
    expect(indicators).toEqual([
      [1, 0, 1, 0, 0],
      [0, 1, 0, 0, 1],
      [0, 0, 0, 1, 0],
      [1, 0, 0, 0, 0],
    ]);
    const standard = await encodeAll(
      { columns: ["labs", "stage"], encoder: await fitted({ name: "numbers" }, laboratory, stage) },
      { labs: laboratory, stage },
    );
    expect([0, 7].map((at) => rows[at])).toEqual([0, 7].map((at) => numbersOf(standard, "it.values")[at]));
  });

  test("of several columns are matched by name, categories as indicators", async () => {
    const encoder = await fitted({ name: "numbers", clip: 1 }, laboratory, stage);
    expect(encoder["names"]).toEqual(["age", "ldh", "sex=f", "sex=m", "grade=1", "grade=2", "grade=3"]);
    const part = { columns: ["labs", "stage"], encoder };
    const before = await encodeAll(part, { labs: laboratory, stage });
    // The same patients from a table with other orders, one more number and one more level.
    const labs = numbersColumn(["ldh", "weight", "age"], 4, [200, 1, 40, NONE, 1, 60, 400, 1, 80, 300, 1, NONE]);
    const levels = [
      ["unknown", "3", "2", "1"],
      ["m", "x", "f"],
    ];
    const other = categoriesColumn(["grade", "sex"], levels, 4, [3, 2, 1, 0, 2, -1, -1, 2]);
    const after = await encodeAll(part, { labs, stage: other });
    for (const name of ["it.values", "it.missing"]) expect(numbersOf(after, name)).toEqual(numbersOf(before, name));
    expect(numbersOf(before, "it.missing").slice(14, 21)).toEqual([0, 0, 1, 1, 0, 0, 0]);
    expect(Math.max(...numbersOf(before, "it.values"))).toBe(1);
    const unknown = categoriesColumn(["grade", "sex"], levels, 4, [0, 1, 0, 1, 0, 1, 0, 1]);
    const gone = await encodeAll(part, { labs, stage: unknown });
    expect(numbersOf(gone, "it.missing").slice(0, 7)).toEqual([0, 0, 1, 1, 1, 1, 1]);
    const made = await batches(splitOf({ labs, stage: unknown }), planOf({ record: part }));
    expect(made.counts["record"]).toEqual({ missingValues: 2 + 4 * 5 });
  });

  test("refuse names that are absent or twice, and what cannot be standardised", async () => {
    const encoder = await fitted({ name: "numbers" }, laboratory);
    const part = { columns: ["labs"], encoder };
    await expect(encodeAll(part, { labs: numbersColumn(["age"], 1, [3]) })).rejects.toThrow(
      /the data have no ldh.*model reads age, ldh; the data have age/,
    );
    await expect(fitted({ name: "numbers" }, laboratory, laboratory)).rejects.toThrow(/two values are called age/);
    const empty = numbersColumn(["a", "b"], 2, [1, NONE, 2, NONE]);
    await expect(fitted({ name: "numbers" }, empty)).rejects.toThrow(/no training example has a value of b/);
    const infinite = numbersColumn(["a"], 2, [1, Number.POSITIVE_INFINITY]);
    await expect(fitted({ name: "numbers" }, infinite)).rejects.toThrow(/a value of a is infinite/);
    expect(() => encoders.create({ name: "numbers", names: ["a"] })).toThrow(/are not fitted/);
    expect(await fitted(encoder, numbersColumn(["age", "ldh"], 1, [1, 2]))).toEqual(encoder);
  });
});

describe("categories", () => {
  test("are level numbers of the training data, 0 for missing and unknown ones", async () => {
    const encoder = await fitted({ name: "categories" }, stage);
    const part = { columns: ["stage"], encoder };
    expect(numbersOf(await encodeAll(part, { stage }), "it.categories")).toEqual([1, 1, 2, 3, 0, 2, 1, 0]);
    const other = categoriesColumn(
      ["grade", "sex"],
      [
        ["4", "1"],
        ["m", "f"],
      ],
      2,
      [0, 0, 1, -1],
    );
    const made = await batches(splitOf({ stage: other }), planOf({ it: part }, { rows: 2 }));
    expect(numbersOf(await made.batch(0), "it.categories")).toEqual([2, 0, 0, 1]);
    expect(made.counts["it"]).toEqual({ unknownLevels: 1 });
    const absent = categoriesColumn(["sex"], [["f"]], 1, [0]);
    await expect(encodeAll(part, { stage: absent })).rejects.toThrow(/have no grade/);
    expect(() => encoders.create({ name: "categories" })).toThrow(/not fitted/);
  });
});

describe("targets", () => {
  test("of regression come back by value * std + mean, and missing ones are marked", async () => {
    const encoder = await fitted<{ mean: number[]; std: number[] }>({ name: "regressionTarget" }, laboratory);
    const batch = await encodeAll({ columns: ["y"], encoder }, { y: laboratory });
    const [values, known] = [numbersOf(batch, "it.values"), numbersOf(batch, "it.known")];
    expect(known).toEqual([1, 1, 1, 0, 1, 1, 0, 1]);
    values.forEach((value, i) => {
      const back = value * encoder.std[i % 2]! + encoder.mean[i % 2]!;
      if (known[i] === 1) expect(back).toBeCloseTo(laboratory.values[i]!, 3);
      else expect(value).toBe(0);
    });
    const bare = await fitted({ name: "regressionTarget", standardize: false, names: ["ldh"] }, laboratory);
    const same = await encodeAll({ columns: ["y"], encoder: bare }, { y: laboratory });
    expect(numbersOf(same, "it.values")).toEqual([200, 0, 400, 300]);
  });

  test("of several labels say which were annotated, in the order of the model's names", async () => {
    const labels = labelsColumn(["edema", "mass", "nodule"], 2, Int8Array.of(1, 0, -1, -1, 1, 1));
    const encoder = await fitted({ name: "labelsTarget", names: ["nodule", "edema"] }, labels);
    const batch = await encodeAll({ columns: ["y"], encoder }, { y: labels });
    expect(numbersOf(batch, "it.labels")).toEqual([0, 1, 1, 0]);
    expect(numbersOf(batch, "it.annotated")).toEqual([0, 1, 1, 0]);
    expect((await fitted({ name: "labelsTarget" }, labels))["names"]).toEqual(["edema", "mass", "nodule"]);
    const other = labelsColumn(["edema"], 1, Int8Array.of(1));
    await expect(encodeAll({ columns: ["y"], encoder }, { y: other })).rejects.toThrow(/have no nodule/);
    expect(() => encoders.create({ name: "labelsTarget" })).toThrow(/names of the labels are not known/);
  });

  test("of survival are times and whether the event was seen", async () => {
    const column = eventsColumn([12.5, 3, NONE], [1, 0, 0]);
    const part = { columns: ["y"], encoder: { name: "events" }, optional: true };
    const batch = await encodeAll(part, { y: column });
    expect(["time", "observed", "present"].map((name) => numbersOf(batch, `it.${name}`))).toEqual([
      [12.5, 3, 0],
      [1, 0, 0],
      [1, 1, 0],
    ]);
  });
});
