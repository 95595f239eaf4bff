import * as fc from "fast-check";
import { expect, test } from "vitest";
import { textsColumn } from "../columns/texts.ts";
import { nearLeaks, withNearLeaks } from "../dataset/near-leaks.ts";
import type { Dataset, Split } from "../split.ts";
import { datasetCardSchema } from "../dataset-card.ts";
import { datasetSteps } from "./index.ts";
import { wordCount, wordRanges } from "./texts.ts";

test("words are runs of letters and digits, and every other sign", () => {
  const WORDS = /[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu;
  const alike = (text: string): void => {
    const found = Array.from(text.matchAll(WORDS), ({ 0: word, index }) => ({
      start: index,
      end: index + word.length,
    }));
    expect(wordRanges(text)).toEqual(found);
    expect(wordCount(text)).toBe(found.length);
  };
  fc.assert(fc.property(fc.string({ unit: "binary" }), alike));
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "é", "7", " ", "\u3000", ".", "\u{1F9EC}", "\u0301", "咳", "\ud83e") }),
      alike,
    ),
  );
});

const splitOf = (name: string, texts: readonly (string | null)[]): Split => ({
  name,
  length: texts.length,
  ids: texts.map((_, i) => `${name}/${i}`),
  groups: undefined,
  attributes: {},
  columns: { text: textsColumn(texts) },
});

const note =
  "The patient is a woman of seventy who came with a cough that had lasted for three weeks and would not go away at all.";
const nearly = `${note.replace("seventy", "eighty")} She smokes.`;
const other = "A man fell from his bicycle and broke the left arm, which was set and put into plaster on the same day.";

test("equal and nearly equal texts are left out, the first of each stays, and both are counted", async () => {
  const split = splitOf("train", [note, other, note.toUpperCase(), null, nearly, "short", "short"]);
  const { split: kept, counts } = await datasetSteps.create({ name: "deduplicate", threshold: 0.5 })(split);
  expect(kept.ids).toEqual(["train/0", "train/1", "train/3", "train/5"]);
  expect(counts).toEqual({ texts: 7, leftOut: 3, equal: 2, nearlyEqual: 1 });
  const strict = await datasetSteps.create({ name: "deduplicate", threshold: 1 })(split);
  expect(strict.split.ids).toContain("train/4");
  const held = await datasetSteps.create({ name: "deduplicate" })({ ...split, name: "validation" });
  expect(held.split.length).toBe(7);
});

test("near-duplicates in another split are counted, or left out of training", () => {
  const dataset: Dataset = {
    name: "notes",
    card: datasetCardSchema.parse({ name: "notes" }),
    unit: "texts",
    splits: { train: splitOf("train", [other, note]), validation: splitOf("validation", [nearly, "short"]) },
    tables: {},
  };
  expect(nearLeaks(dataset, 0.5)).toEqual([{ splits: ["train", "validation"], rows: [1] }]);
  expect(nearLeaks(dataset, 0.95)).toEqual([]);
  expect(withNearLeaks(dataset, 0.5, false).card.cautions).toEqual([
    "1 texts of train are nearly the same as some of validation: may be leakage.",
  ]);
  const dropped = withNearLeaks(dataset, 0.5, true);
  expect(dropped.splits["train"]!.ids).toEqual(["train/0"]);
  expect(dropped.card.cautions.join(" ")).toContain("were left out");
});

test("languages are found, kept as an attribute, and chosen by their codes", async () => {
  const texts = [
    "The patient was seen in the clinic and complained of a cough that had lasted for three weeks.",
    "El paciente acudió a la consulta con una tos que había durado tres semanas y no cedía.",
    "患者因咳嗽三周来我院就诊，未见发热。",
    "?",
    null,
  ];
  const split = splitOf("train", texts);
  const { split: all, counts } = await datasetSteps.create({ name: "language" })(split);
  expect(all.attributes["language"]).toEqual(["eng", "spa", "cmn", null, null]);
  expect(counts).toMatchObject({ texts: 5, leftOut: 0, unknown: 2, eng: 1, spa: 1, cmn: 1 });
  const kept = await datasetSteps.create({ name: "language", keep: ["cmn"], keepUnknown: false })(split);
  expect(kept.split.ids).toEqual(["train/2"]);
  await expect(datasetSteps.create({ name: "language", keep: ["deu"], keepUnknown: false })(split)).rejects.toThrow(
    /none of 5 texts/,
  );
});
