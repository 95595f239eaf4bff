import type sharp from "sharp";
import { VesaliusError } from "../../common/errors.ts";
import { decodeBmp, isBmp } from "../files/bmp.ts";
import { readBytes } from "../files/read-file.node.ts";
import { channelsFirst } from "../images/image-shape.ts";
import type { ImageShape } from "../images/image-shape.ts";

type Sharp = typeof sharp;

/** File name endings that are taken for images when a folder is listed. */
export function isImageName(name: string): boolean {
  return !name.startsWith(".") && /\.(png|jpe?g|tiff?|webp|bmp)$/i.test(name);
}

/** Formats that sharp names and that are read. */
const FORMATS = ["png", "jpeg", "tiff", "webp"];
/** Pixels above which a file is refused: what sharp itself decodes at most. */
const MOST_PIXELS = 0x3fff * 0x3fff;

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
      "image files are decoded by the package sharp, which cannot be loaded",
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
    fix: "the file is damaged or no PNG, JPEG, TIFF, WebP or BMP; export it again or leave it out",
    cause,
  });
}

async function readHeader(sharp: Sharp, content: Uint8Array, path: string) {
  try {
    // Without its own limit the header can be read and the size be named.
    return await sharp(content, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw undecodable(path, error);
  }
}

/** An image's shape, and whether it has an alpha channel that says nothing. */
async function shapeOf(
  sharp: Sharp,
  content: Uint8Array,
  path: string,
): Promise<{ shape: ImageShape; alpha: boolean }> {
  const header = await readHeader(sharp, content, path);
  const { format, depth, autoOrient, hasAlpha, pages = 1 } = header;
  if (!FORMATS.includes(format)) throw undecodable(path, `format ${format}`);
  const { height, width } = autoOrient;
  if (height * width > MOST_PIXELS) {
    const millions = (pixels: number): string => `${Math.round(pixels / 1e6)} million`;
    throw new VesaliusError(
      "bad-data",
      `the image has ${millions(height * width)} pixels; the limit is ${millions(MOST_PIXELS)}`,
      {
        where: path,
        fix: "cut it into tiles, or save it smaller",
      },
    );
  }
  if (pages > 1) {
    throw new VesaliusError("bad-data", `the file holds ${pages} pages`, {
      where: path,
      fix: "save each page as a file of its own",
    });
  }
  if (depth !== "uchar") {
    throw new VesaliusError("bad-data", "the image has more than 8 bits per value", {
      where: path,
      fix: "map it to 8 bits with a window chosen for the modality, and keep that window on record",
    });
  }
  const alpha = hasAlpha && [2, 4].includes(header.channels);
  if (alpha && !(await isOpaque(sharp, content, path))) {
    throw new VesaliusError("bad-data", `the image has ${header.channels} channels, one of them transparency`, {
      where: path,
      fix: "remove the transparency: what lies behind it is not known",
    });
  }
  const channels = header.channels - Number(alpha);
  if (channels !== 1 && channels !== 3) {
    throw new VesaliusError("bad-data", `the image has ${channels} channels, neither 1 (grey) nor 3 (colour)`, {
      where: path,
      fix: "convert CMYK to RGB",
    });
  }
  return { shape: { channels, height, width }, alpha };
}

async function isOpaque(sharp: Sharp, content: Uint8Array, path: string): Promise<boolean> {
  try {
    return (await sharp(content).stats()).isOpaque;
  } catch (error) {
    throw undecodable(path, error);
  }
}

/**
 * Reads an image file's bytes and, from its header, its shape after the EXIF orientation is applied. An alpha channel
 * that is opaque everywhere does not count.
 *
 * @throws VesaliusError `missing-file`; `bad-file` where there is no header of a format that is read; `bad-data` for
 * transparency, CMYK, more than 8 bits or several pages, which have no single faithful reading as grey or colour of 8
 * bits, and for more pixels than can be decoded
 */
export async function inspectImage(path: string): Promise<{ content: Uint8Array; shape: ImageShape }> {
  const content = await readBytes(path);
  if (isBmp(content)) return { content, shape: decodeBmp(content, path).shape };
  return { content, shape: (await shapeOf(await loadSharp(), content, path)).shape };
}

/**
 * Decodes a PNG, JPEG, TIFF, WebP or BMP file to `[channels, height, width]`, 0-255, upright by its EXIF orientation.
 * Values are taken as they are stored: embedded colour profiles are not applied.
 *
 * @throws VesaliusError as {@link inspectImage}, and `bad-file` where the pixels are truncated or damaged
 */
export async function decodeImage(path: string): Promise<{ pixels: Uint8Array; shape: ImageShape }> {
  const content = await readBytes(path);
  if (isBmp(content)) {
    const { pixels, shape } = decodeBmp(content, path);
    return { pixels: channelsFirst(pixels, shape), shape };
  }
  const sharp = await loadSharp();
  const { shape, alpha } = await shapeOf(sharp, content, path);
  const upright = sharp(content).autoOrient();
  const interleaved = await (alpha ? upright.removeAlpha() : upright)
    .toColourspace(shape.channels === 1 ? "b-w" : "srgb")
    .raw()
    .toBuffer()
    .catch((error: unknown) => {
      throw undecodable(path, error);
    });
  return { pixels: channelsFirst(interleaved, shape), shape };
}
