import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapt, scratch } from "../adaptation/index.ts";
import { randomStream } from "../common/random.ts";
import { type Split, spansColumn, textsColumn } from "../data/index.ts";
import { evaluate } from "../evaluation/index.ts";
import { type Backbone, backbonesOf } from "../models/index.ts";
import { bertArchitecture } from "../models/language/bert-architecture.ts";
import { createTask } from "./create-task.ts";
import { type ExtractedAnswer, extractiveQuestionAnswering } from "./extractive-question-answering.ts";
import { collected, datasetOf, splitOf } from "./learning.test.helper.ts";
import { Model } from "./model.ts";
import { tasks } from "./tasks.ts";

const known = {
  drug: ["aspirin", "insulin", "heparin"],
  organ: ["left lung", "liver", "heart"],
  finding: ["fever", "rash", "dry cough"],
};
const kinds = Object.keys(known) as (keyof typeof known)[];
const filling = ["the", "patient", "was", "seen", "with", "and", "then", "again", "today"];

/** Texts that name a drug, an organ and a finding in any order, sometimes one fewer; a question asks for one of them. */
function questions(name: string, length: number, { misled = false, padding = 0 } = {}): Split {
  const stream = randomStream(3, name);
  const some = (words: readonly string[]): string => words[stream.integer(words.length)]!;
  const rows = Array.from({ length }, () => {
    const asked = kinds[stream.integer(3)]!;
    const told = kinds.filter((kind) => kind !== asked || stream.uniform() < 0.8);
    const words: string[] = Array.from({ length: padding }, () => some(filling));
    const places: Partial<Record<string, [number, number]>> = {};
    for (const i of stream.permutation(told.length)) {
      words.push(some(filling), some(filling));
      const answer = some(known[told[i]!]);
      const start = words.join(" ").length + 1;
      places[told[i]!] = [start, start + answer.length];
      words.push(answer);
    }
    const place = places[misled ? kinds[(kinds.indexOf(asked) + 1) % 3]! : asked];
    return { question: `which ${asked} is it`, context: words.join(" "), place };
  });
  return splitOf(name, {
    question: textsColumn(rows.map((row) => row.question)),
    context: textsColumn(rows.map((row) => row.context)),
    answer: spansColumn(
      ["answer"],
      rows.map(({ place }) => (place === undefined ? [] : [{ start: place[0], end: place[1], type: "answer" }])),
    ),
  });
}

const backbone = (encoder: object = { pair: true }, columns = ["question", "context"]): Backbone => ({
  ...backbonesOf(bertArchitecture)(
    { width: 32, depth: 1, heads: 2, hiddenWidth: 128, maximumPositions: 32, initializerRange: 0.15 },
    { encoders: { text: { tokenizer: { name: "words" }, maximumLength: 32, ...encoder } } },
  ),
  columns: { text: columns },
});
const train = questions("train", 320);
const validation = questions("validation", 96);
const task = extractiveQuestionAnswering({ unanswerable: true });
const options = { method: scratch(), epochs: 20, batchSize: 32, learningRate: 5e-3, seed: 2, workers: 0 };

describe("extractive question answering", () => {
  let model: Model<ExtractedAnswer>;
  beforeAll(async () => {
    model = await adapt(backbone(), task, { ...options, data: train });
  }, 120_000);
  afterAll(() => model.release());

  it("finds the piece of a text that answers, and says where there is none", async () => {
    const { metrics, breakdown } = await evaluate(model, task, validation, { resamples: 5 });
    expect(metrics["accuracy"]!.value).toBeGreaterThan(0.9);
    expect(breakdown.map(({ name }) => name)).toEqual(["answerable", "unanswerable"]);
    for (const { metrics: own } of breakdown) expect(own["accuracy"]!.value).toBeGreaterThan(0.7);
    // What was learned from true answers does not fit those of another question.
    const other = await evaluate(model, task, questions("validation", 96, { misled: true }), { resamples: 5 });
    expect(other.metrics["accuracy"]!.value).toBeLessThan(0.4);
  });

  it("reads a longer text in windows, and says where in the whole text the answer stands", async () => {
    const long = questions("long", 48, { padding: 60 });
    const whole = await evaluate(model, task, long, { resamples: 5 });
    const inference = { name: "textWindows", column: "context", length: 20, overlap: 10 };
    const windowed = createTask({ name: "extractiveQuestionAnswering", ...task.settings, inference }) as typeof task;
    const own = new Model<ExtractedAnswer>({ task: windowed, backbone: model.backbone, weights: model.weights });
    const found = await evaluate(own, windowed, long, { resamples: 5 });
    expect(found.metrics["accuracy"]!.value).toBeGreaterThan(whole.metrics["accuracy"]!.value! + 0.4);
    const contexts = (long.columns["context"] as ReturnType<typeof textsColumn>).values;
    for (const [row, { answer }] of (await collected(own.predict(long))).entries())
      if (answer!.place !== undefined)
        expect(contexts[row]!.slice(answer!.place.start, answer!.place.end)).toBe(answer!.text);
    await own.release();
  });

  it("writes answers with their places", async () => {
    const [file] = await collected(task.files(model.predict(validation), validation));
    expect(String(file!.content)).toMatch(/^id,answer,start,end,probability\nvalidation\/0,/);
  });
});

it("is found in data by their columns, and learns from them whether there may be no answer", () => {
  const entry = tasks.entry("extractiveQuestionAnswering");
  expect(entry.suggest?.(train)).toMatchObject({
    together: { columns: ["question", "context"], encoder: { pair: true } },
  });
  const fitted = entry.fit?.(entry.settings.parse({}), datasetOf({ train }), train);
  expect(fitted).toMatchObject({ unanswerable: true });
});

it("refuses networks and data that it cannot read, before time is spent", async () => {
  const one = backbone({});
  await expect(adapt(one, task, { ...options, data: train })).rejects.toThrow(/as one text.*pair: true/s);
  await expect(adapt(backbone({ pair: true, addSpecial: false }), task, { ...options, data: train })).rejects.toThrow(
    /special tokens/,
  );
  const unmarked = spansColumn(
    ["answer"],
    train.ids.map(() => null),
  );
  const unknown = { ...train, columns: { ...train.columns, answer: unmarked } };
  expect(() => task.check(unknown, "training")).toThrow(/of 320 questions nobody says/);
  expect(() => task.check(unknown, "prediction")).not.toThrow();
});
