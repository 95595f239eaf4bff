import { describe, expect, it } from "vitest";
import type { Split } from "../../data/index.ts";
import { classificationEvaluation, evaluateMeasures } from "../../evaluation/index.ts";
import type { Task } from "../../tasks/index.ts";
import { compareMethods, type Reported } from "./comparisons.ts";

const evaluation = classificationEvaluation({ classes: ["no", "yes"] });

/** A model of a seed that is right about the first cases and wrong about the others. */
function reported(seed: number, count: number, right: number): Reported {
  const measures = Array.from({ length: count }, (_, row) => {
    const label = row % 2;
    const answer = row < right ? label : 1 - label;
    return evaluation.measure(label, { probabilities: answer === 1 ? [0.1, 0.9] : [0.9, 0.1] });
  });
  const measured = { rows: Int32Array.from(measures.keys()), measures, withoutAnswer: 0, withoutTruth: 0, seconds: 0 };
  return {
    model: { record: { seed }, folder: "", measured } as unknown as Reported["model"],
    report: evaluateMeasures(evaluation, measures, { resamples: 20 }),
  };
}

const compared = (count: number, seeds: readonly number[], gain: (seed: number) => number) =>
  compareMethods(
    new Map([
      ["scratch", seeds.map((seed) => reported(seed, count, 0))],
      ["lora", seeds.map((seed) => reported(seed, count, gain(seed)))],
    ]),
    {
      task: { evaluation } as unknown as Task,
      split: { name: "validation", length: count } as Split,
      recipe: { seed: 0, evaluation: { resamples: 20 } } as never,
      metrics: ["accuracy"],
    },
  )[0]!.overSeeds!["accuracy"]!;

describe("differences over the seeds", () => {
  it("stay where a difference of the metric can lie, and caution of two runs", () => {
    const { value, lower, upper, caution } = compared(40, [1, 2], (seed) => 10 + 20 * seed);
    expect(value).toBeCloseTo(0.875, 12);
    expect(upper).toBe(1);
    expect(lower).toBeGreaterThanOrEqual(-1);
    expect(caution).toBe("only 2 runs");
  });

  it("have no interval where the cases are too few to show one, and a caution where they are few", () => {
    expect(compared(4, [1, 2, 3], (seed) => seed)).toEqual({
      value: 0.5,
      lower: null,
      upper: null,
      reason: "no interval: it rests on 4 cases",
    });
    expect(compared(20, [1, 2, 3], (seed) => 10 + seed).caution).toBe("only 20 cases");
  });
});
