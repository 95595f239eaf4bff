/** What every transform must hold, run over all of them. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { failure } from "../data.test.helper.ts";
import { applyTransforms } from "./apply-transforms.test.helper.ts";
import type { Spec } from "../../common/catalogue.ts";
import { transforms } from "./index.ts";
import type { FloatImage } from "./apply-transforms.test.helper.ts";

/** Each random transform with its defaults, and with settings under which it must change nothing. */
const RANDOM: [Spec, Spec][] = [
  [{ name: "randomResizedCrop" }, { name: "randomResizedCrop", scale: [1, 1], ratio: [1, 1] }],
  [{ name: "randomFlip" }, { name: "randomFlip", probability: 0 }],
  [
    { name: "randomFlip", axis: "vertical" },
    { name: "randomFlip", axis: "vertical", probability: 0 },
  ],
  [
    { name: "randomRotation", degrees: 180 },
    { name: "randomRotation", degrees: 0 },
  ],
  [
    { name: "randomTranslation", fill: 1 },
    { name: "randomTranslation", horizontal: 0, vertical: 0 },
  ],
  [
    { name: "randomIntensity", gamma: [0.5, 2] },
    { name: "randomIntensity", brightness: 0, contrast: 0 },
  ],
  [{ name: "randomGaussianNoise" }, { name: "randomGaussianNoise", standardDeviation: 0 }],
];

const shape = fc.record({ channels: fc.constantFrom(1, 3), side: fc.integer({ min: 1, max: 12 }) });
const seed = fc.integer();

function image(channels: number, height: number, width: number, from: number): FloatImage {
  const stream = randomStream(from, "image");
  return {
    channels,
    height,
    width,
    pixels: Float32Array.from({ length: channels * height * width }, () => stream.uniform()),
  };
}

describe.each(RANDOM)("%j", (spec, identity) => {
  it("gives the same result for the same stream and leaves its input alone", () => {
    fc.assert(
      fc.property(shape, seed, ({ channels, side }, from) => {
        const source = image(channels, side, side + 2, from);
        const before = source.pixels.slice();
        const first = applyTransforms(source, [spec], randomStream(from));
        expect(applyTransforms(source, [spec], randomStream(from))).toEqual(first);
        expect(source.pixels).toEqual(before);
      }),
    );
  });

  it("keeps the shape and the range [0, 1]", () => {
    fc.assert(
      fc.property(shape, seed, ({ channels, side }, from) => {
        const result = applyTransforms(image(channels, side, side + 2, from), [spec], randomStream(from));
        expect(result).toMatchObject({ channels, height: side, width: side + 2 });
        expect(result.pixels.every((value) => value >= 0 && value <= 1)).toBe(true);
      }),
    );
  });

  it("changes nothing at its limit", () => {
    fc.assert(
      fc.property(shape, seed, ({ channels, side }, from) => {
        const source = image(channels, side, side, from);
        expect(applyTransforms(source, [identity], randomStream(from)).pixels).toEqual(source.pixels);
      }),
    );
  });

  it("does something with some seeds", () => {
    const source = image(1, 8, 8, 1);
    const changed = Array.from({ length: 20 }, (_, i) =>
      applyTransforms(source, [spec], randomStream(i)).pixels.join(),
    );
    expect(changed.some((pixels) => pixels !== source.pixels.join())).toBe(true);
  });
});

describe("transforms of images", () => {
  it("applies transforms in order and follows the shape through them", () => {
    const specs: Spec[] = [
      { name: "resize", height: 6, width: 4 },
      { name: "randomResizedCrop", size: { height: 3, width: 5 } },
      { name: "randomFlip", probability: 1 },
      { name: "normalise", mean: [0.5], std: [0.25] },
    ];
    const source = image(3, 9, 9, 4);
    const together = applyTransforms(source, specs, randomStream(1));
    expect(together).toMatchObject({ channels: 3, height: 3, width: 5 });
    const stream = randomStream(1);
    expect(specs.reduce((current, spec) => applyTransforms(current, [spec], stream), source)).toEqual(together);
  });

  it.each([
    [{ name: "randomErasing" }, "no transform called randomErasing"],
    [{ name: "randomFlip", axis: "diagonal" }, "axis"],
    [{ name: "randomFlip", probability: 1.5 }, "probability"],
    [{ name: "randomFlip", p: 1 }, '"p"'],
    [{ name: "randomResizedCrop", scale: [0.8, 0.2] }, "must not exceed"],
    [{ name: "randomResizedCrop", scale: [0, 1] }, "scale.0"],
    [{ name: "randomIntensity", gamma: [0.1, 1] }, "gamma.0"],
    [{ name: "resize", height: 0, width: 3 }, "height"],
    [{ name: "normalise", mean: [0], std: [0] }, "std.0"],
    [{ name: "randomRotation", degrees: NaN }, "degrees"],
  ])("refuses %j", async (spec, text) => {
    const error = await failure(() => transforms.create(spec));
    expect(error.code).toBe("bad-configuration");
    expect(error.message).toContain(text);
  });

  it("have defaults, and settings that survive JSON and parse to themselves", () => {
    expect(transforms.entry("randomFlip").settings.parse({})).toEqual({ axis: "horizontal", probability: 0.5 });
    for (const [{ name, ...given }] of RANDOM) {
      const { settings } = transforms.entry(name);
      const parsed = settings.parse(given);
      expect(settings.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
    }
  });

  it("change one image at a time, since each would draw anew", async () => {
    const value = { channels: 1, extents: [1, 1], data: Float32Array.of(0), scale: 1 };
    const two = ["first", "second"].map((part) => ({ part, kind: "images", value }));
    const error = await failure(() => transforms.create({ name: "randomFlip" }).draw(two, randomStream(0)));
    expect(error.code).toBe("bad-configuration");
    expect(error.message).toContain("first and second");
  });
});
