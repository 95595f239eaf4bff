import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { applyTransforms } from "./apply-transforms.test.helper.ts";

describe("randomTranslation", () => {
  it("moves the image by whole pixels within its share, and both axes on their own", () => {
    const pixels = new Float32Array(10 * 20);
    pixels[5 * 20 + 10] = 1;
    const places = Array.from({ length: 200 }, (_, seed) => {
      const image = { channels: 1, height: 10, width: 20, pixels };
      const moved = applyTransforms(
        image,
        [{ name: "randomTranslation", horizontal: 0.2, vertical: 0.1 }],
        randomStream(seed),
      );
      const at = moved.pixels.indexOf(1);
      expect(moved.pixels.reduce((a, b) => a + b)).toBe(1);
      return { right: (at % 20) - 10, down: Math.floor(at / 20) - 5 };
    });
    expect(new Set(places.map(({ right }) => right))).toEqual(new Set([-4, -3, -2, -1, 0, 1, 2, 3, 4]));
    expect(new Set(places.map(({ down }) => down))).toEqual(new Set([-1, 0, 1]));
  });
});
