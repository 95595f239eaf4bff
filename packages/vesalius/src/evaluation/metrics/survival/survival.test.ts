import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../../common/random.ts";
import { brierSurvivalStatistic } from "./brier.ts";
import { concordanceIndex, concordanceStatistic, unoConcordanceStatistic } from "./concordance.ts";
import { dynamicAucStatistic } from "./dynamic-auc.ts";
import { evaluationTimes } from "./follow-up.ts";
import { kaplanMeier } from "./kaplan-meier.ts";
import { drawnCases, mercaptopurine, repeated } from "./survival.test.helper.ts";

describe("kaplanMeier", () => {
  test("gives the published curve and interval of the 6-mercaptopurine trial", () => {
    const { times, atRisk, events, survival, lower, upper } = kaplanMeier(mercaptopurine);
    const rounded = (values: Float64Array) => Array.from(values, (value) => Number(value.toFixed(3)));
    const steps = Array.from(events, (count, step) => (count > 0 ? step : -1)).filter((step) => step >= 0);
    const at = (values: Float64Array) => steps.map((step) => rounded(values)[step]);
    expect(at(times)).toEqual([6, 7, 10, 13, 16, 22, 23]);
    expect(at(atRisk)).toEqual([21, 17, 15, 12, 11, 7, 6]);
    expect(at(survival)).toEqual([0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448]);
    expect(at(lower)).toEqual([0.62, 0.563, 0.503, 0.432, 0.368, 0.268, 0.188]);
    expect(at(upper)).toEqual([0.952, 0.923, 0.889, 0.849, 0.805, 0.747, 0.68]);
  });

  test("falls from 1, lies in its interval, and weighs a case as if it were repeated", () => {
    fc.assert(
      fc.property(drawnCases, ({ time, event, weights }) => {
        const curve = kaplanMeier({ time, event });
        for (const [step, share] of curve.survival.entries()) {
          expect(share).toBeLessThanOrEqual(curve.survival[step - 1] ?? 1);
          if (share === 0) continue;
          expect(curve.lower[step]).toBeLessThanOrEqual(share);
          expect(curve.upper[step]).toBeGreaterThanOrEqual(share);
        }
        if (!weights.some((weight) => weight > 0)) return;
        const copies = kaplanMeier({ time: repeated(time, weights), event: repeated(event, weights) });
        const weighted = kaplanMeier({ time, event }, { weights });
        for (const [step, when] of copies.times.entries()) {
          const same = weighted.times.indexOf(when);
          expect(weighted.survival[same]).toBeCloseTo(copies.survival[step]!, 12);
          expect(weighted.atRisk[same]).toBe(copies.atRisk[step]);
        }
      }),
    );
  });
});

describe("concordance", () => {
  test("is the share of pairs, found by looking at all of them", () => {
    fc.assert(
      fc.property(drawnCases, ({ time, event, risk, weights }) => {
        let [right, all] = [0, 0];
        for (const i of time.keys()) {
          for (const j of time.keys()) {
            if (event[i] !== 1 || !(time[i]! < time[j]! || (time[i] === time[j] && event[j] === 0))) continue;
            const weight = weights[i]! * weights[j]!;
            all += weight;
            right += weight * (risk[i]! > risk[j]! ? 1 : risk[i] === risk[j] ? 0.5 : 0);
          }
        }
        const index = concordanceStatistic({ time, event, risk })(weights);
        if (all === 0) expect(index).toBeNaN();
        else expect(index).toBeCloseTo(right / all, 12);
      }),
    );
  });

  test("Uno's index is Harrell's where nobody was censored, and counts only events before `until`", () => {
    fc.assert(
      fc.property(drawnCases, fc.integer({ min: 2, max: 8 }), ({ time, risk }, until) => {
        const data = { time, risk, event: time.map(() => 1) };
        expect(unoConcordanceStatistic(data, { censoring: data })()).toBe(concordanceStatistic(data)());
        const early = { ...data, event: time.map((when) => (when < until ? 1 : 0)) };
        // Who had the event later is still known to have outlived the others.
        const found = unoConcordanceStatistic(data, { censoring: data, until })();
        const expected = concordanceStatistic(early)();
        if (Number.isNaN(expected)) expect(found).toBeNaN();
        else expect(found).toBeCloseTo(expected, 12);
      }),
    );
  });

  test("2,000 cases take milliseconds a resample", () => {
    const random = randomStream(1, "concordance");
    const column = (draw: () => number) => Float64Array.from({ length: 2000 }, draw);
    const statistic = concordanceStatistic({
      time: column(() => random.uniform()),
      event: column(() => random.integer(2)),
      risk: column(() => random.normal()),
    });
    let milliseconds = Infinity;
    for (let run = 0; run < 20; run++) {
      const began = performance.now();
      expect(statistic()).toBeCloseTo(0.5, 1);
      milliseconds = Math.min(milliseconds, performance.now() - began);
    }
    // About 1 ms; all pairs one by one would take some 10 ms.
    expect(milliseconds).toBeLessThan(50);
  });

  test.each([
    ["unequal lengths", { time: [1, 2], event: [1], risk: [0, 1] }, "shape-mismatch"],
    ["an event that is neither 0 nor 1", { time: [1, 2], event: [1, 2], risk: [0, 1] }, "bad-data"],
    ["a negative time", { time: [-1, 2], event: [1, 1], risk: [0, 1] }, "bad-data"],
    ["a missing time", { time: [NaN, 2], event: [1, 1], risk: [0, 1] }, "not-a-number"],
    ["a risk that is not a number", { time: [1, 2], event: [1, 1], risk: [0, NaN] }, "not-a-number"],
    ["no cases", { time: [], event: [], risk: [] }, "bad-data"],
    ["only censored cases", { time: [1, 2], event: [0, 0], risk: [0, 1] }, "bad-data"],
  ])("refuses %s", (_, data, code) => {
    expect(() => concordanceIndex(data)).toThrow(expect.objectContaining({ code, fix: expect.any(String) }));
  });
});

