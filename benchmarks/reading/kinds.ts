import type { Spec } from "vesalius/common";
import { type Split, textsColumn } from "vesalius/data";
import type { kindNames } from "./messages.ts";
import {
  drawnClasses,
  drawnExpressions,
  drawnImages,
  drawnMolecules,
  drawnQueries,
  drawnRecords,
  drawnSequences,
  drawnSpans,
  drawnTexts,
  drawnVolumes,
  splitOf,
} from "./drawn-columns.ts";

/** A kind of column with a network and a task that usually read it. */
export interface MeasuredKind {
  readonly split: () => Split;
  readonly backbone: Spec;
  readonly columns?: Readonly<Record<string, readonly string[]>>;
  readonly encoders?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly task: Spec;
  readonly batchSize: number;
  /** Steps for each one that is asked for: more where a step takes so little that the start of a thread would show. */
  readonly stepsForEach?: number;
  readonly transforms?: readonly Spec[];
  readonly together?: readonly Spec[];
}

const examples = 512;
const classification = { name: "classification" };
const bert = { name: "bert", preset: "micro", maximumPositions: 128 };
const words = { tokenizer: { name: "words", vocabularySize: 4000 } };

/** The kinds that are measured: small networks of the recipes, which use examples faster than larger ones do. */
export const kinds: Readonly<Record<(typeof kindNames)[number], MeasuredKind>> = {
  images: {
    split: () => splitOf({ image: drawnImages(examples, 28), label: drawnClasses(examples) }),
    backbone: { name: "vit", preset: "micro", imageSize: 28, patchSize: 4 },
    task: classification,
    batchSize: 32,
    transforms: [{ name: "randomResizedCrop" }, { name: "randomFlip" }],
  },
  "volumes with masks": {
    split: () => splitOf(drawnVolumes(24)),
    backbone: { name: "nnunet", features: [16, 32, 64, 128], deepSupervision: false, patch: [40, 56, 40] },
    task: { name: "segmentation" },
    batchSize: 1,
    together: [
      { name: "affine", rotation: 11, probability: 0.6 },
      { name: "flip", axes: [2] },
    ],
    transforms: [{ name: "intensity" }],
  },
  texts: {
    split: () => splitOf({ text: textsColumn(drawnTexts(examples, 120)), label: drawnClasses(examples) }),
    backbone: bert,
    encoders: { text: words },
    task: classification,
    batchSize: 16,
  },
  "texts with spans": {
    split: () => {
      const texts = drawnTexts(examples, 120);
      return splitOf({ text: textsColumn(texts), spans: drawnSpans(texts) });
    },
    backbone: bert,
    encoders: { text: { ...words, features: {} } },
    task: { name: "tokenClassification" },
    batchSize: 16,
    transforms: [{ name: "wordDropout" }],
  },
  sequences: {
    split: () => splitOf({ sequence: drawnSequences(examples, 300), label: drawnClasses(examples) }),
    backbone: { ...bert, maximumPositions: 304, stem: {}, positions: "relative", pooling: "meanAndMaximum" },
    columns: { text: ["sequence"] },
    task: classification,
    batchSize: 32,
  },
  molecules: {
    split: () => splitOf({ molecule: drawnMolecules(examples), label: drawnClasses(examples) }),
    backbone: bert,
    columns: { text: ["molecule"] },
    encoders: { text: { tokenizer: { name: "smiles" } } },
    task: classification,
    batchSize: 16,
  },
  expressions: {
    split: () => splitOf({ expression: drawnExpressions(examples, 200), label: drawnClasses(examples) }),
    backbone: { name: "geneTransformer", preset: "micro" },
    task: classification,
    batchSize: 16,
  },
  "numbers and categories with events": {
    split: () => splitOf(drawnRecords(2048)),
    backbone: { name: "perceptron", depth: 2, width: 64 },
    columns: { record: ["covariates", "categories"] },
    task: { name: "survival", unit: "months" },
    batchSize: 256,
    stepsForEach: 50,
  },
  "references to a table of texts": {
    split: () => splitOf(drawnQueries(examples)),
    backbone: {
      name: "dualTower",
      towers: { question: bert, passage: { sameAs: "question" } },
      width: 64,
    },
    columns: { question: ["query"], passage: ["relevant.text"] },
    encoders: { question: words, passage: words },
    task: { name: "retrieval" },
    batchSize: 16,
  },
};
