import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import { bootstrapInterval, pairedBootstrapDifference, percentileInterval } from "./bootstrap.ts";
import { rocAucStatistic } from "../metrics/roc.ts";
import { weightedMean } from "../metrics/weighted-mean.ts";
import { bootstrapWeights, type ResamplingOptions } from "./resampling.ts";

const resamplesOf = (options: ResamplingOptions) =>
  Array.from(bootstrapWeights(options), (weights) => Array.from(weights));

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

describe("bootstrapWeights", () => {
  test("draws as many cases as there are, as many of each class as there are", () => {
    const strata = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(strata, fc.nat(), (classes, seed) => {
        for (const weights of resamplesOf({ count: classes.length, strata: classes, seed, resamples: 5 })) {
          for (const label of new Set(classes)) {
            const drawn = sum(weights.filter((_, row) => classes[row] === label));
            expect(drawn).toBe(classes.filter((other) => other === label).length);
          }
        }
      }),
    );
  });

  test("draws whole groups, as many as there are", () => {
    const groups = fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(groups, fc.nat(), (names, seed) => {
        for (const weights of resamplesOf({ count: names.length, groups: names, seed, resamples: 5 })) {
          const timesDrawn = [...new Set(names)].map((name) => {
            const members = weights.filter((_, row) => names[row] === name);
            expect(new Set(members).size).toBe(1);
            return members[0]!;
          });
          expect(sum(timesDrawn)).toBe(new Set(names).size);
        }
      }),
    );
  });

  test("never loses a rare class that sits inside mixed groups", () => {
    const groups = ["p1", "p1", "p2", "p2", "p3", "p3", "p4", "p5"];
    const strata = [0, 1, 0, 0, 0, 0, 0, 0];
    for (const weights of resamplesOf({ count: 8, groups, strata, resamples: 50 })) {
      expect(weights[1]).toBeGreaterThan(0);
    }
  });

  test("is the same for the same seed and another for another", () => {
    const options = { count: 30, resamples: 3 };
    expect(resamplesOf({ ...options, seed: 4 })).toEqual(resamplesOf({ ...options, seed: 4 }));
    expect(resamplesOf({ ...options, seed: 4 })).not.toEqual(resamplesOf({ ...options, seed: 5 }));
  });

  test.each([
    [{ count: 0 }, "bad-data"],
    [{ count: 3, resamples: 0 }, "bad-argument"],
    [{ count: 3, groups: ["a"] }, "shape-mismatch"],
    [{ count: 3, strata: [0, 1] }, "shape-mismatch"],
  ])("refuses %j", (options, code) => {
    expect(() => resamplesOf(options)).toThrow(expect.objectContaining({ code }));
  });
});

