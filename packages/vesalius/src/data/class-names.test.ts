import { describe, expect, it } from "vitest";
import { cardClassNames, classIndex, distinctClassNames } from "./class-names.ts";
import { failure } from "./data.test.helper.ts";
import { datasetCardSchema } from "./dataset-card.ts";

const card = (labels?: Record<string, string>) => datasetCardSchema.parse({ name: "set", labels });

describe("cardClassNames", () => {
  it("orders names by index as a number, not as text", () => {
    const labels = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [String(11 - index), `class ${11 - index}`]),
    );
    expect(cardClassNames(card(labels))).toEqual(Array.from({ length: 12 }, (_, index) => `class ${index}`));
    expect(cardClassNames(card())).toBeUndefined();
  });

  it.each([
    [{ "0": "normal", "2": "pneumonia" }, "index 1"],
    [{ "1": "normal" }, "index 0"],
    [{ zero: "normal" }, "index 0"],
    [{ "0": "normal", "1": "normal" }, "same name"],
  ])("refuses %j", async (labels, text) => {
    const error = await failure(() => cardClassNames(card(labels)));
    expect(error.code).toBe("bad-configuration");
    expect(error.message).toContain(text);
  });
});

describe("distinctClassNames", () => {
  it("sorts numbers as numbers and text as text", () => {
    expect(distinctClassNames(["10", "9", "10", "0"])).toEqual(["0", "9", "10"]);
    expect(distinctClassNames(["b", "a", "b", "10"])).toEqual(["10", "a", "b"]);
  });
});

describe("classIndex", () => {
  it("finds names, and indices written as numbers where no class has that name", () => {
    expect(classIndex("pneumonia", ["normal", "pneumonia"], "row 1")).toBe(1);
    expect(classIndex("1", ["normal", "pneumonia"], "row 1")).toBe(1);
    expect(classIndex("1", ["1", "2"], "row 1")).toBe(0);
  });

  it.each(["Pneumonia", "2", "-1", "1.0"])("refuses %s", async (text) => {
    const error = await failure(() => classIndex(text, ["normal", "pneumonia"], "row 7"));
    expect(error.code).toBe("bad-data");
    expect(error.where).toBe("row 7");
    expect(error.message).toContain("normal, pneumonia");
  });
});
