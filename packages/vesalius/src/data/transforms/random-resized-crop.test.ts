import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { applyTransforms } from "./apply-transforms.test.helper.ts";
import type { Spec } from "../../common/catalogue.ts";
import type { FloatImage } from "./apply-transforms.test.helper.ts";

/** Channel 0 rises with x, channel 1 with y, so a crop's corners show where it was taken. */
function coordinates(height: number, width: number): FloatImage {
  const pixels = new Float32Array(2 * height * width);
  for (let i = 0; i < height * width; i++) {
    pixels[i] = (i % width) / width;
    pixels[height * width + i] = Math.floor(i / width) / height;
  }
  return { channels: 2, height, width, pixels };
}

/** Area share and ratio of the crop, from the spread of the coordinates in the result. */
function measured(result: FloatImage): { width: number; height: number } {
  const { height, width, pixels } = result;
  const perColumn = (pixels[width - 1]! - pixels[0]!) / (width - 1);
  const perRow = (pixels[2 * height * width - 1]! - pixels[height * width]!) / (height - 1);
  return { width: perColumn * width, height: perRow * height };
}

describe("randomResizedCrop", () => {
  it("draws areas and ratios over the whole of their intervals and not beyond", () => {
    const source = coordinates(200, 200);
    const crops = Array.from({ length: 300 }, (_, seed) =>
      // Shrunk to half of the smallest crop, so that area averaging leaves the slope of the coordinates as it is.
      measured(
        applyTransforms(
          source,
          [{ name: "randomResizedCrop", scale: [0.25, 0.5], ratio: [0.5, 2], size: { height: 20, width: 20 } }],
          randomStream(seed),
        ),
      ),
    );
    const areas = crops.map(({ width, height }) => width * height);
    const ratios = crops.map(({ width, height }) => width / height);
    expect(Math.min(...areas)).toBeGreaterThan(0.24);
    expect(Math.max(...areas)).toBeLessThan(0.51);
    expect(Math.max(...areas) - Math.min(...areas)).toBeGreaterThan(0.2);
    expect(Math.min(...ratios)).toBeGreaterThan(0.48);
    expect(Math.max(...ratios)).toBeLessThan(2.07);
    expect(Math.min(...ratios)).toBeLessThan(0.6);
    expect(Math.max(...ratios)).toBeGreaterThan(1.6);
  });

  it("falls back to the largest centred crop where no drawn one fits", () => {
    const source = coordinates(10, 100);
    const spec: Spec = {
      name: "randomResizedCrop",
      scale: [1, 1],
      ratio: [0.9, 1.1],
      size: { height: 10, width: 11 },
    };
    const { pixels } = applyTransforms(source, [spec], randomStream(3));
    // Columns 44 to 54 of 100, all rows.
    expect(pixels[0]).toBeCloseTo(0.44, 6);
    expect(pixels[10]).toBeCloseTo(0.54, 6);
    expect(pixels[2 * 110 - 1]).toBeCloseTo(0.9, 6);
  });
});
