import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { syntheticRadiographsOfImages } from "../../data/index.ts";
import { initializeParameters } from "../../graph/index.ts";
import { type ReadyBackbone, vit } from "../../models/index.ts";
import { maskedPixels as maskedImageModelling } from "../../pretraining/index.ts";
import { nodeCpu } from "../../runtime/index.node.ts";
import { reconstruct, reconstructImages } from "./reconstructions.ts";

const backbone: ReadyBackbone = {
  ...vit({
    imageSize: 8,
    patchSize: 4,
    channels: 1,
    width: 8,
    depth: 1,
    heads: 2,
    positions: "sineCosine",
    pooling: "mean",
  }),
  preprocessing: { mean: [0.4], std: [0.2] },
};
const pixels = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 64, maxLength: 64 });
const normalise = (bytes: readonly number[]): Float32Array =>
  Float32Array.from(bytes, (byte) => (byte / 255 - 0.4) / 0.2);

/** The patches of an image in the order of the decoder: 4 patches of 16 pixels. */
function patchesOf(image: Float32Array): number[][] {
  return [0, 1, 2, 3].map((patch) =>
    Array.from(
      { length: 16 },
      (_, i) => image[(Math.floor(patch / 2) * 4 + Math.floor(i / 4)) * 8 + (patch % 2) * 4 + (i % 4)]!,
    ),
  );
}

describe("reconstruct", () => {
  it("gives back the image where the prediction is the truth", () => {
    fc.assert(
      fc.property(pixels, (bytes) => {
        const image = normalise(bytes);
        const prediction = Float32Array.from(patchesOf(image).flat());
        const result = reconstruct(
          image,
          { prediction, mask: Float32Array.of(1, 0, 1, 1), normalized: false },
          backbone,
        );
        expect([...result.original]).toEqual(bytes);
        result.reconstructed.forEach((value, i) => expect(Math.abs(value - bytes[i]!)).toBeLessThanOrEqual(1));
      }),
    );
  });

  it("undoes the normalisation of patches", () => {
    fc.assert(
      fc.property(pixels, (bytes) => {
        const image = normalise(bytes);
        const normalized = patchesOf(image).map((patch) => {
          const mean = patch.reduce((sum, value) => sum + value, 0) / 16;
          const variance = patch.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 15;
          return patch.map((value) => (value - mean) / Math.sqrt(variance + 1e-6));
        });
        const prediction = Float32Array.from(normalized.flat());
        const { reconstructed } = reconstruct(
          image,
          { prediction, mask: new Float32Array(4).fill(1), normalized: true },
          backbone,
        );
        reconstructed.forEach((value, i) => expect(Math.abs(value - bytes[i]!)).toBeLessThanOrEqual(1));
      }),
    );
  });

  it("greys out the hidden patches only", () => {
    const image = normalise(Array.from({ length: 64 }, () => 255));
    const { masked } = reconstruct(
      image,
      { prediction: new Float32Array(64), mask: Float32Array.of(0, 1, 0, 0), normalized: false },
      backbone,
    );
    expect(Array.from(masked.subarray(0, 8))).toEqual([255, 255, 255, 255, 128, 128, 128, 128]);
    expect(Array.from(masked.subarray(32, 40))).toEqual(Array.from({ length: 8 }, () => 255));
  });
});

describe("reconstructImages", () => {
  it("hides as many patches as the objective says and keeps the others as they are", async () => {
    const { validation } = syntheticRadiographsOfImages({ count: { train: 4, validation: 5, test: 0 }, imageSize: 16 });
    const larger = { ...backbone, ...vit({ ...backbone.config, imageSize: 16 }) };
    const objective = maskedImageModelling({ maskRatio: 0.75, decoder: { width: 8, depth: 1, heads: 2 } });
    const weights = initializeParameters(objective.build(larger, 1), 0);
    const ready = { ...larger, preprocessing: backbone.preprocessing };
    const options = { count: 3, seed: 1, backend: await nodeCpu() };
    const shown = await reconstructImages(ready, objective, weights, validation!, options);
    expect(shown).toHaveLength(3);
    const { images } = validation!;
    for (const [i, one] of shown.entries()) {
      if (images.kind === "memory")
        expect([...one.original]).toEqual([...images.pixels.subarray(i * 256, (i + 1) * 256)]);
      const changed = Array.from(one.masked, (value, at) => value !== one.original[at]).filter(Boolean).length;
      expect(changed).toBeLessThanOrEqual(12 * 16);
      expect(changed).toBeGreaterThan(11 * 16);
      one.masked.forEach((value, at) => {
        if (value !== 128) expect(one.reconstructed[at]).toBe(value);
      });
    }
    expect(await reconstructImages(ready, objective, weights, validation!, options)).toEqual(shown);
    expect(await reconstructImages(ready, objective, weights, validation!, { ...options, count: 32 })).toHaveLength(5);
  });
});
