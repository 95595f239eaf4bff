import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../../common/random.ts";
import { sortColumn } from "../sorted-column.ts";
import { breslowBaseline, survivalOfBaseline } from "./baseline-hazard.ts";
import { concordanceIndex } from "./concordance.ts";
import { coxRegression } from "./cox-regression.ts";
import { kaplanMeier } from "./kaplan-meier.ts";
import { partialLikelihood } from "./partial-likelihood.ts";
import { stepValue } from "./step-function.ts";
import { drawnCases, mercaptopurine, placebo } from "./survival.test.helper.ts";

const both = {
  time: [...Array.from(mercaptopurine.time), ...Array.from(placebo.time)],
  event: [...Array.from(mercaptopurine.event), ...Array.from(placebo.event)],
};
const treated = both.time.map((_, row) => (row < mercaptopurine.time.length ? 1 : 0));

/** Cases whose hazard grows with the first of two covariates, some of them censored. */
function drawn(count: number) {
  const random = randomStream(3, "cox");
  const covariates = Float64Array.from({ length: 2 * count }, (_, i) => random.normal() * (i % 2 === 0 ? 1 : 50));
  const times = Float64Array.from(
    { length: count },
    (_, row) => -Math.log(1 - random.uniform()) / Math.exp(0.8 * covariates[2 * row]!),
  );
  const ends = times.map(() => 2 * random.uniform());
  return {
    covariates,
    time: times.map((time, row) => Math.min(time, ends[row]!)),
    event: times.map((time, row) => (time <= ends[row]! ? 1 : 0)),
  };
}

describe("coxRegression", () => {
  test.each([
    ["efron", 1.5721, 0.4124],
    ["breslow", 1.5092, 0.4096],
  ] as const)("gives the published hazard ratio of the 6-mercaptopurine trial (%s)", (ties, log, standardError) => {
    const { coefficients, standardErrors } = coxRegression(treated, both, { ties });
    expect(-coefficients[0]!).toBeCloseTo(log, 4);
    expect(standardErrors[0]).toBeCloseTo(standardError, 4);
  });

  test("finds the coefficients that the cases were drawn with, whatever the units", () => {
    const { covariates, time, event } = drawn(2000);
    const model = coxRegression(covariates, { time, event });
    expect(Math.abs(model.coefficients[0]! - 0.8)).toBeLessThan(3 * model.standardErrors[0]!);
    expect(Math.abs(model.coefficients[1]!)).toBeLessThan(3 * model.standardErrors[1]!);
    const scaled = coxRegression(
      covariates.map((value, i) => (i % 2 === 0 ? 1000 * value + 7 : value)),
      { time, event },
    );
    expect(1000 * scaled.coefficients[0]!).toBeCloseTo(model.coefficients[0]!, 9);
    expect(concordanceIndex({ time, event, risk: model.risk(covariates) }).index).toBeGreaterThan(0.65);
    const survival = model.survival(covariates.subarray(0, 2), [0, 0.5, 1]);
    expect(survival[0]).toBe(1);
    expect(survival[1]).toBeGreaterThan(survival[2]!);
  });

  test("a ridge shrinks, and determines what the cases do not", () => {
    const { covariates, time, event } = drawn(200);
    const size = (ridge: number) => Math.abs(coxRegression(covariates, { time, event }, { ridge }).coefficients[0]!);
    expect(size(1)).toBeLessThan(size(0.1));
    expect(size(0.1)).toBeLessThan(size(0));
    const twice = Float64Array.from(covariates, (_, i) => covariates[2 * Math.floor(i / 2)]!);
    expect(() => coxRegression(twice, { time, event })).toThrow(/follow from others/);
    const [first, second] = coxRegression(twice, { time, event }, { ridge: 0.01 }).coefficients;
    expect(first).toBeCloseTo(second!, 9);
    const constant = covariates.map((value, i) => (i % 2 === 0 ? value : 4));
    expect(coxRegression(constant, { time, event }, { ridge: 0.01 }).coefficients[1]).toBe(0);
  });

  test.each([
    ["no event", [1, 2, 3], { time: [1, 2, 3], event: [0, 0, 0] }, {}, "bad-data"],
    ["covariates that separate the events", [3, 2, 1], { time: [1, 2, 3], event: [1, 1, 0] }, {}, "bad-data"],
    ["a covariate that is missing", [1, NaN, 3], { time: [1, 2, 3], event: [1, 1, 0] }, {}, "not-a-number"],
    ["a broken block", [1, 2, 3, 4], { time: [1, 2, 3], event: [1, 1, 0] }, {}, "shape-mismatch"],
    ["a negative ridge", [1, 2, 3], { time: [1, 2, 3], event: [1, 1, 0] }, { ridge: -1 }, "bad-argument"],
  ])("refuses %s", (_, covariates, data, options, code) => {
    expect(() => coxRegression(covariates, data, options)).toThrow(
      expect.objectContaining({ code, fix: expect.any(String) }),
    );
  });

  test("refuses covariates of another width when asked for risks", () => {
    const model = coxRegression(treated, both);
    expect(model.risk([0, 1])).toHaveLength(2);
    const two = drawn(50);
    expect(() => coxRegression(two.covariates, two).risk([1, 2, 3])).toThrow(
      expect.objectContaining({ code: "shape-mismatch" }),
    );
  });
});

describe("partialLikelihood", () => {
  test.each(["efron", "breslow"] as const)("has the derivatives that differences give (%s)", (ties) => {
    fc.assert(
      fc.property(
        drawnCases,
        fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true })),
        (cases, at) => {
          const covariates = Float64Array.from(cases.risk.flatMap((risk, row) => [risk, cases.weights[row]!]));
          const sorted = sortColumn(cases.time);
          const evaluate = (point: readonly number[]) =>
            partialLikelihood(covariates, cases, sorted, Float64Array.from(point), ties);
          const { gradient, information } = evaluate(at);
          const step = 1e-5;
          for (const i of [0, 1]) {
            const [up, down] = [step, -step].map((shift) =>
              evaluate(at.map((value, j) => (j === i ? value + shift : value))),
            );
            expect(gradient[i]).toBeCloseTo((up!.value - down!.value) / (2 * step), 4);
            for (const j of [0, 1]) {
              expect(-information[2 * i + j]!).toBeCloseTo((up!.gradient[j]! - down!.gradient[j]!) / (2 * step), 4);
            }
          }
        },
      ),
    );
  });
});

describe("breslowBaseline", () => {
  test("is the Nelson-Aalen estimate where all risks are equal", () => {
    fc.assert(
      fc.property(drawnCases, ({ time, event }) => {
        const baseline = breslowBaseline(
          { time, event },
          time.map(() => 0),
        );
        const { times, events, atRisk } = kaplanMeier({ time, event });
        let hazard = 0;
        for (const [step, when] of times.entries()) {
          hazard += events[step]! / atRisk[step]!;
          expect(stepValue(baseline, when)).toBeCloseTo(hazard, 12);
        }
        expect(stepValue(baseline, 0)).toBe(0);
      }),
    );
  });

  test("survival does not depend on what log-risk 0 means", () => {
    fc.assert(
      fc.property(drawnCases, ({ time, event, risk }) => {
        const survival = (shift: number) => {
          const moved = risk.map((value) => value + shift);
          return survivalOfBaseline(breslowBaseline({ time, event }, moved), moved, [0, 3, 9]);
        };
        const moved = survival(1.5);
        for (const [i, share] of survival(0).entries()) expect(moved[i]).toBeCloseTo(share, 10);
      }),
    );
  });
});
