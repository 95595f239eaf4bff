import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binProbabilities, countBins, expectedCalibrationError, reliabilityBins } from "./calibration.ts";

describe("reliabilityBins", () => {
  test("puts a probability at an edge into the lower bin, as (lower, upper] says", () => {
    for (let edge = 1; edge <= 10; edge++) {
      const bins = reliabilityBins(Float32Array.of(edge / 10), [1], 10);
      expect(bins.findIndex((bin) => bin.count === 1)).toBe(edge - 1);
    }
    expect(reliabilityBins([0], [0], 10)[0]!.count).toBe(1);
  });

  test("every case lies in the one bin that holds its probability", () => {
    const rows = fc.array(fc.tuple(fc.float({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 1 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 40 }), (drawn, count) => {
        const probabilities = drawn.map(([p]) => p);
        const outcomes = drawn.map(([, outcome]) => outcome);
        const { bin } = binProbabilities(probabilities, outcomes, count);
        for (const [row, index] of bin.entries()) {
          expect(probabilities[row]).toBeLessThanOrEqual(Math.fround((index + 1) / count));
          if (index > 0) expect(probabilities[row]).toBeGreaterThan(Math.fround(index / count));
        }
        const bins = reliabilityBins(probabilities, outcomes, count);
        expect(bins.reduce((sum, one) => sum + one.count, 0)).toBe(drawn.length);
      }),
    );
  });

  test("weighs a case as if it were repeated", () => {
    const weighted = countBins(binProbabilities([0.15, 0.95, 0.35], [0, 1, 1], 5), [2, 1, 0]);
    expect(weighted).toEqual(reliabilityBins([0.15, 0.15, 0.95], [0, 0, 1], 5));
  });

  test("an empty bin has no rate, and a wrong number of bins is refused", () => {
    expect(reliabilityBins([0.9], [1], 2)[0]!.observedRate).toBeNaN();
    expect(() => reliabilityBins([0.9], [1], 0)).toThrow(expect.objectContaining({ code: "bad-argument" }));
  });
});

describe("expectedCalibrationError", () => {
  test("is zero where 80% confidence is right four times in five", () => {
    const probabilities = Array.from({ length: 5 }, () => [0.8, 0.2]).flat();
    expect(expectedCalibrationError({ labels: [0, 0, 0, 0, 1], probabilities, classes: 2 })).toBeCloseTo(0, 12);
  });

  test("is the gap where the confidence is always the same", () => {
    const probabilities = Array.from({ length: 4 }, () => [0.9, 0.1]).flat();
    expect(expectedCalibrationError({ labels: [0, 0, 1, 1], probabilities, classes: 2 })).toBeCloseTo(0.4, 12);
  });
});
