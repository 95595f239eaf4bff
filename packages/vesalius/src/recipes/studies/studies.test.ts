import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Split } from "../../data/index.ts";
import type { Metric } from "../../evaluation/evaluation.ts";
import { reportSectionSchema } from "../../report/index.ts";
import type { Task } from "../../tasks/index.ts";
import { studies } from "./index.ts";
import { missingSubsets } from "./missing-modality.ts";
import type { StudyData, StudyResult } from "./study.ts";

const recipe = { methods: ["scratch", "lora"], seeds: [1, 2] };
const train: Split = {
  name: "train",
  length: 30,
  ids: Array.from({ length: 30 }, (_, i) => `case-${i}`),
  groups: undefined,
  attributes: {},
  columns: {},
};
const task = { strata: () => Int32Array.from({ length: 30 }, (_, i) => i % 3) } as unknown as Task;
const data: StudyData = { task, train, roles: ["image", "text"], optional: ["image", "text"] };
const metric: Metric = { label: "Accuracy", better: "higher", range: [0, 1], meaning: "Share that is right." };

const study = (name: string, settings: object) => {
  const completed = studies.create({ name, ...settings }).complete(recipe);
  return studies.create({ name, ...completed });
};
const result = (at: StudyResult["at"], examples: number, value: number | null): StudyResult => ({
  method: "lora",
  at,
  examples,
  seeds: [1, 2],
  scores: [value, value],
  estimate: { value, lower: value, upper: value },
});

describe("labelEfficiency", () => {
  it("plans each method, count and seed; with all labels, the adaptation's own models", () => {
    const points = study("labelEfficiency", { counts: [6, "all"], methods: ["lora"], steps: 9 }).points(data);
    expect(points).toEqual([
      { method: "lora", seed: 1, at: { examples: 6 }, sample: 6, training: { steps: 9 } },
      { method: "lora", seed: 2, at: { examples: 6 }, sample: 6, training: { steps: 9 } },
      { method: "lora", seed: 1, at: { examples: "all" } },
      { method: "lora", seed: 2, at: { examples: "all" } },
    ]);
  });

  it("follows the methods and seeds of the adaptation", () => {
    expect(study("labelEfficiency", { counts: [6] }).settings).toMatchObject({ ...recipe, steps: 300 });
  });

  it.each([2, 31])("refuses %i of 30 examples in three strata", (count) => {
    expect(() => study("labelEfficiency", { counts: ["all", count] }).points(data)).toThrow(
      /^counts\[1\]: .* choose 3 to 30/,
    );
  });

  it("refuses a method that the adaptation does not have", () => {
    expect(() => study("labelEfficiency", { counts: [6], methods: ["lora", "probe"] })).toThrow(
      /^methods\[1\]: no method is called probe/,
    );
  });

  it("draws curves over the numbers of examples, fewest first, and leaves out what is not defined", () => {
    const found = [
      result({ examples: "all" }, 30, 0.9),
      result({ examples: 6 }, 6, 0.5),
      result({ examples: 9 }, 9, null),
    ];
    const sections = study("labelEfficiency", { counts: [6] }).sections(found, metric, "cells");
    for (const section of sections) reportSectionSchema.parse(section);
    const [, lines, table] = sections;
    expect(lines).toMatchObject({ xLabel: "Labelled cells", series: [{ name: "lora", x: [6, 30], y: [0.5, 0.9] }] });
    expect(table).toMatchObject({
      rows: [
        ["6", { value: 0.5 }],
        ["9", { value: null }],
        ["30", { value: 0.9 }],
      ],
    });
  });
});

