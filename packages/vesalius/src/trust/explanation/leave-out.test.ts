import { expect, it } from "vitest";
import { adapt, scratch } from "../../adaptation/index.ts";
import { randomStream } from "../../common/random.ts";
import { classesColumn, type Split, timelinesColumn } from "../../data/index.ts";
import type { ClassificationAnswer } from "../../evaluation/index.ts";
import { createBackbone } from "../../models/index.ts";
import { classification } from "../../tasks/index.ts";
import { splitOf } from "../../tasks/learning.test.helper.ts";
import { influenceOfEvents } from "./leave-out.ts";

const codes = Array.from({ length: 6 }, (_, i) => ({ category: "condition", system: "S", code: `C${i}` }));

/** Patients of whom those with the first code at any visit have the outcome. */
function patients(name: string, length: number): Split {
  const stream = randomStream(6, name);
  const drawn = Array.from({ length }, (_, row) => {
    const visits = Array.from({ length: 4 }, () => 1 + stream.integer(5));
    if (row % 2 === 0) visits[stream.integer(4)] = 0;
    return visits;
  });
  const records = drawn.map((visits) => ({
    events: visits.map((code, visit) => ({ code, time: 30 * visit, visit, value: visit, unit: "g" })),
    age: 9000,
  }));
  const label = classesColumn(
    ["no", "yes"],
    drawn.map((visits) => (visits.includes(0) ? 1 : 0)),
  );
  return splitOf(name, { timeline: timelinesColumn(codes, records), label });
}
const risk = ({ probabilities }: ClassificationAnswer): number => probabilities[1]!;

it("finds the visit that drives a risk, and the code", async () => {
  const backbone = createBackbone({
    name: "behrt",
    width: 16,
    depth: 1,
    heads: 2,
    hiddenWidth: 16,
    dropout: 0,
    attentionDropout: 0,
    maximumPositions: 12,
    initializerRange: 0.2,
    pooling: "meanAndMaximum",
  });
  const options = { epochs: 20, batchSize: 16, learningRate: 1e-2, seed: 1, workers: 0 };
  const task = classification({ classes: ["no", "yes"] });
  const model = await adapt(backbone, task, { method: scratch(), data: patients("train", 128), ...options });
  const split = patients("validation", 12);
  let found = 0;
  for (const row of [0, 2, 4, 6, 8, 10])
    for (const unit of ["visit", "code"] as const) {
      const { score, parts } = await influenceOfEvents(model, split, row, { score: risk, unit });
      expect(score).toBeGreaterThan(0.5);
      if (parts[0]!.codes.some(({ code }) => code === "C0") && parts[0]!.change > 0.3) found++;
    }
  expect(found).toBeGreaterThanOrEqual(11);
  await model.release();
}, 60_000);

it("gives exactly what a score loses, and asks of the latest parts only where they are many", async () => {
  const asked: number[] = [];
  const counting = {
    async *predict({ columns, ids }: Split) {
      const { offsets } = columns["timeline"] as ReturnType<typeof timelinesColumn>;
      asked.push(ids.length);
      expect(new Set(ids).size).toBe(ids.length);
      for (const [row, id] of ids.entries()) yield { id, answer: offsets[row + 1]! - offsets[row]!, used: [] };
    },
    release: () => Promise.resolve(),
  };
  const split = patients("validation", 2);
  const { score, parts } = await influenceOfEvents(counting, split, 1, { score: (answer: number) => answer, most: 3 });
  expect([score, ...parts.map(({ change }) => change)]).toEqual([4, 1, 1, 1]);
  expect(parts.map(({ from }) => from)).toEqual([90, 60, 30]);
  expect(asked).toEqual([4]);
  await expect(influenceOfEvents(counting, split, 2, { score: () => 0 })).rejects.toThrow(/no row 2/);
  await expect(influenceOfEvents(counting, split, 0, { column: "label", score: () => 0 })).rejects.toThrow(/no column/);
});
