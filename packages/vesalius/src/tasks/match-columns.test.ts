import { describe, expect, it } from "vitest";
import { type Column, imagesColumn, isPresent, type Part, type Split, textsColumn } from "../data/index.ts";
import { columnsReadBy, matchColumns } from "./match-columns.ts";

const image: Part = { columns: ["image"], encoder: { name: "pixels", channels: 1, height: 4, width: 4 } };
const classes: Part = { columns: ["label"], encoder: { name: "classes" }, target: true };
const modelOf = (parts: Readonly<Record<string, Part>>) => ({
  plan: () => ({ parts, sampler: { name: "inOrder" }, rows: 1, extents: {}, seed: 0 }),
});
const films = imagesColumn(new Uint8Array(32), { channels: 1, height: 4, width: 4 });
const splitOf = (columns: Record<string, Column>): Split => ({
  name: "test",
  length: 2,
  ids: ["a", "b"],
  groups: undefined,
  attributes: {},
  columns,
});

describe("matchColumns", () => {
  const model = modelOf({ image, classes });

  it("asks for the columns of inputs, not of what is predicted", () => {
    expect(columnsReadBy(model)).toEqual([{ name: "image", kinds: ["images"], optional: false }]);
  });

  it("leaves a split alone that has them", () => {
    const split = splitOf({ image: films });
    expect(matchColumns(model, split)).toBe(split);
  });

  it("takes the only column of a fitting kind, whatever it is called", () => {
    const split = splitOf({ film: films, note: textsColumn(["x", "y"]) });
    expect(matchColumns(model, split).columns["image"]).toBe(films);
  });

  it("refuses to choose between two, and names what there is", () => {
    expect(() => matchColumns(model, splitOf({ frontal: films, lateral: films }))).toThrow(
      /the model reads image \(images\), and the data have frontal \(images\), lateral \(images\)/,
    );
    const pair = modelOf({ image, other: { ...image, columns: ["prior"] } });
    expect(() => matchColumns(pair, splitOf({ film: films }))).toThrow(/reads image \(images\), prior \(images\)/);
  });

  it("takes an input that may be missing for missing, and never all of them", () => {
    const both = modelOf({
      image: { ...image, optional: true },
      prior: { ...image, columns: ["prior"], optional: true },
    });
    const split = matchColumns(both, splitOf({ image: films }));
    expect(split.columns["image"]).toBe(films);
    expect([0, 1].map((row) => isPresent(split.columns["prior"]!, row))).toEqual([false, false]);
    const { length } = films;
    expect(() => matchColumns(both, splitOf({ label: { kind: "classes", length } }))).toThrow(/the model reads/);
  });
});
