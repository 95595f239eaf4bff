import { expect, test } from "vitest";
import {
  classesColumn,
  type Column,
  eventsColumn,
  labelsColumn,
  masksColumn,
  numbersColumn,
  type Split,
  spansColumn,
  textsColumn,
} from "../data/index.ts";
import { tasks } from "./tasks.ts";

const splitOf = (columns: Readonly<Record<string, Column>>): Split => ({
  name: "train",
  length: 1,
  ids: ["a"],
  groups: undefined,
  attributes: {},
  columns,
});

const suggestions = (columns: Readonly<Record<string, Column>>) =>
  tasks.entries.flatMap((entry) => {
    const suggestion = entry.suggest?.(splitOf(columns));
    return suggestion === undefined
      ? []
      : [{ name: entry.name, column: suggestion.settings["column"], hidden: suggestion.columns }];
  });

const covariates = numbersColumn(["age", "size"], 1, [60, 2]);

test.each([
  ["survival", { event: eventsColumn([3], [1]), covariates }, "event"],
  ["tokenClassification", { text: textsColumn(["fever"]), spans: spansColumn(["symptom"], [[]]) }, "spans"],
  ["segmentation", { seen: masksColumn(["background", "liver"], [null]) }, "seen"],
  ["regression", { covariates, label: numbersColumn(["solubility"], 1, [0.5]) }, "label"],
  ["multilabelClassification", { findings: labelsColumn(["oedema"], 1, Int8Array.of(1)) }, "findings"],
  ["classification", { stage: classesColumn(["I", "II"], [0]), label: classesColumn(["ill", "well"], [1]) }, "label"],
])("%s is suggested for a column of its kind, and the column is hidden from the network", (name, columns, column) => {
  const [found, ...others] = suggestions(columns);
  expect(found).toMatchObject({ name, column });
  expect(found!.hidden).toContain(column);
  expect(found!.hidden).not.toContain("covariates");
  expect(others).toEqual([]);
});

test("grades are suggested before classes where the order of the classes means something", () => {
  const found = suggestions({ covariates, label: classesColumn(["I", "II"], [0], { ordered: true }) });
  expect(found.map(({ name }) => name)).toEqual(["classification", "ordinalClassification"]);
  const [classes, grades] = ["classification", "ordinalClassification"].map((name) =>
    tasks.entry(name).suggest?.(splitOf({ label: classesColumn(["I", "II"], [0], { ordered: true }) })),
  );
  expect(grades!.particularity).toBeGreaterThan(classes!.particularity);
});

test("nothing is suggested where only inputs are known", () => {
  expect(suggestions({ covariates, text: textsColumn(["fever"]) })).toEqual([]);
});
