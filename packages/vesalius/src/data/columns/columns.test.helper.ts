/** A small column of every kind, for tests that must hold for all of them. */
import type { Split } from "../split.ts";
import {
  categoriesColumn,
  choicesColumn,
  classesColumn,
  dialoguesColumn,
  eventsColumn,
  expressionsColumn,
  imageFilesColumn,
  imagesColumn,
  labelsColumn,
  masksColumn,
  moleculesColumn,
  numbersColumn,
  referencesColumn,
  relationsColumn,
  sequencesColumn,
  spansColumn,
  type StoredColumn,
  textsColumn,
  timelinesColumn,
  volumesColumn,
} from "./constructors.ts";

/** A split of columns that all have the same length. */
export function splitOf(columns: Split["columns"], parts: Partial<Omit<Split, "columns" | "length">> = {}): Split {
  const length = Object.values(columns)[0]?.length ?? 0;
  const { name = "train" } = parts;
  const ids = Array.from({ length }, (_, row) => `${name}/${row}`);
  return { name, length, ids, groups: undefined, attributes: {}, columns, ...parts };
}

const affine = [1, 0, 0, -3, 0, 2, 0, 5, 0, 0, 3, 0, 0, 0, 0, 1];
const volume = (value: number) => ({
  channels: 1,
  extents: [2, 1, 2] as const,
  spacing: [3, 2, 1] as const,
  affine,
  data: Int16Array.of(value, 2, 3, -4),
});
const documents = splitOf({ text: textsColumn(["one", "two", "three"]) }, { name: "documents" });

/** Columns of four rows, one of each kind; the third value is missing where a kind allows it. */
export const sampleColumns: Readonly<Record<StoredColumn["kind"] | "imageFiles", StoredColumn>> = {
  images: imagesColumn(
    Uint8Array.from({ length: 16 }, (_, i) => i),
    { channels: 1, height: 2, width: 2 },
    ["a", "b", "c", "d"],
  ),
  imageFiles: imageFilesColumn(
    ["a.png", "b.png", "c.png", "d.png"],
    [
      [1, 2, 2],
      [3, 4, 2],
      [1, 1, 1],
      [1, 2, 2],
    ],
    ["a", "b", "c", "d"],
  ),
  volumes: volumesColumn([volume(1), volume(2), null, volume(4)]),
  masks: masksColumn(
    ["background", "lesion"],
    [
      { extents: [1, 2], data: Uint8Array.of(0, 1) },
      { extents: [2, 1], data: Uint8Array.of(1, 1) },
      null,
      { extents: [1, 1], data: Uint8Array.of(0) },
    ],
  ),
  texts: textsColumn(["Loss of BRCA1", "", null, "predisposes to cancer \u{1F9EC}"]),
  sequences: sequencesColumn("dna", ["acgt", "NN", null, ""]),
  molecules: moleculesColumn(["CCO", "c1ccccc1", null, "C"]),
  expressions: expressionsColumn(
    ["TP53", "EGFR", "MYC"],
    [0, 2, 2, 3, 5],
    Int32Array.of(0, 2, 1, 0, 1),
    Float32Array.of(1, 4, 2, 7, 0.5),
  ),
  numbers: numbersColumn(["age", "weight"], 4, [1, 2, Number.NaN, 4, 5, 6, 7, 8]),
  categories: categoriesColumn(["sex", "site"], [["f", "m"], ["A"]], 4, [0, 0, 1, -1, -1, 0, 1, 0]),
  classes: classesColumn(["benign", "malignant"], [0, 1, null, 1]),
  labels: labelsColumn(["oedema", "effusion"], 4, Int8Array.of(1, 0, -1, 1, 0, 0, 1, 1)),
  spans: spansColumn(
    ["Disease", "Chemical"],
    [
      [
        { start: 0, end: 4, type: "Chemical" },
        { start: 5, end: 9, type: "Disease" },
      ],
      [],
      null,
      [{ start: 2, end: 3, type: "Disease" }],
    ],
  ),
  choices: choicesColumn([
    { options: ["iron", "zinc", "copper"], answer: 2 },
    { options: ["yes", "no"], answer: null },
    null,
    { options: ["yes", "no"], answer: 0 },
  ]),
  dialogues: dialoguesColumn([
    [
      { role: "Doctor", text: "What brings you here?" },
      { role: "Patient", text: "A cough." },
    ],
    [],
    null,
    [{ role: "Patient", text: "" }],
  ]),
  relations: relationsColumn(
    ["induces"],
    ["Disease", "Chemical"],
    [
      [
        {
          type: "induces",
          head: { start: 0, end: 4, type: "Chemical" },
          tail: { start: 5, end: 9, type: "Disease" },
        },
      ],
      [],
      null,
      [],
    ],
  ),
  documents: {
    kind: "documents",
    length: 4,
    files: ["a.txt", "b.txt"],
    digests: ["a", "b"],
    format: "plain",
    field: "text",
    separator: " | ",
    offsets: Int32Array.of(0, 2, 3, 3, 4),
    fileOf: Int32Array.of(0, 0, 1, 1),
    starts: Float64Array.of(0, 40, 0, 9),
    sizes: Int32Array.of(30, 12, 8, 70),
    from: Int32Array.of(0, 2, 0, 1),
    to: Int32Array.of(30, 9, 8, 60),
    present: Uint8Array.of(1, 1, 0, 1),
    words: 21,
  },
  timelines: timelinesColumn(
    [
      { category: "condition", system: "SNOMED", code: "38341003", name: "Hypertension" },
      { category: "measurement", system: "LOINC", code: "8480-6" },
    ],
    [
      {
        events: [
          { code: 0, time: 0, visit: 0 },
          { code: 1, time: 2.5, visit: 1, value: 141, unit: "mm[Hg]" },
        ],
        age: 20_000,
        end: 3,
      },
      { events: [] },
      null,
      { events: [{ code: 1, time: -4, visit: -1, value: 12 }], age: 11 },
    ],
  ),
  events: eventsColumn([1.5, 0, Number.NaN, 12], [1, 0, 0, 1]),
  references: referencesColumn(documents, [{ rows: [2, 0], grades: [2, 1] }, { rows: [] }, null, { rows: [1] }]),
};
