import { z } from "zod";
import type { Spec } from "../common/catalogue.ts";
import { VesaliusError } from "../common/errors.ts";
import { elementCount, reshape, transpose, type Value } from "../graph/index.ts";
import type { InputValues, Preparation } from "./network.ts";
import { inputOf } from "./network-inputs.ts";

/** The role of networks that read one image or volume. */
export const imageRole = "image";

/** Extents of the images that a network reads: height and width, or one number for both. */
export const imageSizeSchema = z.union([z.int().positive(), z.tuple([z.int().positive(), z.int().positive()])]);

/** Extents of an image or a patch: height and width, or one number for both. */
export type ImageSize = z.output<typeof imageSizeSchema>;

/** Height and width of an image size. */
export const heightAndWidth = (size: ImageSize): readonly [height: number, width: number] =>
  typeof size === "number" ? [size, size] : size;

/** Height and width of an image size; undefined where it is left open. */
export const imageExtents = (size: ImageSize | undefined): readonly number[] | undefined =>
  size === undefined ? undefined : heightAndWidth(size);

/** Height and width as one number where they agree, as configurations write squares. */
export const asImageSize = ([height, width]: readonly [number, number]): ImageSize =>
  height === width ? height : [height, width];

/** Rows and columns of patches of an image, each rounded down. */
export function patchGrid(imageSize: ImageSize, patchSize: ImageSize): readonly [rows: number, columns: number] {
  const [[height, width], [down, across]] = [heightAndWidth(imageSize), heightAndWidth(patchSize)];
  return [Math.floor(height / down), Math.floor(width / across)];
}

/** What a network decides of the encoder of its images (two spatial axes) or volumes (three). */
export interface ImageShape {
  readonly channels: number;
  /** Number of spatial axes; 2 by default. */
  readonly spatial?: 2 | 3;
  /** Extents that the network is built for; any where they are left out. */
  readonly extents?: readonly number[] | undefined;
}

/** The encoder that makes a network's images: `pixels`, or `voxels` for volumes. */
export function imageEncoder({ channels, spatial = 2, extents }: ImageShape): Spec {
  if (spatial === 3) return { name: "voxels", channels, ...(extents === undefined ? {} : { extents: [...extents] }) };
  const size = extents === undefined ? {} : { height: extents[0]!, width: extents[1]! };
  return { name: "pixels", channels, ...size };
}

/** Images `[batch, channels, height, width]` or volumes `[batch, channels, a, b, c]` of a role. */
export const imagesOf = (inputs: InputValues, role = imageRole): Value =>
  inputs[role]?.["voxels"] ?? inputOf(inputs, role, "pixels");

/**
 * Checks that fitted encoders make what a network reads.
 *
 * @throws VesaliusError `bad-configuration` where channels or extents differ
 */
export function checkImageEncoder(preparation: Preparation, shape: ImageShape, role = imageRole): void {
  const spec = preparation[role];
  if (spec === undefined) return;
  const wanted = imageEncoder(shape);
  for (const [key, value] of Object.entries(wanted)) {
    const found = spec[key];
    if (found === undefined || JSON.stringify(found) === JSON.stringify(value)) continue;
    throw new VesaliusError(
      "bad-configuration",
      `the network reads ${role} with ${key} ${JSON.stringify(value)}, its encoder makes ${JSON.stringify(found)}`,
      { fix: `let ${key} of the network and of the encoder agree` },
    );
  }
}

/** A feature map as places: `[batch, channels, ...spatial]` to `[batch, places, channels]`, the last axis fastest. */
export function mapToPlaces(x: Value): Value {
  const [batch, channels, ...spatial] = x.shape as [number, number, ...number[]];
  return transpose(reshape(x, [batch, channels, elementCount(spatial)]), [0, 2, 1]);
}

/** Where a timm model's `config.json` says how its images are made: channels, size, mean and deviation. */
export function pixelsOfTimm(json: Readonly<Record<string, unknown>>): Preparation | undefined {
  const read = json["pretrained_cfg"];
  if (typeof read !== "object" || read === null) return undefined;
  const { input_size: size, mean, std } = read as Readonly<Record<string, unknown>>;
  if (!Array.isArray(size) || !Array.isArray(mean) || !Array.isArray(std)) return undefined;
  const [channels, height, width] = size as number[];
  return { [imageRole]: { name: "pixels", channels, height, width, mean, std } };
}

/** `pretrained_cfg` of a timm model's `config.json` for a fitted encoder of images. */
export function timmPretrained(preparation: Preparation): Readonly<Record<string, unknown>> {
  const spec = preparation[imageRole];
  if (spec === undefined) return {};
  const { channels, height, width, mean, std } = spec;
  return { pretrained_cfg: { input_size: [channels, height, width], mean, std } };
}
