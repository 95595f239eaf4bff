import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapt, scratch } from "../adaptation/index.ts";
import { randomStream } from "../common/random.ts";
import { type Choices, choicesColumn, type Split, textsColumn } from "../data/index.ts";
import { evaluate } from "../evaluation/index.ts";
import { type Backbone, backbonesOf } from "../models/index.ts";
import { bertArchitecture } from "../models/language/bert-architecture.ts";
import { collected, datasetOf, splitOf } from "./learning.test.helper.ts";
import type { Model } from "./model.ts";
import { type ChosenOption, multipleChoice } from "./multiple-choice.ts";
import { tasks } from "./tasks.ts";

const treated = { gout: "colchicine", asthma: "salbutamol", malaria: "quinine", scurvy: "oranges" };
const conditions = Object.keys(treated) as (keyof typeof treated)[];

/** Questions whose right option follows from the condition; some have two options, others three or four. */
function questions(name: string, length: number, shift = 0): Split {
  const stream = randomStream(11, name);
  const rows = Array.from({ length }, (_, row) => {
    const asked = conditions[stream.integer(conditions.length)]!;
    const right = treated[conditions[(conditions.indexOf(asked) + shift) % conditions.length]!];
    const wrong = Object.values(treated).filter((treatment) => treatment !== right);
    const options = [right, ...wrong.slice(0, 1 + (row % 3))];
    const order = Array.from(stream.permutation(options.length));
    return {
      question: `what is given for ${asked}`,
      choices: { options: order.map((i) => options[i]!), answer: order.indexOf(0) } satisfies Choices,
    };
  });
  return splitOf(name, {
    question: textsColumn(rows.map(({ question }) => question)),
    choices: choicesColumn(rows.map(({ choices }) => choices)),
  });
}

const backbone = (encoder: object = { pair: true }): Backbone => ({
  ...backbonesOf(bertArchitecture)(
    { width: 32, depth: 1, heads: 2, hiddenWidth: 64, maximumPositions: 16, initializerRange: 0.15, pooling: "mean" },
    { encoders: { text: { tokenizer: { name: "words" }, ...encoder } } },
  ),
  columns: { text: ["question", "choices"] },
});
const [train, validation] = [questions("train", 240), questions("validation", 90)];
const task = multipleChoice({ options: 4 });
const options = { method: scratch(), epochs: 12, batchSize: 16, learningRate: 5e-3, seed: 1, workers: 0 };

describe("multiple choice", () => {
  let model: Model<ChosenOption>;
  beforeAll(async () => {
    model = await adapt(backbone(), task, { ...options, data: train });
  }, 120_000);
  afterAll(() => model.release());

  it("chooses by what the question asks, and not where the option stands", async () => {
    const report = await evaluate(model, task, validation, { resamples: 5 });
    expect(report.metrics["accuracy"]!.value).toBeGreaterThan(0.95);
    // A third of the questions each has two, three and four options.
    expect(report.floors["accuracy"]).toBeCloseTo((1 / 2 + 1 / 3 + 1 / 4) / 3, 2);
    const misled = await evaluate(model, task, questions("validation", 90, 1), { resamples: 5 });
    expect(misled.metrics["accuracy"]!.value).toBeLessThan(0.3);
  });

  it("gives probabilities to the options that there are, and no others", async () => {
    const rows = await collected(model.predict(validation));
    for (const [row, { answer }] of rows.entries()) {
      expect(answer!.probabilities).toHaveLength(2 + (row % 3));
      expect(answer!.probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
    }
    const [file] = await collected(task.files(model.predict(validation), validation));
    expect(String(file!.content).split("\n")[1]).toMatch(/^validation\/0,[01],[\d.e-]+,[\d.e-]+,,$/);
  });

  it("refuses more options than it knows, and questions without a right one", () => {
    const hidden = choicesColumn(train.ids.map(() => ({ options: ["a", "b"], answer: null })));
    const unanswered = { ...train, columns: { ...train.columns, choices: hidden } };
    expect(() => task.check(unanswered, "training")).toThrow(/240 training questions have no right option/);
    expect(() => task.check(unanswered, "prediction")).not.toThrow();
    expect(() => multipleChoice({ options: 3 }).check(train, "training")).toThrow(/has 4 options, the model knows 3/);
  });
});

it("reads question and option as one text where no pair is asked for", async () => {
  const model = await adapt(backbone({}), task, { ...options, data: train });
  const { metrics } = await evaluate(model, task, validation, { resamples: 5 });
  expect(metrics["accuracy"]!.value).toBeGreaterThan(0.9);
  await model.release();
}, 120_000);

it("is found in data by their columns, and learns the number of options from them", () => {
  const entry = tasks.entry("multipleChoice");
  const explained = { ...train, columns: { ...train.columns, explanation: textsColumn(train.ids) } };
  expect(entry.suggest?.(explained)).toMatchObject({ columns: ["choices", "explanation"] });
  expect(entry.fit?.(entry.settings.parse({}) as never, datasetOf({ train }), train)).toMatchObject({ options: 4 });
});
