import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ChoicesColumn } from "../columns/choices.ts";
import { classCounts, type ClassesColumn } from "../columns/classes.ts";
import type { ReferencesColumn } from "../columns/references.ts";
import type { SpansColumn } from "../columns/spans.ts";
import { dataFolder } from "../data.test.helper.ts";
import { openDataset } from "../open-dataset.node.ts";
import type { Dataset, Split } from "../split.ts";
import { kindsOf } from "./readers.test.helper.ts";

/** What a set reads as, and where its `dataset.json` counts the same. */
interface TextSet {
  readonly columns: Readonly<Record<string, string>>;
  /** Number of examples of the splits, from `splits` of `dataset.json`. */
  readonly lengths: (stated: Stated) => readonly [unknown, unknown];
  /** Another count, of the dataset and as stated. */
  readonly counted?: (dataset: Dataset, stated: Stated) => readonly [found: unknown, stated: unknown];
  readonly grouped?: boolean;
}

const statedSchema = z.looseObject({ splits: z.record(z.string(), z.any()) });
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- every set counts in its own way
type Stated = Record<string, any>;

const splitOf = ({ splits }: Dataset, name = "train"): Split => splits[name]!;
const classesOf = (split: Split, name: string): Record<string, number> => {
  const column = split.columns[name] as ClassesColumn;
  const counts = classCounts(column);
  return Object.fromEntries(column.names.map((one, i) => [one, counts[i]!]));
};
const spanCount = (split: Split): number => (split.columns["spans"] as SpansColumn).starts.length;
const entities = { text: "texts", spans: "spans" };
const both = (count: (split: Split) => number, dataset: Dataset): [number, number] => [
  count(splitOf(dataset)),
  count(splitOf(dataset, "validation")),
];
const numbers = (stated: Stated) => [stated["train"], stated["val"]] as const;
const dev = (stated: Stated) => [stated["train"], stated["val (devel)"]] as const;
const inside = (name: string) => (stated: Stated) => [stated["train"][name], stated["val"][name]] as const;
const summed = (stated: Stated) =>
  ["train", "val"].map((split) =>
    Object.values(stated[split] as Record<string, number>).reduce((a, b) => a + b, 0),
  ) as unknown as readonly [number, number];
const answerLetters = (dataset: Dataset): Record<string, number> => {
  const all = [splitOf(dataset), splitOf(dataset, "validation")].flatMap((split) =>
    Array.from((split.columns["choices"] as ChoicesColumn).answers),
  );
  return Object.fromEntries(["A", "B", "C", "D"].map((letter, i) => [letter, all.filter((one) => one === i).length]));
};

