import { describe, expect, it } from "vitest";
import { randomStream } from "../common/random.ts";
import { classesColumn, type Split } from "../data/index.ts";
import { evaluate } from "../evaluation/index.ts";
import { fitTask, ordinalClassification } from "../tasks/index.ts";
import { collected, datasetOf, measurements, recordNetwork, splitOf } from "../tasks/learning.test.helper.ts";
import { adapt, scratch } from "./index.ts";

const grades = ["none", "mild", "moderate", "severe"];

/** Grades of a score that grows with the measurements, with noise. */
function patients(name: string, length: number, sign = 1): Split {
  const { record, rows } = measurements(name, length);
  const noise = randomStream(8, name);
  const values = rows.map(([age, marker]) => {
    const score = sign * (age! + marker!) + 0.5 * noise.normal();
    return [-1.2, 0, 1.2].filter((limit) => score > limit).length;
  });
  return splitOf(name, { record, label: classesColumn(grades, values) });
}

const [train, validation] = [patients("train", 256), patients("validation", 128)];
const taskOf = (data: Split) =>
  fitTask({ name: "ordinalClassification" }, datasetOf({ train: data })) as unknown as ReturnType<
    typeof ordinalClassification
  >;
const options = { method: scratch(), epochs: 30, batchSize: 32, learningRate: 0.03, seed: 1, workers: 0 };
const network = recordNetwork({ depth: 2, width: 32 });

async function trained(data: Split) {
  const task = taskOf(data);
  const model = await adapt(network, task, { ...options, data });
  const { metrics } = await evaluate(model, task, validation, { resamples: 2 });
  const answers = await collected(model.predict(validation));
  await model.release();
  return { metrics, answers };
}

describe("classification into grades", () => {
  it("learns grades, with probabilities that add up and never contradict their order", async () => {
    const { metrics, answers } = await trained(train);
    expect(metrics["accuracy"]!.value).toBeGreaterThan(0.6);
    expect(metrics["quadraticKappa"]!.value).toBeGreaterThan(0.8);
    for (const { answer } of answers) {
      const probabilities = Array.from(answer!.probabilities);
      expect(Math.min(...probabilities)).toBeGreaterThanOrEqual(0);
      expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    }
  });

  it("learns the opposite from reversed grades", async () => {
    const { metrics } = await trained(patients("train", 256, -1));
    expect(metrics["quadraticKappa"]!.value).toBeLessThan(-0.5);
  });

  it("is told from a failure when whoever asked for answers gives up", async () => {
    const task = taskOf(train);
    const model = await adapt(network, task, { ...options, epochs: 1, data: train });
    const given = evaluate(model, task, validation, { resamples: 2, signal: AbortSignal.abort() });
    await expect(given).rejects.toMatchObject({ code: "interrupted", what: "stopped after 0 of 128 examples" });
    await model.release();
  });

  it("takes the classes from the data in their order, and refuses others", () => {
    expect(taskOf(train).classes!.names).toEqual(grades);
    const other = splitOf("test", { label: classesColumn(grades.toReversed(), [0, 1]) });
    expect(() => taskOf(train).check(other, "evaluation")).toThrow(/in that order/);
    expect(() => ordinalClassification({ classes: grades, frequencies: [1] })).toThrow(/do not go with 4 grades/);
    expect(() => ordinalClassification({})).toThrow(/at least two different classes/);
    expect(() => ordinalClassification({ classes: grades, ordered: true } as never)).toThrow(/ordered/);
  });
});
