import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { divideByAttribute, largestNumberOfSubgroups } from "./subgroups.ts";

const names = (name: string, column: (string | number | null)[]) =>
  divideByAttribute(name, column).subgroups.map((subgroup) => subgroup.name);

describe("divideByAttribute", () => {
  test("every case is in one subgroup, missing, or counted as omitted", () => {
    const value = fc.oneof(
      fc.constantFrom(null, "", NaN),
      fc.integer({ min: 0, max: 100 }),
      fc.string({ maxLength: 2 }),
      fc.double({ min: 0, max: 1 }),
    );
    const columns = fc.oneof(
      fc.array(value, { minLength: 1, maxLength: 60 }),
      fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 60 }),
    );
    fc.assert(
      fc.property(columns, fc.constantFrom("age", "size"), (column, name) => {
        const { subgroups, missing, omitted } = divideByAttribute(name, column);
        const rows = subgroups.flatMap((subgroup) => [...subgroup.rows]);
        expect(new Set(rows).size).toBe(rows.length);
        expect(rows.length + missing + omitted.cases).toBe(column.length);
        expect(subgroups.length).toBeLessThanOrEqual(largestNumberOfSubgroups);
        expect(new Set(subgroups.map((subgroup) => subgroup.name)).size).toBe(subgroups.length);
        for (const subgroup of subgroups) expect(subgroup.rows.length).toBeGreaterThan(0);
      }),
    );
  });

  test("ages fall into clinical bands, the lower end included", () => {
    const { subgroups } = divideByAttribute("Age", [39.9, 40, 59, 60, 79, 80, null]);
    expect(subgroups.map(({ name, rows }) => [name, [...rows]])).toEqual([
      ["under 40", [0]],
      ["40 to 60", [1, 2]],
      ["60 to 80", [3, 4]],
      ["80 and over", [5]],
    ]);
  });

  test("other numbers are cut at their quartiles", () => {
    const { subgroups } = divideByAttribute(
      "lesion size",
      Array.from({ length: 101 }, (_, i) => i),
    );
    expect(subgroups.map(({ name, rows }) => [name, rows.length])).toEqual([
      ["up to 25", 26],
      ["above 25 to 50", 25],
      ["above 50 to 75", 25],
      ["above 75", 25],
    ]);
  });

  test("numbers that stand for codes go by value, in their order", () => {
    expect(names("site", [10, 9, 2, 10, 9])).toEqual(["2", "9", "10"]);
  });

  test("values that few cases, or few patients, have are counted and not shown", () => {
    const column = Array.from({ length: 20 }, (_, i) => (i < 16 ? ["a", "b"][i % 2]! : `P${i % 2}`));
    expect(divideByAttribute("who", column)).toMatchObject({
      subgroups: [{ name: "a" }, { name: "b" }],
      omitted: { subgroups: 2, cases: 4 },
    });
    expect(divideByAttribute("who", [4711, 4711, 4712, 4712, 4712]).subgroups).toEqual([]);
    // Eight cases of two patients.
    const patients = column.map((_, i) => `p${i % 4}`);
    expect(divideByAttribute("who", column, patients).subgroups).toEqual([]);
  });

  test("columns that name people are not divided, nor numbers that are records'", () => {
    const patients = Array.from({ length: 200 }, (_, i) => `P${i % 3}`);
    for (const name of ["patient_id", "PatientName", "mrn"])
      expect(divideByAttribute(name, patients)).toMatchObject({ subgroups: [], omitted: { subgroups: 3, cases: 200 } });
    const numbers = Array.from({ length: 200 }, (_, i) => 1_234_567 + i);
    expect(divideByAttribute("case", numbers).subgroups).toEqual([]);
    expect(
      divideByAttribute(
        "total counts",
        numbers.map((value) => value / 1000),
      ).subgroups,
    ).toHaveLength(4);
  });

  test("a column of mostly one number is not cut into empty subgroups", () => {
    const column = [1, 2, 3, 4, 5, ...Array<number>(40).fill(10)];
    expect(names("grade", column)).toEqual(["1", "2", "3", "4", "5", "10"]);
  });

  test("of many values the most frequent are kept", () => {
    const column = Array.from({ length: 100 }, (_, i) => (i < 64 ? `common ${i % 12}` : `rare ${i}`));
    const { subgroups, omitted } = divideByAttribute("site", column);
    expect(subgroups.every((subgroup) => subgroup.name.startsWith("common"))).toBe(true);
    expect(omitted).toEqual({ subgroups: 36, cases: 36 });
  });

  test("values that name most cases, or most patients, are not tabulated, whatever the column is called", () => {
    const ofCase = Array.from({ length: 40 }, (_, i) => (i === 0 ? null : `Person ${i % 30}`));
    expect(divideByAttribute("remark", ofCase)).toMatchObject({
      subgroups: [],
      missing: 1,
      omitted: { subgroups: 30, cases: 39 },
    });
    // Ten images of each of 20 patients: a tenth of the cases, but every patient.
    const ofPatient = Array.from({ length: 200 }, (_, i) => `Person ${i % 20}`);
    const patients = ofPatient.map((_, i) => `p${i % 20}`);
    expect(divideByAttribute("remark", ofPatient, patients).subgroups).toEqual([]);
  });
});
