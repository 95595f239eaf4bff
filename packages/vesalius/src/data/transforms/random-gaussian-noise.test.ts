import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { applyTransforms } from "./apply-transforms.test.helper.ts";

describe("randomGaussianNoise", () => {
  it("has the stated standard deviation and no bias", () => {
    const pixels = new Float32Array(100 * 100).fill(0.5);
    const spec = { name: "randomGaussianNoise", standardDeviation: 0.1, probability: 1 } as const;
    const noisy = applyTransforms({ channels: 1, height: 100, width: 100, pixels }, [spec], randomStream(5)).pixels;
    const mean = noisy.reduce((sum, value) => sum + value, 0) / noisy.length;
    const variance = noisy.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noisy.length;
    // Four standard errors over 10,000 draws: 0.004 of the mean, 0.0028 of the deviation.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.004);
    expect(Math.abs(Math.sqrt(variance) - 0.1)).toBeLessThan(0.0028);
  });
});
