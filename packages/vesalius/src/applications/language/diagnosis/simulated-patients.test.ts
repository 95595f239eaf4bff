import { expect, it } from "vitest";
import type { FindingsModel } from "./findings-model.ts";
import { confidenceThreshold, inquire, type RecordedPatient } from "./simulated-patients.ts";

/** One finding tells the condition, nineteen others tell nothing. */
const findings = Array.from({ length: 20 }, (_, i) => `f${i}`);
const model: FindingsModel = {
  findings,
  conditions: ["a", "b"],
  probabilities: (cases) =>
    Promise.resolve(
      cases.map((known) => {
        const p = known.has("f7") ? (known.get("f7") ? 0.95 : 0.05) : 0.5;
        return Float32Array.of(1 - p, p);
      }),
    ),
  release: () => Promise.resolve(),
};
const patients = Array.from({ length: 30 }, (_, i): RecordedPatient => {
  const record = new Map(findings.map((name) => [name, i % 2 === 1]));
  return { told: new Map(), record, condition: i % 2 };
});

it("needs one question where what tells most is asked, and many where anything is", async () => {
  const best = await inquire(model, patients, { choose: "information", threshold: 0.9 });
  expect(best.every(({ questions, rank, hits }) => questions === 1 && rank === 1 && hits === 1)).toBe(true);
  const random = await inquire(model, patients, { choose: "random", threshold: 0.9, mostQuestions: 20 });
  expect(random.every(({ rank }) => rank === 1)).toBe(true);
  const mean = random.reduce((sum, { questions }) => sum + questions, 0) / random.length;
  expect(mean).toBeGreaterThan(6);
  const silent = patients.map((one) => ({ ...one, record: new Map<string, boolean>() }));
  const unanswered = await inquire(model, silent, { choose: "information", threshold: 0.9 });
  // What was asked in vain is not asked again, and nothing else tells anything.
  expect(unanswered.every(({ questions, hits }) => questions === 1 && hits === 0)).toBe(true);
});

it("finds the lowest confidence that is right often enough", () => {
  const cases = [
    { probability: 0.9, rank: 1 },
    { probability: 0.8, rank: 1 },
    { probability: 0.7, rank: 2 },
    { probability: 0.7, rank: 1 },
    { probability: 0.5, rank: 3 },
  ];
  expect(confidenceThreshold(cases, 0.75)).toBe(0.7);
  expect(confidenceThreshold(cases, 1)).toBe(0.8);
  expect(confidenceThreshold([{ probability: 0.9, rank: 2 }], 0.5)).toBe(Number.POSITIVE_INFINITY);
});
