import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { classesColumn, type Split } from "../data/index.ts";
import { bestThreshold, evaluate } from "../evaluation/index.ts";
import { classification, type Task } from "../tasks/index.ts";
import { collected, measurements, recordNetwork, splitOf } from "../tasks/learning.test.helper.ts";
import { adapt, scratch } from "./index.ts";
import { loadModel } from "./load-model.node.ts";

/** Patients of whom one in ten is ill, three records of each. */
function patients(name: string, length: number): Split {
  const { record, rows } = measurements(name, length);
  const ill = rows.map(([age, marker, other]) => (age! + marker! + other! > 2.2 ? 1 : 0));
  return {
    ...splitOf(name, { record, label: classesColumn(["well", "ill"], ill) }),
    groups: rows.map((_, row) => `${name}-${Math.floor(row / 3)}`),
  };
}

const [train, validation] = [patients("train", 600), patients("validation", 300)];
const classes = ["well", "ill"];
const options = { method: scratch(), epochs: 8, batchSize: 64, learningRate: 0.01, seed: 1, workers: 0 };
const withThreshold = classification({ classes, threshold: { heldOut: 0.25 } });

describe("a threshold chosen on training groups", () => {
  it("answers rare cases better than the most probable class does, and is saved with the model", async () => {
    const chosen = await adapt(recordNetwork(), withThreshold, { ...options, data: train });
    const plain = classification({ classes });
    const probable = await adapt(recordNetwork(), plain, { ...options, data: train });
    const report = await evaluate(chosen, withThreshold, validation, { resamples: 2 });
    const other = await evaluate(probable, plain, validation, { resamples: 2 });
    const correlation = report.metrics["matthewsCorrelation"]!.value!;
    expect(correlation).toBeGreaterThan(other.metrics["matthewsCorrelation"]!.value! + 0.1);

    const [answer] = await collected(chosen.predict(validation));
    const { threshold, probabilities } = answer!.answer!;
    expect(report.details).toMatchObject({ threshold });
    expect(withThreshold.toJson({ probabilities: [1 - threshold!, threshold!], threshold: threshold! })).toMatchObject({
      class: "ill",
      threshold,
    });
    const below = threshold! - 0.01;
    expect(withThreshold.toJson({ probabilities: [1 - below, below], threshold: threshold! })).toMatchObject({
      class: "well",
    });

    const folder = await mkdtemp(join(tmpdir(), "vesalius-threshold-"));
    try {
      await chosen.save(folder);
      const [again] = await collected((await loadModel(folder)).predict(validation));
      expect(again!.answer).toEqual({ probabilities, threshold });
      const exported = new TextDecoder().decode(chosen.toOnnx());
      expect(exported).toContain(JSON.stringify({ threshold: [threshold] }));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("learns from other groups than it is chosen on, and is where the metric is highest there", async () => {
    const checked: Split[] = [];
    const scores: number[] = [];
    const task: Task = {
      ...(withThreshold as unknown as Task),
      check: (split) => checked.push(split),
      fit: async (results) => {
        const found = await collected(results);
        scores.push(...found.map(({ outputs }) => outputs["probabilities"]!.data[1] as number));
        const tensors = await (withThreshold as unknown as Task).fit!(
          (async function* () {
            yield* found;
          })(),
        );
        const labels = found.map(({ example }) => example["label"] as number);
        const best = bestThreshold(labels, scores, "matthewsCorrelation").threshold;
        expect(tensors.get("threshold")!.data[0]).toBe(best);
        return tensors;
      },
    };
    await adapt(recordNetwork(), task, { ...options, data: train });
    const [whole, kept, held] = checked as [Split, Split, Split];
    expect([whole.length, kept.length + held.length, held.length]).toEqual([600, 600, scores.length]);
    expect(held.length / 600).toBeCloseTo(0.25, 1);
    expect(held.groups!.filter((group) => kept.groups!.includes(group))).toEqual([]);
  });

  it("is refused without a class to answer from it, and before training where groups cannot be divided", async () => {
    expect(() => classification({ classes: ["a", "b", "c"], threshold: {} })).toThrow(/name one of a, b, c/);
    const together = { ...train, groups: train.ids.map(() => "one") };
    await expect(adapt(recordNetwork(), withThreshold, { ...options, data: together })).rejects.toMatchObject({
      code: "bad-data",
      message: expect.stringContaining("cannot be divided") as unknown,
    });
  });
});
