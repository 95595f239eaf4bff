import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { applyTransforms } from "./apply-transforms.test.helper.ts";
import type { Spec } from "../../common/catalogue.ts";

const grey = Float32Array.from({ length: 256 }, (_, i) => i / 255);

function apply(spec: Spec, pixels: Float32Array, seed: number): Float32Array {
  return applyTransforms({ channels: 1, height: 1, width: pixels.length, pixels }, [spec], randomStream(seed)).pixels;
}

describe("randomIntensity", () => {
  it("raises to the exponent within a tenth of a grey level", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 3, noNaN: true }), fc.integer(), (exponent, seed) => {
        const spec = {
          name: "randomIntensity",
          brightness: 0,
          contrast: 0,
          gamma: [exponent, exponent],
        } satisfies Spec;
        for (const [i, value] of apply(spec, grey, seed).entries()) {
          expect(Math.abs(value - grey[i]! ** exponent)).toBeLessThan(0.1 / 255);
        }
      }),
    );
  });

  it("scales brightness by a factor of its interval", () => {
    const factors = Array.from(
      { length: 200 },
      (_, seed) =>
        apply({ name: "randomIntensity", brightness: 0.4, contrast: 0 }, Float32Array.of(0.5), seed)[0]! / 0.5,
    );
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.6);
    expect(Math.max(...factors)).toBeLessThanOrEqual(1.4 + 1e-6);
    expect(Math.max(...factors) - Math.min(...factors)).toBeGreaterThan(0.7);
  });

  it("stretches contrast about the mean, which stays where nothing is clipped", () => {
    for (let seed = 0; seed < 50; seed++) {
      const [low, high] = apply(
        { name: "randomIntensity", brightness: 0, contrast: 0.5 },
        Float32Array.of(0.4, 0.6),
        seed,
      );
      expect((low! + high!) / 2).toBeCloseTo(0.5, 6);
      expect(high! - low!).toBeGreaterThan(0.0999);
      expect(high! - low!).toBeLessThan(0.3001);
    }
  });
});
