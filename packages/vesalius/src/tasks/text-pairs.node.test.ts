/** Two texts at once: as one sequence that a network reads as a pair, and by two towers. */
import { describe, expect, it } from "vitest";
import { adapt, scratch } from "../adaptation/index.ts";
import { randomStream } from "../common/random.ts";
import { classesColumn, numbersColumn, type Split, textsColumn } from "../data/index.ts";
import { evaluate } from "../evaluation/index.ts";
import { architectures, type Backbone } from "../models/index.ts";
import { datasetOf, splitOf } from "./learning.test.helper.ts";
import { fitTask } from "./create-task.ts";
import type { Task } from "./task.ts";
import { tasks } from "./tasks.ts";

const families = [
  ["fever", "pyrexia"],
  ["stroke", "apoplexy"],
  ["rash", "exanthem"],
  ["itch", "pruritus"],
];
const filling = ["the", "patient", "has", "had", "a", "severe", "new"];

/** Pairs of sentences that name the same condition in two words, or two conditions. */
function pairs(name: string, length: number): Split {
  const stream = randomStream(13, name);
  const some = (): string => filling[stream.integer(filling.length)]!;
  const rows = Array.from({ length }, () => {
    const [one, same] = [stream.integer(4), stream.uniform() < 0.5];
    const other = same ? one : (one + 1 + stream.integer(3)) % 4;
    const sentence = (word: string): string => [some(), some(), word, some()].join(" ");
    return { premise: sentence(families[one]![0]!), hypothesis: sentence(families[other]![1]!), same };
  });
  return splitOf(name, {
    premise: textsColumn(rows.map(({ premise }) => premise)),
    hypothesis: textsColumn(rows.map(({ hypothesis }) => hypothesis)),
    label: classesColumn(
      ["differs", "same"],
      rows.map(({ same }) => (same ? 1 : 0)),
    ),
    target: numbersColumn(
      ["similarity"],
      length,
      rows.map(({ same }) => (same ? 5 : 1)),
    ),
  });
}

const [train, validation] = [pairs("train", 384), pairs("validation", 96)];
const bert = { width: 32, depth: 1, heads: 2, hiddenWidth: 64, maximumPositions: 24, initializerRange: 0.15 };
const tokenizer = { name: "words" };
const together: Backbone = {
  network: architectures.create({ name: "bert", ...bert, pooling: "mean" }),
  weights: undefined,
  preparation: undefined,
  columns: { text: ["premise", "hypothesis"] },
  encoders: { text: { tokenizer, pair: true } },
};
const towers = (settings: object): Backbone => ({
  network: architectures.create({
    name: "dualTower",
    width: 16,
    towers: { premise: { name: "bert", ...bert, pooling: "mean" }, hypothesis: { sameAs: "premise" } },
    ...settings,
  }),
  weights: undefined,
  preparation: undefined,
  encoders: { premise: { tokenizer } },
});
const options = { method: scratch(), epochs: 14, batchSize: 32, learningRate: 5e-3, seed: 1, workers: 0 };

async function score(backbone: Backbone, task: Task, metric: string): Promise<number> {
  const model = await adapt(backbone, task, { ...options, data: train });
  const { metrics } = await evaluate(model, task, validation, { resamples: 2 });
  await model.release();
  return metrics[metric]!.value!;
}

describe("two texts", () => {
  const classes = fitTask({ name: "classification" }, datasetOf({ train }));

  it("are told apart as one sequence, and by two towers that are compared", async () => {
    expect(await score(together, classes, "accuracy")).toBeGreaterThan(0.9);
    const compared = await score(towers({ joined: "compared" }), classes, "accuracy");
    expect(compared).toBeGreaterThan(0.9);
    // Vectors side by side say nothing of whether they are alike to a linear layer.
    expect(await score(towers({}), classes, "accuracy")).toBeLessThan(compared - 0.1);
  }, 120_000);

  it("have a similarity by the cosine of two towers", async () => {
    const task = fitTask({ name: "regression", from: "cosine" }, datasetOf({ train }));
    expect(await score(towers({}), task, "spearman")).toBeGreaterThan(0.8);
    await expect(adapt(together, task, { ...options, data: train })).rejects.toThrow(/between two towers/);
    expect(() => fitTask({ name: "regression", from: "cosine", loss: "gaussian" }, datasetOf({ train }))).toThrow(
      /no deviation/,
    );
  }, 120_000);

  it("are suggested as a pair", () => {
    expect(tasks.entry("classification").suggest?.(train)).toMatchObject({
      together: { columns: ["premise", "hypothesis"], encoder: { pair: true } },
    });
  });
});
