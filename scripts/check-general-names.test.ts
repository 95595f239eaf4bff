import { expect, it } from "vitest";
import { allSources, generalOffences, namesInGeneralCode } from "./check-general-names.mjs";

const src = (path: string): string => `packages/vesalius/src/${path}`;
const named = (path: string, text: string): string[] =>
  namesInGeneralCode(new Map([[path, text]])).map(({ line, word }) => `${line} ${word}`);

it("general code of library and command line names no kind of data and no task, but for the listed places", () => {
  const { offences, idle } = generalOffences(allSources());
  expect(offences).toEqual([]);
  expect(idle).toEqual([]);
});

it.each([
  [src("recipes/plan.ts"), "// an image\nif (part.pixels) return;", ["2 pixels"]],
  [src("tasks/match-columns.ts"), 'if (kind === "texts") return;', ['1 "texts"']],
  [src("evaluation/evaluate.ts"), "/* image\n */\nimport { classificationHead } from 'x';", ["3 classificationHead"]],
  ["packages/cli/src/commands/predict.ts", 'text("an image");', ["1 image"]],
])("names what stands in %s", (path, text, expected) => {
  expect(named(path, text)).toEqual(expected);
});

it.each([
  [src("tasks/counting.ts"), 'export const counting = taskEntry({ kind: "images" });'],
  [src("tasks/tasks.ts"), 'import { classification } from "./classification.ts";'],
  [src("data/columns/images.ts"), "const image = 1;"],
  [src("recipes/plan.test.ts"), "const image = 1;"],
])("leaves %s alone", (path, text) => {
  expect(named(path, text)).toEqual([]);
});
