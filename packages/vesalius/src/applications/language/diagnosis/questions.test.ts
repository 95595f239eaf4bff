import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { FindingsModel } from "./findings-model.ts";
import { entropy, impliedProbability, rankQuestions } from "./questions.ts";

/** Bayes' rule over findings that are independent given the condition: what a model that learned all would answer. */
function exact(prior: readonly number[], shares: readonly (readonly number[])[]): FindingsModel {
  const findings = shares.map((_, i) => `f${i}`);
  return {
    findings,
    conditions: prior.map((_, i) => `c${i}`),
    probabilities: (cases) =>
      Promise.resolve(
        cases.map((known) => {
          const joint = prior.map((p, condition) =>
            findings.reduce((product, name, i) => {
              const share = shares[i]![condition]!;
              const state = known.get(name);
              return state === undefined ? product : product * (state ? share : 1 - share);
            }, p),
          );
          const total = joint.reduce((sum, one) => sum + one, 0);
          return Float32Array.from(joint, (one) => one / total);
        }),
      ),
    release: () => Promise.resolve(),
  };
}

const share = fc.double({ min: 0.05, max: 0.95, noNaN: true });

it("finds the mutual information of finding and condition from answers alone", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(share, share, share), { minLength: 1, maxLength: 4 }), async (shares) => {
      const prior = [0.5, 0.3, 0.2];
      const model = exact(prior, shares);
      const ranked = await rankQuestions(model, new Map(), Float32Array.from(prior));
      for (const { finding, gain, probability } of ranked) {
        const own = shares[Number(finding.slice(1))]!;
        const there = prior.reduce((sum, p, i) => sum + p * own[i]!, 0);
        const expected =
          entropy(prior) -
          there * entropy(prior.map((p, i) => (p * own[i]!) / there)) -
          (1 - there) * entropy(prior.map((p, i) => (p * (1 - own[i]!)) / (1 - there)));
        expect(gain).toBeCloseTo(expected, 3);
        // What tells nothing does not say how probable it is either.
        if (expected > 0.01) expect(probability).toBeCloseTo(there, 2);
      }
      expect(ranked.map(({ gain }) => gain)).toEqual(ranked.map(({ gain }) => gain).sort((a, b) => b - a));
    }),
    { numRuns: 40 },
  );
});

it("asks for nothing that is known or was asked", async () => {
  const model = exact(
    [0.5, 0.5],
    [
      [0.9, 0.1],
      [0.6, 0.4],
      [0.5, 0.5],
    ],
  );
  const known = new Map([["f0", true]]);
  const [now] = await model.probabilities([known]);
  const ranked = await rankQuestions(model, known, now!, new Set(["f1"]));
  expect(ranked.map(({ finding, gain }) => [finding, Math.round(1e6 * gain)])).toEqual([["f2", 0]]);
  expect(impliedProbability([0.5, 0.5], [0.5, 0.5], [0.5, 0.5])).toBe(0.5);
});