const sets: Readonly<Record<string, TextSet>> = {
  "open/bc5cdr": {
    columns: entities,
    lengths: dev,
    counted: (dataset, { entities: { train, devel } }) => [both(spanCount, dataset), [train, devel]],
  },
  "open/ncbi-disease": {
    columns: entities,
    lengths: dev,
    counted: (dataset, { entities: { train, devel } }) => [both(spanCount, dataset), [train, devel]],
  },
  "open/cmedqa-ner": {
    columns: entities,
    lengths: inside("sentences"),
    counted: (dataset, stated) => [both(spanCount, dataset), inside("entities")(stated)],
  },
  "open/meddocan": {
    columns: entities,
    lengths: inside("documents"),
    counted: (dataset, stated) => [both(spanCount, dataset), inside("spans")(stated)],
  },
  "open/pii-synth": {
    columns: entities,
    lengths: inside("documents"),
    counted: (dataset, stated) => [both(spanCount, dataset), inside("spans")(stated)],
    grouped: true,
  },
  "open/cmed-classification": {
    columns: { text: "texts", criteria: "classes", intent: "classes" },
    lengths: summed,
    counted: (dataset, { train }) => [
      ["criteria", "intent"].map((name) => Object.values(classesOf(splitOf(dataset), name)).reduce((a, b) => a + b, 0)),
      [train.criteria, train.intent],
    ],
  },
  "open/cmedqq": {
    columns: { text_a: "texts", text_b: "texts", label: "classes" },
    lengths: summed,
    counted: (dataset, { val }) => [
      classesOf(splitOf(dataset, "validation"), "label"),
      { "0": val.different, "1": val.same },
    ],
  },
  "open/cmekg-8k": {
    columns: { instruction: "texts", output: "texts", dialogue: "dialogues" },
    lengths: numbers,
  },
  "open/medmcqa": {
    columns: { question: "texts", choices: "choices" },
    lengths: numbers,
    counted: (dataset, stated) => [answerLetters(dataset), stated["answer letters"]],
    grouped: true,
  },
  "open/medquad": {
    columns: { query: "texts", relevant: "references" },
    lengths: ({ queries }) => [queries.train, queries.val],
    counted: (dataset, { documents, judgements }) => [
      [
        dataset.tables["documents"]!.length,
        ...both((split) => (split.columns["relevant"] as ReferencesColumn).rows.length, dataset),
      ],
      [documents, judgements.train, judgements.val],
    ],
    grouped: true,
  },
  "open/mts-dialog": {
    columns: { dialogue: "dialogues", section_text: "texts", label: "classes" },
    lengths: numbers,
  },
  "open/pubmedqa": {
    columns: { question: "texts", context: "texts", answer: "texts", label: "classes", MESHES: "texts" },
    lengths: numbers,
    counted: (dataset, { labels }) => [classesOf(splitOf(dataset), "label"), labels.train],
  },
  "restricted/dxy": {
    columns: {
      dialogue: "dialogues",
      self_report: "texts",
      label: "classes",
      explicit_inform_slots: "labels",
      implicit_inform_slots: "labels",
    },
    lengths: numbers,
    counted: (dataset, { diseases }) => {
      const [train, validation] = ["train", "validation"].map((name) => classesOf(splitOf(dataset, name), "label"));
      return [
        Object.fromEntries(Object.keys(train!).map((name) => [name, train![name]! + validation![name]!])),
        diseases,
      ];
    },
  },
  "restricted/healthver": {
    columns: { claim: "texts", evidence: "texts", question: "texts", label: "classes" },
    lengths: summed,
    counted: (dataset, { train }) => [classesOf(splitOf(dataset), "label"), train],
    grouped: true,
  },
  "restricted/medexqa": {
    columns: { question: "texts", choices: "choices" },
    lengths: numbers,
    counted: (dataset, stated) => [answerLetters(dataset), stated["answer letters"]],
    grouped: true,
  },
  "restricted/nli4ct": {
    columns: { statement: "texts", premise: "texts", evidence: "spans", label: "classes" },
    lengths: summed,
    counted: (dataset, { val }) => [classesOf(splitOf(dataset, "validation"), "label"), val],
    grouped: true,
  },
};

describe.skipIf(dataFolder === undefined)(
  `sets of text (set VESALIUS_DATA to the data folder to run${dataFolder === undefined ? `; skips ${Object.keys(sets).join(", ")}` : ""})`,
  () => {
    it.each(Object.entries(sets))("%s opens as it is, with what its dataset.json counts", async (path, set) => {
      const folder = join(dataFolder!, path);
      const { splits: stated } = statedSchema.parse(JSON.parse(await readFile(join(folder, "dataset.json"), "utf8")));
      const dataset = await openDataset(folder, { allowMissingClasses: true });
      expect(kindsOf(splitOf(dataset))).toEqual(set.columns);
      expect([splitOf(dataset).length, splitOf(dataset, "validation").length]).toEqual(set.lengths(stated));
      if (set.counted !== undefined) {
        const [found, expected] = set.counted(dataset, stated);
        expect(found).toEqual(expected);
      }
      const [train, validation] = [splitOf(dataset), splitOf(dataset, "validation")];
      if (set.grouped) {
        expect(train.groups).toHaveLength(train.length);
        // What belongs together stands in one split.
        expect(validation.groups!.filter((group) => train.groups!.includes(group))).toEqual([]);
      }
    });
  },
);
