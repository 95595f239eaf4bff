import { expect, it } from "vitest";
import { randomStream } from "../common/random.ts";
import { adapt } from "../adaptation/adapt.ts";
import { scratch } from "../adaptation/fine-tuning/full.ts";
import { type Split, type TimelineEvent, timelinesColumn } from "../data/index.ts";
import { evaluateMeasures } from "../evaluation/index.ts";
import { createBackbone } from "../models/index.ts";
import { codeFrequencyBaseline } from "./baselines/code-frequency.ts";
import { fitTask } from "./create-task.ts";
import { collected, datasetOf, splitOf } from "./learning.test.helper.ts";
import type { Predictor } from "./predictor.ts";
import { type Task } from "./task.ts";
import { readExamples } from "../data/dataset/index.ts";

const codes = Array.from({ length: 10 }, (_, i) => ({ category: "condition", system: "S", code: `C${i}` }));

/** Patients whose next code follows from the last of their visits; the others are noise. */
function patients(name: string, length: number): Split {
  const stream = randomStream(5, name);
  const event = (code: number, visit: number): TimelineEvent => ({ code, time: 30 * visit, visit });
  const drawn = Array.from({ length }, () => Array.from({ length: 4 }, () => stream.integer(5)));
  return splitOf(name, {
    timeline: timelinesColumn(
      codes,
      drawn.map((visits) => ({ events: visits.map(event), age: 9000, end: 120 })),
    ),
    next: timelinesColumn(
      codes,
      drawn.map((visits) => ({ events: [event(5 + visits.at(-1)!, 4)] })),
    ),
  });
}
const splits = { train: patients("train", 160), validation: patients("validation", 60) };
const task = fitTask({ name: "nextCodes" }, datasetOf(splits));

async function recallAt1(predictor: Predictor, split: Split, of: Task = task): Promise<number> {
  const answers = await collected(predictor.predict(split));
  const examples = await readExamples(
    split,
    ["next"],
    answers.map((_, row) => row),
  );
  const measures = answers.map(({ answer }, row) => of.evaluation.measure(of.truth(examples[row]!), answer as never));
  return evaluateMeasures(of.evaluation, measures, { resamples: 20 }).metrics["recallAt1"]!.value!;
}

it("learns what follows from the last visit, which frequencies do not know", async () => {
  const backbone = createBackbone({
    name: "behrt",
    width: 32,
    depth: 1,
    heads: 2,
    hiddenWidth: 32,
    dropout: 0,
    attentionDropout: 0,
    maximumPositions: 16,
    initializerRange: 0.2,
  });
  const model = await adapt(backbone, task, {
    method: scratch(),
    data: splits.train,
    epochs: 25,
    batchSize: 32,
    learningRate: 5e-3,
    seed: 1,
    workers: 0,
  });
  expect(await recallAt1(model, splits.validation)).toBeGreaterThan(0.9);
  const context = { task, train: splits.train, columns: ["timeline"] };
  for (const ownPast of [false, true]) {
    const baseline = await codeFrequencyBaseline.create({ ownPast }).fit(context);
    expect(await recallAt1(baseline, splits.validation)).toBeLessThan(0.5);
  }
  await model.release();
}, 60_000);

it("counts codes that training examples do not have as not found, and leaves out who has none", () => {
  const [known, unknown] = [codes[5]!, { ...codes[0]!, code: "new" }];
  const next = (...events: number[]) => ({
    codes: Int32Array.from(events),
    codeTable: [known, unknown],
  });
  const truth = task.truth({ next: next(0, 1) }) as { rows: number[] };
  const measure = task.evaluation.measure(truth, {
    rows: Int32Array.of(truth.rows[0]!),
    probabilities: new Float32Array(5),
  });
  expect(measure).toMatchObject({ recalls: [0.5, 0.5, 0.5] });
  expect(task.truth({ next: next() })).toBeNull();
});

it("refuses training examples without codes that come next, and codes that repeat", () => {
  const empty = timelinesColumn(
    codes,
    Array.from({ length: 160 }, () => ({ events: [] })),
  );
  const split = { ...splits.train, columns: { ...splits.train.columns, next: empty } };
  expect(() => task.check(split, "training")).toThrow(/160 training examples have no codes/);
  expect(() => fitTask({ name: "nextCodes", codes: [codes[0], codes[0]] }, datasetOf(splits))).toThrow(
    /different codes/,
  );
});

it("a patient's own past ranks before what others have", async () => {
  const context = { task, train: splits.train, columns: ["timeline"] };
  const own = { events: [{ code: 9, time: 0, visit: 0 }] };
  const split = splitOf("validation", { timeline: timelinesColumn(codes, [own]), next: timelinesColumn(codes, [own]) });
  expect(await recallAt1(await codeFrequencyBaseline.create({ ownPast: true }).fit(context), split)).toBe(1);
  const without = { ...context, columns: [] };
  expect(() => codeFrequencyBaseline.create({ ownPast: true }).columns(without)).toThrow(/no timelines/);
});
