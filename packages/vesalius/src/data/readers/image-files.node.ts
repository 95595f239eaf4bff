import { readFile } from "node:fs/promises";
import type sharp from "sharp";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";
import { channelsFirst } from "../image-source.ts";
import type { ImageShape } from "../image-source.ts";

type Sharp = typeof sharp;

/** File name endings that are taken for images when a folder is listed. */
export function isImageName(name: string): boolean {
  return !name.startsWith(".") && /\.(png|jpe?g)$/i.test(name);
}

/**
 * Loads sharp, which is an optional peer dependency: sets in arrays need no image decoder.
 *
 * @throws VesaliusError `missing-dependency` with the command that installs it.
 */
export async function loadSharp(load: () => Promise<{ default: Sharp }> = () => import("sharp")): Promise<Sharp> {
  try {
    return (await load()).default;
  } catch (error) {
    throw new VesaliusError(
      "missing-dependency",
      "PNG and JPEG files are decoded by the package sharp, which cannot be loaded",
      {
        fix: "npm install sharp",
        cause: error,
      },
    );
  }
}

function undecodable(path: string, cause: unknown): VesaliusError {
  return new VesaliusError("bad-file", "the image cannot be decoded", {
    where: path,
    fix: "the file is damaged or no PNG or JPEG; export it again or leave it out",
    cause,
  });
}

async function readHeader(sharp: Sharp, content: Uint8Array, path: string) {
  try {
    return await sharp(content).metadata();
  } catch (error) {
    throw undecodable(path, error);
  }
}

/**
 * Reads an image file's bytes and, from its header alone, its shape after the EXIF orientation is applied.
 *
 * @throws VesaliusError `missing-file`; `bad-file` where there is no PNG or JPEG header; `bad-data` for transparency,
 * CMYK or more than 8 bits, which have no single faithful reading as grey or colour of 8 bits.
 */
export async function inspectImage(path: string): Promise<{ content: Uint8Array; shape: ImageShape }> {
  const sharp = await loadSharp();
  const content = await readFile(path).catch((error: unknown) => {
    throw fileError(error, path);
  });
  const header = await readHeader(sharp, content, path);
  const { format, channels, depth, autoOrient } = header;
  if (format !== "png" && format !== "jpeg") throw undecodable(path, `format ${format}`);
  if (channels !== 1 && channels !== 3) {
    throw new VesaliusError("bad-data", `the image has ${channels} channels, neither 1 (grey) nor 3 (colour)`, {
      where: path,
      fix: "remove the transparency, or convert CMYK to RGB",
    });
  }
  if (depth !== "uchar") {
    throw new VesaliusError("bad-data", "the image has more than 8 bits per value", {
      where: path,
      fix: "map it to 8 bits with a window chosen for the modality, and keep that window on record",
    });
  }
  return { content, shape: { channels, height: autoOrient.height, width: autoOrient.width } };
}

/**
 * Decodes a PNG or JPEG file to `[channels, height, width]`, 0-255, upright by its EXIF orientation.
 *
 * @throws VesaliusError as {@link inspectImage}, and `bad-file` where the pixels are truncated or damaged.
 */
export async function decodeImage(path: string): Promise<{ pixels: Uint8Array; shape: ImageShape }> {
  const sharp = await loadSharp();
  const { content, shape } = await inspectImage(path);
  const interleaved = await sharp(content)
    .autoOrient()
    .toColourspace(shape.channels === 1 ? "b-w" : "srgb")
    .raw()
    .toBuffer()
    .catch((error: unknown) => {
      throw undecodable(path, error);
    });
  return { pixels: channelsFirst(interleaved, shape), shape };
}
