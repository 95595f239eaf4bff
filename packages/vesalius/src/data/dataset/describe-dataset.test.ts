import { describe, expect, it } from "vitest";
import { sampleColumns, splitOf } from "../columns/columns.test.helper.ts";
import { datasetCardSchema } from "../dataset-card.ts";
import { describeDataset } from "./describe-dataset.ts";

describe("describeDataset", () => {
  it("counts every kind of column, and names nobody", () => {
    const { imageFiles: _, ...columns } = sampleColumns;
    const train = splitOf(columns, {
      groups: ["Ann", "Ann", "Ben", "Cid"],
      attributes: { site: ["A", "A", "B", "B"], patient: ["Ann", "Ben", "Cid", "Dot"], age: [40, null, 60, 80] },
    });
    const card = datasetCardSchema.parse({ name: "made", licence: "CC0 1.0" });
    const summary = describeDataset({ name: "made", card, unit: "cases", splits: { train }, tables: {} });
    expect(summary).toMatchObject({ licence: "CC0 1.0", unit: "cases" });
    const { groups, columns: described, attributes } = summary.splits["train"]!;
    expect(groups).toBe(3);
    expect(described["classes"]).toEqual({
      kind: "classes",
      ordered: "no",
      classes: ["malignant: 2", "(1 not shown: a single example has it)"],
    });
    expect(described["numbers"]).toMatchObject({
      numbers: ["age: 1 to 7, mean 4.333, 1 missing", "weight: 2 to 8, mean 5"],
    });
    expect(described["volumes"]).toMatchObject({ extents: "2 x 1 x 2", spacingMillimetres: "3 x 2 x 1", present: 3 });
    expect(attributes["site"]).toEqual({ kind: "categories", counts: { A: 2, B: 2 }, missing: 0 });
    expect(attributes["age"]).toMatchObject({ kind: "numbers", mean: 60, missing: 1 });
    expect(attributes["patient"]).toEqual({ kind: "text", distinct: 4, missing: 0 });
    expect(JSON.stringify(summary)).not.toContain("Ann");
  });
});