describe("metrics weighted by inverse probability of censoring", () => {
  const times = [2.5, 4, 6.5];
  const survivalOf = (risk: readonly number[]) =>
    risk.flatMap((value) => times.map((time) => Math.exp(-time * Math.exp(value) * 0.1)));
  const censoring = { time: [1, 2, 3, 4, 5, 6, 7, 8, 9], event: [1, 0, 1, 0, 1, 1, 0, 1, 1] };

  test("weigh a case as if it were repeated", () => {
    fc.assert(
      fc.property(drawnCases, ({ time, event, risk, weights }) => {
        if (!weights.some((weight) => weight > 0)) return;
        const data = { time, event, risk, times, survival: survivalOf(risk) };
        const copies = {
          time: repeated(time, weights),
          event: repeated(event, weights),
          risk: repeated(risk, weights),
          survival: repeated(data.survival, weights, times.length),
          times,
        };
        const close = (found: number, expected: number) =>
          Number.isNaN(expected) ? expect(found).toBeNaN() : expect(found).toBeCloseTo(expected, 10);
        const [brier, brierOfCopies] = [data, copies].map((one) => brierSurvivalStatistic(one, { censoring }));
        const [auc, aucOfCopies] = [data, copies].map((one) => dynamicAucStatistic(one, { censoring }));
        const [uno, unoOfCopies] = [data, copies].map((one) => unoConcordanceStatistic(one, { censoring }));
        close(brier!(weights).integrated, brierOfCopies!().integrated);
        close(auc!(weights).mean, aucOfCopies!().mean);
        close(uno!(weights), unoOfCopies!());
        for (const step of times.keys()) {
          close(brier!(weights).atTimes[step]!, brierOfCopies!().atTimes[step]!);
          close(auc!(weights).atTimes[step]!, aucOfCopies!().atTimes[step]!);
        }
      }),
    );
  });

  test("without censoring the Brier score is the mean squared error, and the AUC the share of pairs", () => {
    const data = { time: [1, 3, 5], event: [1, 1, 1], times: [2, 4], survival: [0.4, 0.2, 0.9, 0.5, 1, 0.6] };
    const { atTimes, integrated } = brierSurvivalStatistic(data, { censoring: data })();
    expect(atTimes[0]).toBeCloseTo((0.16 + 0.01 + 0) / 3, 12);
    expect(atTimes[1]).toBeCloseTo((0.04 + 0.25 + 0.16) / 3, 12);
    expect(integrated).toBeCloseTo((atTimes[0]! + atTimes[1]!) / 2, 12);
    const areas = dynamicAucStatistic({ ...data, risk: [2, 1, 1] }, { censoring: data })();
    expect([...areas.atTimes]).toEqual([1, 0.75]);
  });

  test("refuse what is no probability, times that do not rise, and another number of rows", () => {
    const data = { time: [1, 3], event: [1, 1], times: [2, 4], survival: [0.4, 0.2, 0.9, 0.5], risk: [1, 2] };
    const wrong = (change: object) => () => brierSurvivalStatistic({ ...data, ...change }, { censoring: data });
    expect(wrong({ survival: [0.4, 0.2, 1.9, 0.5] })).toThrow(/row 1, time 0/);
    expect(wrong({ survival: [0.4, 0.2, NaN, 0.5] })).toThrow(expect.objectContaining({ code: "not-a-number" }));
    expect(wrong({ survival: [0.4] })).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
    expect(wrong({ times: [4, 2] })).toThrow(expect.objectContaining({ code: "bad-argument" }));
    expect(() => dynamicAucStatistic({ ...data, risk: [1, 2, 3] }, { censoring: data })).toThrow(
      expect.objectContaining({ code: "shape-mismatch" }),
    );
  });
});

describe("evaluationTimes", () => {
  test("rise evenly between the quantiles, and stop before the end of the study", () => {
    const time = Array.from({ length: 11 }, (_, i) => i);
    expect([...evaluationTimes({ time }, { count: 3 })]).toEqual([1, 5, 9]);
    expect([...evaluationTimes({ time: [...time, 10, 10, 10] }, { count: 2 })][1]).toBe(9);
    expect(() => evaluationTimes({ time: [3, 3, 3] })).toThrow(expect.objectContaining({ code: "bad-data" }));
  });
});
