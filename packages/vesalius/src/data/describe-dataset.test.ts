import { describe, expect, it } from "vitest";
import { makeDataset, makeSplit } from "./data.test.helper.ts";
import { describeDataset } from "./describe-dataset.ts";

describe("describeDataset", () => {
  it("counts classes, groups and attributes of every split, and survives JSON", () => {
    const train = makeSplit(3, {
      labels: Int32Array.of(0, 1, 1),
      groups: ["a", "b", "b"],
      attributes: { sex: ["F", "M", null], age: [40, 60, null] },
    });
    const summary = describeDataset(
      makeDataset(train, { labels: ["normal", "pneumonia"], test: makeSplit(2, { name: "test" }) }),
    );
    expect(summary).toMatchObject({ name: "made", licence: "not stated", image: { channels: 1, height: 2, width: 2 } });
    expect(summary.splits).toEqual({
      train: {
        images: 3,
        classes: { normal: 1, pneumonia: 2 },
        groups: 2,
        attributes: {
          sex: { kind: "categories", counts: { F: 1, M: 1 }, missing: 1 },
          age: { kind: "numbers", min: 40, max: 60, mean: 50, missing: 1 },
        },
      },
      test: { images: 2, classes: null, groups: null, attributes: {} },
    });
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });

  it("gives no single values of columns that could identify somebody", () => {
    const train = makeSplit(30, { attributes: { accession: Array.from({ length: 30 }, (_, i) => `A${i}`) } });
    const summary = describeDataset(makeDataset(train));
    expect(summary.splits.train?.attributes).toEqual({ accession: { kind: "text", distinct: 30, missing: 0 } });
    expect(JSON.stringify(summary)).not.toContain("A17");
  });

  it("leaves out a training split without images", () => {
    const dataset = makeDataset(makeSplit(0), { test: makeSplit(1, { name: "test" }) });
    expect(Object.keys(describeDataset(dataset).splits)).toEqual(["test"]);
  });
});
