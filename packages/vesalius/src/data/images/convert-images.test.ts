import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conversionCautions, convertImage, convertImages } from "./convert-images.ts";
import { failure } from "../data.test.helper.ts";
import type { ImageShape } from "./image-shape.ts";

function convert(pixels: number[], from: ImageShape, to: ImageShape): number[] {
  const target = new Uint8Array(to.channels * to.height * to.width);
  convertImage(Uint8Array.from(pixels), from, to, target);
  return Array.from(target);
}

const grey = (height: number, width: number): ImageShape => ({ channels: 1, height, width });
const colour = (height: number, width: number): ImageShape => ({ channels: 3, height, width });

describe("convertImage", () => {
  it("averages areas when shrinking, also by factors that are no whole number", () => {
    expect(convert([10, 20, 30, 40], grey(2, 2), grey(1, 1))).toEqual([25]);
    // Three pixels to two: each covers one and a half, (0 + 60/2) / 1.5 and (60/2 + 120) / 1.5.
    expect(convert([0, 60, 120], grey(1, 3), grey(1, 2))).toEqual([20, 100]);
  });

  it("gives the luma of ITU-R BT.601 for colour, and repeats grey", () => {
    expect(convert([255, 0, 0, 0, 255, 0, 0, 0, 255], colour(1, 3), grey(1, 3))).toEqual([76, 150, 29]);
    expect(convert([1, 2], grey(1, 2), colour(1, 2))).toEqual([1, 2, 1, 2, 1, 2]);
  });

  it("keeps the values of an image whose shape stays", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (pixels) => {
        expect(convert([...pixels], grey(2, 3), grey(2, 3))).toEqual([...pixels]);
      }),
    );
  });

  it("stays between the darkest and the brightest value at any size", () => {
    const side = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), side, side, (pixels, height, width) => {
        const converted = convert([...pixels], grey(4, 5), grey(height, width));
        expect(Math.min(...converted)).toBeGreaterThanOrEqual(Math.min(...pixels));
        expect(Math.max(...converted)).toBeLessThanOrEqual(Math.max(...pixels));
      }),
    );
  });

  it("refuses two or four channels", async () => {
    const error = await failure(() => convert([1, 2], { channels: 2, height: 1, width: 1 }, grey(1, 1)));
    expect(error.code).toBe("shape-mismatch");
  });
});

describe("convertImages", () => {
  it("converts every image into shared memory, and leaves an equal shape as it is", () => {
    const pixels = Uint8Array.of(0, 100, 50, 70);
    const converted = convertImages(pixels, grey(1, 2), grey(1, 1));
    expect(converted).toEqual(Uint8Array.of(50, 60));
    expect(converted.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(convertImages(pixels, grey(1, 2), grey(1, 2))).toBe(pixels);
  });
});

describe("conversionCautions", () => {
  it("count what is made smaller or grey, and nothing that loses nothing", () => {
    const before = [colour(4, 4), colour(4, 4), grey(2, 2), grey(2, 2)];
    const after = [grey(4, 4), grey(4, 4), grey(3, 3), colour(2, 2)];
    expect(conversionCautions(before, after)).toEqual(["Images of 4 x 4 colour read as 4 x 4 grey (2)."]);
  });
});
