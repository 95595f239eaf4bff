import { expect, test } from "vitest";
import { adapt, scratch } from "../adaptation/index.ts";
import { randomStream } from "../common/random.ts";
import { spansColumn, type Split, textsColumn } from "../data/index.ts";
import { evaluate } from "../evaluation/index.ts";
import { backbonesOf } from "../models/index.ts";
import { bertArchitecture } from "../models/language/bert-architecture.ts";
import { createTask } from "./create-task.ts";
import { Model } from "./model.ts";
import { type FoundEntity, tokenClassification } from "./token-classification.ts";

const diseases = ["asthma", "breast cancer", "gout"];
const words = ["the", "patient", "with", "has", "known", "severe", "since", "years", "and", "reports"];

/** Sentences in which diseases are marked; with `marked` false each span lies on other words. */
function sentences(name: string, length: number, seed: number, marked = true): Split {
  const stream = randomStream(seed, "sentences");
  const texts: string[] = [];
  const spans: { start: number; end: number; type: string }[][] = [];
  for (let row = 0; row < length; row++) {
    const parts = Array.from({ length: 5 + stream.integer(4) }, () => words[stream.integer(words.length)]!);
    const disease = diseases[stream.integer(diseases.length)]!;
    const at = stream.integer(parts.length);
    const start = parts.slice(0, at).reduce((sum, word) => sum + word.length + 1, 0);
    const text = [...parts.slice(0, at), disease, ...parts.slice(at)].join(" ");
    texts.push(text);
    spans.push([
      marked
        ? { start, end: start + disease.length, type: "Disease" }
        : { start: 0, end: text.indexOf(" "), type: "Disease" },
    ]);
  }
  return {
    name,
    length,
    ids: texts.map((_, row) => `${name}/${row}`),
    groups: undefined,
    attributes: {},
    columns: { text: textsColumn(texts), spans: spansColumn(["Disease"], spans) },
  };
}

/** Every two sentences as one text. */
function joinedPairs(split: Split): Split {
  const { values } = split.columns["text"] as ReturnType<typeof textsColumn>;
  const { starts, ends } = split.columns["spans"] as ReturnType<typeof spansColumn>;
  const span = (row: number, shift: number) => ({
    start: starts[row]! + shift,
    end: ends[row]! + shift,
    type: "Disease",
  });
  const pairs = Array.from({ length: split.length / 2 }, (_, i) => [2 * i, 2 * i + 1] as const);
  return {
    ...split,
    length: pairs.length,
    ids: pairs.map(([first]) => split.ids[first]!),
    columns: {
      text: textsColumn(pairs.map(([a, b]) => `${values[a]} ${values[b]}`)),
      spans: spansColumn(
        ["Disease"],
        pairs.map(([a, b]) => [span(a, 0), span(b, values[a]!.length + 1)]),
      ),
    },
  };
}

test("finds the diseases of sentences, and writes them as columns", async () => {
  const train = sentences("train", 120, 1);
  const validation = sentences("validation", 60, 2);
  const task = tokenClassification({ types: ["Disease"] });
  const backbone = backbonesOf(bertArchitecture)(
    { width: 32, depth: 1, heads: 2, hiddenWidth: 64, maximumPositions: 32 },
    {
      encoders: { text: { tokenizer: { name: "wordPiece", vocabularySize: 200, lowercase: true }, maximumLength: 32 } },
    },
  );
  const model = await adapt(backbone, task, {
    method: scratch(),
    data: train,
    epochs: 15,
    batchSize: 16,
    learningRate: 5e-3,
    workers: 0,
  });
  const report = await evaluate(model, task, validation, { resamples: 20 });
  expect(report.metrics["f1"]!.value).toBeGreaterThan(0.9);
  // Spans on other words: what was learned from the true ones must not fit them.
  const wrong = await evaluate(model, task, sentences("validation", 60, 2, false), { resamples: 20 });
  expect(wrong.metrics["f1"]!.value).toBeLessThan(0.4);
  const files: string[] = [];
  for await (const { content } of task.files(model.predict(validation), validation)) files.push(String(content));
  expect(files[0]).toMatch(/^# id = validation\/0\n/);
  expect(files[0]).toMatch(/\nbreast\tB-Disease\ncancer\tI-Disease\n/);
  // Two sentences are longer than a window of six words, and hold what each of them holds.
  const inference = { name: "textWindows", column: "text", length: 6, overlap: 3 };
  const windowed = createTask({ name: "tokenClassification", ...task.settings, inference }) as typeof task;
  const windows = new Model<readonly FoundEntity[]>({
    task: windowed,
    backbone: model.backbone,
    weights: model.weights,
  });
  const long = await evaluate(windows, windowed, joinedPairs(validation), { resamples: 20 });
  expect(long.metrics["f1"]!.value).toBeGreaterThan(0.85);
  await windows.release();
  await model.release();
}, 120_000);