describe("missingModality", () => {
  it("takes every subset of the roles but the empty one, once", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 5 }), (roles) => {
        const subsets = missingSubsets(roles, roles);
        expect(subsets).toHaveLength(2 ** roles.length - 1);
        expect(new Set(subsets.map((subset) => JSON.stringify(subset))).size).toBe(subsets.length);
        expect(subsets[0]).toEqual([]);
      }),
    );
  });

  it("plans the same model on what is left, and the whole as the adaptation's own evaluation", () => {
    const points = study("missingModality", { methods: ["lora"], seeds: [1] }).points(data);
    expect(points).toEqual([
      { method: "lora", seed: 1, at: { seen: "image + text" } },
      { method: "lora", seed: 1, at: { seen: "text" }, without: ["image"] },
      { method: "lora", seed: 1, at: { seen: "image" }, without: ["text"] },
    ]);
  });

  it("leaves out only the roles that are named", () => {
    const points = study("missingModality", { methods: ["lora"], seeds: [1], roles: ["image"] }).points(data);
    expect(points.map(({ without }) => without)).toEqual([undefined, ["image"]]);
  });

  it("refuses a network that needs all its inputs, and roles that may not be missing", () => {
    expect(() => study("missingModality", {}).points({ ...data, optional: [] })).toThrow(/without image, text/);
    expect(() => study("missingModality", { roles: ["sound"] }).points(data)).toThrow(/^roles\[0\].*not without sound/);
  });

  it("tabulates what each input is worth", () => {
    const found = [result({ seen: "image + text" }, 30, 0.9), result({ seen: "text" }, 30, 0.6)];
    const sections = study("missingModality", {}).sections(found, metric, "cases");
    for (const section of sections) reportSectionSchema.parse(section);
    expect(sections[1]).toMatchObject({
      rows: [
        ["image + text", { value: 0.9 }],
        ["text", { value: 0.6 }],
      ],
    });
  });
});

describe("crossValidation", () => {
  it("plans every fold of each method and seed, and the reference where it is not among the methods", () => {
    const planned = study("crossValidation", {
      folds: 2,
      methods: ["lora"],
      reference: "scratch",
      seeds: [1],
    });
    expect(planned.settings).toMatchObject({ methods: ["lora", "scratch"], reference: "scratch" });
    expect(planned.reference).toBe("scratch");
    expect(planned.points(data)).toEqual([
      { method: "lora", seed: 1, at: {}, fold: { number: 0, of: 2 } },
      { method: "lora", seed: 1, at: {}, fold: { number: 1, of: 2 } },
      { method: "scratch", seed: 1, at: {}, fold: { number: 0, of: 2 } },
      { method: "scratch", seed: 1, at: {}, fold: { number: 1, of: 2 } },
    ]);
  });

  it("follows the adaptation, with the first method as reference", () => {
    expect(study("crossValidation", {}).settings).toEqual({ folds: 5, ...recipe, reference: "scratch" });
  });

  it("refuses a reference that the adaptation does not have", () => {
    expect(() => study("crossValidation", { reference: "linear" })).toThrow(/^reference: no method is called linear/);
  });

  it("tabulates the methods with the difference to the reference, division by division and case by case", () => {
    const base = { ...result({}, 24, 0.7), method: "scratch", scores: [0.6, 0.8] };
    const difference = { value: 0.1, lower: 0.02, upper: 0.18 };
    const overCases = { first: 0.8, second: 0.7, difference, pValue: 0.01 };
    const sections = study("crossValidation", {}).sections(
      [base, { ...result({}, 24, 0.8), scores: [0.7, 0.9], overCases }],
      metric,
      "cells",
    );
    for (const section of sections) reportSectionSchema.parse(section);
    expect(sections[1]).toMatchObject({
      rows: [
        ["scratch", { value: 0.7 }, "0.600, 0.800"],
        ["lora", { value: 0.8 }, "0.700, 0.900"],
      ],
    });
    const { rows } = sections[2] as unknown as { rows: [string, { value: number }, unknown][] };
    const [method, overDivisions, ofCases] = rows[0]!;
    expect([rows.length, method, ofCases]).toEqual([1, "lora", difference]);
    expect(overDivisions.value).toBeCloseTo(0.1, 12);
  });
});
