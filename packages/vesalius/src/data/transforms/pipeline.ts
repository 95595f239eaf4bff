import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { RandomStream } from "../../common/random.ts";
import { pixelsPerImage } from "../image-source.ts";
import type { ImageShape } from "../image-source.ts";
import { validate } from "../../common/check.ts";
import { normalise, normaliseSchema } from "./normalise.ts";
import { randomFlip, randomFlipSchema } from "./random-flip.ts";
import { randomGaussianNoise, randomGaussianNoiseSchema } from "./random-gaussian-noise.ts";
import { randomIntensity, randomIntensitySchema } from "./random-intensity.ts";
import { randomResizedCrop, randomResizedCropSchema } from "./random-resized-crop.ts";
import { randomRotation, randomRotationSchema } from "./random-rotation.ts";
import { randomTranslation, randomTranslationSchema } from "./random-translation.ts";
import { resize, resizeSchema } from "./resize.ts";
import type { Transform } from "./transform.ts";

/**
 * One transform as recipes write it: its name and settings, defaults filled in.
 *
 * @example
 * // YAML: - { name: randomResizedCrop, scale: [0.6, 1] }
 * transformSchema.parse({ name: "randomResizedCrop", scale: [0.6, 1] });
 */
export const transformSchema = z.discriminatedUnion("name", [
  randomResizedCropSchema,
  randomFlipSchema,
  randomRotationSchema,
  randomTranslationSchema,
  randomIntensitySchema,
  randomGaussianNoiseSchema,
  resizeSchema,
  normaliseSchema,
]);

/** A transform with all settings. */
export type TransformSpec = z.output<typeof transformSchema>;
/** A transform as a person writes it: settings that have a default may be left out. */
export type TransformInput = z.input<typeof transformSchema>;

const TRANSFORMS: { readonly [Name in TransformSpec["name"]]: Transform<Extract<TransformSpec, { name: Name }>> } = {
  randomResizedCrop,
  randomFlip,
  randomRotation,
  randomTranslation,
  randomIntensity,
  randomGaussianNoise,
  resize,
  normalise,
};

/** An image in [0, 1], `[channels, height, width]`. */
export interface FloatImage extends ImageShape {
  readonly pixels: Float32Array;
}

/** Transforms made ready for images of one shape; buffers are reused from image to image. */
export interface PreparedTransforms {
  readonly outputShape: ImageShape;
  /** Writes the transformed `source` into `target`, which must not overlap it. */
  apply(source: Float32Array, target: Float32Array, stream: RandomStream): void;
}

/**
 * Makes a list of transforms ready for images of `shape`.
 *
 * @throws VesaliusError `bad-argument` for unknown transforms or settings, naming the position in the list.
 */
export function prepareTransforms(specs: readonly TransformInput[], shape: ImageShape): PreparedTransforms {
  const checked = validate(z.array(transformSchema), specs, { code: "bad-argument", what: "transforms" });
  let current = shape;
  const steps = checked.map((spec, position) => {
    // The table gives each name the transform of its own settings, which the type of a lookup cannot express.
    const transform = TRANSFORMS[spec.name] as Transform<TransformSpec>;
    const input = current;
    current = transform.outputShape?.(spec, input) ?? input;
    const last = position === checked.length - 1;
    return { transform, spec, input, output: last ? undefined : new Float32Array(pixelsPerImage(current)) };
  });
  return {
    outputShape: current,
    apply(source, target, stream) {
      let image = source;
      for (const { transform, spec, input, output = target } of steps) {
        transform.apply(image, input, output, spec, stream);
        image = output;
      }
      if (steps.length === 0) target.set(source);
    },
  };
}

/**
 * Applies transforms in order to one image. The same image, list and stream state give the same result everywhere.
 *
 * @param image Pixels in [0, 1], `[channels, height, width]`; left as they are.
 * @throws VesaliusError `bad-argument` for wrong settings, `shape-mismatch` where pixels and shape disagree.
 */
export function applyTransforms(image: FloatImage, specs: readonly TransformInput[], stream: RandomStream): FloatImage {
  const { channels, height, width } = image;
  if (image.pixels.length !== pixelsPerImage(image)) {
    throw new VesaliusError(
      "shape-mismatch",
      `${image.pixels.length} values for an image of [${channels}, ${height}, ${width}]`,
    );
  }
  const prepared = prepareTransforms(specs, { channels, height, width });
  const pixels = new Float32Array(pixelsPerImage(prepared.outputShape));
  prepared.apply(image.pixels, pixels, stream);
  return { pixels, ...prepared.outputShape };
}
