import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { ImageShape } from "../images/image-shape.ts";
import type { Transform } from "./transform.ts";

/** `(value - mean) / std`, each per channel or one for all; torchvision's `Normalize`. The result leaves [0, 1]. */
export const normaliseSchema = z.strictObject({
  name: z.literal("normalise"),
  mean: z.array(z.number()).min(1),
  std: z.array(z.number().positive()).min(1),
});

/** See {@link normaliseSchema}. */
export type Normalise = z.infer<typeof normaliseSchema>;

function perChannel(values: readonly number[], channel: number, channels: number): number {
  if (values.length !== 1 && values.length !== channels) {
    throw new VesaliusError("bad-argument", `${values.length} values of mean or std for ${channels} channels`, {
      fix: "give one value, or one per channel",
    });
  }
  return values[values.length === 1 ? 0 : channel]!;
}

/**
 * Normalises an image; `source` and `target` may be the same array.
 *
 * @throws VesaliusError `bad-argument` where the number of values fits neither 1 nor the channels.
 */
export function normaliseImage(
  source: Float32Array,
  { channels, height, width }: ImageShape,
  target: Float32Array,
  { mean, std }: { readonly mean: readonly number[]; readonly std: readonly number[] },
): void {
  const plane = height * width;
  for (let channel = 0; channel < channels; channel++) {
    const centre = perChannel(mean, channel, channels);
    const scale = 1 / perChannel(std, channel, channels);
    const end = (channel + 1) * plane;
    for (let i = channel * plane; i < end; i++) target[i] = (source[i]! - centre) * scale;
  }
}

export const normalise: Transform<Normalise> = { apply: normaliseImage };
