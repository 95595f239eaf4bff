import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { failure } from "../data.test.helper.ts";
import { normaliseImage } from "./normalise.ts";
import { applyTransforms } from "./apply-transforms.test.helper.ts";

const image = { channels: 2, height: 1, width: 2, pixels: Float32Array.of(0, 0.5, 0.5, 1) };

describe("normalise", () => {
  it("subtracts the mean and divides by the deviation, per channel or for all", () => {
    const each = { name: "normalise", mean: [0, 0.5], std: [0.5, 0.25] } as const;
    expect(
      Array.from(
        applyTransforms(image, [{ ...each, mean: [...each.mean], std: [...each.std] }], randomStream(0)).pixels,
      ),
    ).toEqual([0, 1, 0, 2]);
    expect(
      Array.from(applyTransforms(image, [{ name: "normalise", mean: [0.5], std: [0.5] }], randomStream(0)).pixels),
    ).toEqual([-1, 0, 0, 1]);
  });

  it("works in place", () => {
    const pixels = image.pixels.slice();
    normaliseImage(pixels, image, pixels, { mean: [0.5], std: [0.5] });
    expect(Array.from(pixels)).toEqual([-1, 0, 0, 1]);
  });

  it("refuses other numbers of values than channels", async () => {
    const error = await failure(() =>
      applyTransforms(image, [{ name: "normalise", mean: [0, 0, 0], std: [1] }], randomStream(0)),
    );
    expect(error.code).toBe("bad-argument");
  });
});