describe("bootstrapInterval", () => {
  test("covers the true mean about as often as it says", () => {
    const random = randomStream(3, "coverage");
    let covered = 0;
    for (let trial = 0; trial < 200; trial++) {
      const values = Float64Array.from({ length: 60 }, () => random.normal() + 1);
      const { lower, upper } = bootstrapInterval((weights) => weightedMean(values, weights), {
        count: 60,
        resamples: 400,
        seed: trial,
      });
      if (lower <= 1 && upper >= 1) covered += 1;
    }
    // Binomial(200, 0.95) has a standard deviation of 3; the percentile interval covers slightly less than it says.
    expect(covered).toBeGreaterThan(178);
    expect(covered).toBeLessThan(199);
  });

  test("is wider where the cases of a patient repeat each other", () => {
    const random = randomStream(5, "patients");
    const patients = Array.from({ length: 40 }, () => random.normal());
    const values = patients.flatMap((value) => [value, value, value, value]);
    const groups = patients.flatMap((_, patient) => Array<string>(4).fill(`p${patient}`));
    const mean = (weights?: ArrayLike<number>) => weightedMean(values, weights);
    const width = ({ lower, upper }: { lower: number; upper: number }) => upper - lower;
    const naive = width(bootstrapInterval(mean, { count: 160 }));
    const grouped = width(bootstrapInterval(mean, { count: 160, groups }));
    expect(grouped / naive).toBeGreaterThan(1.7);
    expect(grouped / naive).toBeLessThan(2.3);
  });

  test("of the area under the ROC curve agrees with the formula of Hanley and McNeil", () => {
    const random = randomStream(9, "auc");
    const labels = Array.from({ length: 1000 }, (_, row) => row % 2);
    const scores = labels.map((label) => random.normal() + label);
    const { estimate, lower, upper } = bootstrapInterval(rocAucStatistic(labels, scores), {
      count: 1000,
      strata: labels,
    });
    const q1 = estimate / (2 - estimate);
    const q2 = (2 * estimate ** 2) / (1 + estimate);
    const variance = (estimate * (1 - estimate) + 499 * (q1 - estimate ** 2 + q2 - estimate ** 2)) / (500 * 500);
    expect((upper - lower) / (2 * 1.96 * Math.sqrt(variance))).toBeGreaterThan(0.9);
    expect((upper - lower) / (2 * 1.96 * Math.sqrt(variance))).toBeLessThan(1.1);
  });

  test("has no ends where a stratum, or the groups, are too few", () => {
    // One positive of a thousand stays in every resample.
    const labels = Array.from({ length: 1000 }, (_, row) => (row === 0 ? 1 : 0));
    const scores = labels.map((label, row) => (label === 1 ? 0.48 : (row % 97) / 194));
    const statistic = rocAucStatistic(labels, scores);
    const options = { count: 1000, strata: labels, resamples: 50 };
    expect(bootstrapInterval(statistic, options)).toMatchObject({ lower: NaN, upper: NaN });
    expect(bootstrapInterval(statistic, options).estimate).toBeCloseTo(0.97, 2);
    const groups = labels.map((_, row) => `p${row % 9}`);
    const mean = (weights?: ArrayLike<number>) => weightedMean(scores, weights);
    expect(bootstrapInterval(mean, { count: 1000, groups, resamples: 50 })).toMatchObject({ lower: NaN, upper: NaN });
  });

  test("leaves out resamples that do not define the figure, and refuses an impossible confidence", () => {
    expect(percentileInterval(Float64Array.of(NaN, 3, 1, 2))).toEqual({ lower: 1.05, upper: 2.95 });
    expect(percentileInterval(Float64Array.of(NaN))).toEqual({ lower: NaN, upper: NaN });
    expect(() => percentileInterval(Float64Array.of(1), { confidence: 1 })).toThrow(/between 0 and 1/);
  });
});

describe("pairedBootstrapDifference", () => {
  const random = randomStream(1, "models");
  const labels = Array.from({ length: 400 }, (_, row) => row % 2);
  const signal = labels.map((label) => label + random.normal());
  const worse = signal.map((value) => value + random.normal());

  test("finds the better of two models, with a narrower interval than two separate ones", () => {
    const options = { count: 400, strata: labels, seed: 2 };
    const better = rocAucStatistic(labels, signal);
    const difference = pairedBootstrapDifference(better, rocAucStatistic(labels, worse), options);
    expect(difference.estimate).toBeCloseTo(difference.first - difference.second, 12);
    expect(difference.lower).toBeGreaterThan(0);
    expect(difference.pValue).toBeLessThan(0.01);
    const alone = bootstrapInterval(better, options);
    expect(difference.upper - difference.lower).toBeLessThan(2 * (alone.upper - alone.lower));
  });

  test("of a model with itself is nothing", () => {
    const model = rocAucStatistic(labels, signal);
    const same = pairedBootstrapDifference(model, model, { count: 400, resamples: 50 });
    expect(same).toMatchObject({ estimate: 0, lower: NaN, upper: NaN, pValue: 1 });
  });
});
