import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { applyTransforms } from "./apply-transforms.test.helper.ts";

/** A bright dot to the right of the centre of a dark image. */
function dot(side: number): { channels: number; height: number; width: number; pixels: Float32Array } {
  const pixels = new Float32Array(side * side);
  pixels[((side - 1) / 2) * side + side - 4] = 1;
  return { channels: 1, height: side, width: side, pixels };
}

/** Angle of the bright pixels' centre about the image's centre, in degrees. */
function angle(pixels: Float32Array, side: number): number {
  let x = 0;
  let y = 0;
  for (const [i, value] of pixels.entries()) {
    x += value * ((i % side) - (side - 1) / 2);
    y += value * (Math.floor(i / side) - (side - 1) / 2);
  }
  return (Math.atan2(y, x) * 180) / Math.PI;
}

describe("randomRotation", () => {
  it("turns by angles over the whole interval, either way, and not beyond", () => {
    const angles = Array.from({ length: 200 }, (_, seed) =>
      angle(applyTransforms(dot(31), [{ name: "randomRotation", degrees: 30 }], randomStream(seed)).pixels, 31),
    );
    expect(Math.max(...angles)).toBeLessThan(31);
    expect(Math.max(...angles)).toBeGreaterThan(25);
    expect(Math.min(...angles)).toBeGreaterThan(-31);
    expect(Math.min(...angles)).toBeLessThan(-25);
  });
});
