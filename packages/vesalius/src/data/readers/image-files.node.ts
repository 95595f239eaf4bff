import type sharp from "sharp";
import { VesaliusError } from "../../common/errors.ts";
import { missingDependency } from "../../common/missing-dependency.ts";
import { decodeBmp, isBmp } from "../files/bmp.ts";
import type { DatasetFolder } from "../files/dataset-folder.node.ts";
import { type MemoryBudget, memoryBudget } from "../files/memory-budget.ts";
import { readBytes } from "../files/read-file.node.ts";
import { channelsFirst, type ImageShape, pixelsPerImage } from "../images/image-shape.ts";
import { throughWindow, type Window } from "../images/window.ts";

type Sharp = typeof sharp;

/** File name endings that are taken for images when a folder is listed. */
export function isImageName(name: string): boolean {
  return !name.startsWith(".") && /\.(png|jpe?g|tiff?|webp|bmp)$/i.test(name);
}

/**
 * Whether a cell of a table names an image of a folder, also without its ending: `ISIC_0024306`.
 *
 * @param by who names it, for messages
 */
export async function namesImage(cell: unknown, folder: Pick<DatasetFolder, "place">, by: string): Promise<boolean> {
  if (typeof cell !== "string" || cell === "") return false;
  const name = cell.replace(/^.*[\\/]/, "");
  if (isImageName(name)) return true;
  if (/\.[a-z]{1,5}$/i.test(name)) return false;
  // What cannot be found is no image; what is wrong with it is said by whoever reads it.
  const place = await folder.place(cell, by).catch(() => "");
  return isImageName(place.replace(/^.*[\\/]/, ""));
}

/** Formats that sharp names and that are read. */
const FORMATS = ["png", "jpeg", "tiff", "webp"];
/** Pixels above which a file is refused: what sharp itself decodes at most. */
const MOST_PIXELS = 0x3fff * 0x3fff;

/** What the images that are decoded at the same time may take: a batch asks for all of its own at once. */
const decoding = memoryBudget(2 ** 31);

/**
 * Loads sharp, which is an optional peer dependency: sets in arrays need no image decoder.
 *
 * @throws VesaliusError `missing-dependency` with the command that installs it.
 */
export async function loadSharp(load: () => Promise<{ default: Sharp }> = () => import("sharp")): Promise<Sharp> {
  try {
    return (await load()).default;
  } catch (error) {
    throw missingDependency("sharp", "image files are decoded by the package sharp", error);
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

/** What a file's header says of its image. */
interface Header {
  readonly shape: ImageShape;
  /** Whether it has an alpha channel that says nothing. */
  readonly alpha: boolean;
  /** Bits of a value. */
  readonly bits: 8 | 16;
}

async function headerOf(sharp: Sharp, content: Uint8Array, path: string, window: Window | undefined): Promise<Header> {
  const header = await readHeader(sharp, content, path);
  const { format, depth, autoOrient, hasAlpha, pages = 1 } = header;
  if (!FORMATS.includes(format)) {
    throw new VesaliusError("bad-file", `the image is a ${format.toUpperCase()} file, which is not read`, {
      where: path,
      fix: "save it as PNG",
    });
  }
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
  if (depth !== "uchar" && depth !== "ushort") {
    throw new VesaliusError("bad-data", `the image has values of the type ${depth}, not of 8 or 16 bits`, {
      where: path,
      fix: "save it with 16 bits, or map it to 8 with a window chosen for the modality",
    });
  }
  if (depth === "ushort" && window === undefined) {
    throw new VesaliusError("bad-data", "the image has 16 bits per value, more than 8 bits", {
      where: path,
      fix: (option) =>
        `say which values are black and white, as the modality has them, with ${option("window", "[0, 4095]")}, or map it to 8 bits`,
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
  return { shape: { channels, height, width }, alpha, bits: depth === "uchar" ? 8 : 16 };
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
 * @param window of images of 16 bits
 * @throws VesaliusError `missing-file`; `bad-file` where there is no header of a format that is read; `bad-data` for
 * transparency, CMYK, several pages or, without a window, more than 8 bits, which have no single faithful reading as grey
 * or colour of 8 bits, and for more pixels than can be decoded
 */
export async function inspectImage(
  path: string,
  window?: Window,
): Promise<{ readonly content: Uint8Array; readonly shape: ImageShape; readonly bits: 8 | 16 }> {
  const content = await readBytes(path);
  if (isBmp(content)) return { content, shape: decodeBmp(content, path).shape, bits: 8 };
  const { shape, bits } = await headerOf(await loadSharp(), content, path, window);
  return { content, shape, bits };
}

/**
 * Decodes a PNG, JPEG, TIFF, WebP or BMP file to `[channels, height, width]`, 0-255, upright by its EXIF orientation.
 * Values are taken as they are stored: embedded colour profiles are not applied.
 *
 * @param window of images of 16 bits; see {@link throughWindow}
 * @param budget what all images that are decoded at the same time may take; 2 GiB for this thread by default
 * @throws VesaliusError as {@link inspectImage}, and `bad-file` where the pixels are truncated or damaged
 */
export async function decodeImage(
  path: string,
  window?: Window,
  budget: MemoryBudget = decoding,
): Promise<{ pixels: Uint8Array; shape: ImageShape }> {
  const content = await readBytes(path);
  if (isBmp(content)) {
    const { pixels, shape } = decodeBmp(content, path);
    return { pixels: channelsFirst(pixels, shape), shape };
  }
  const sharp = await loadSharp();
  const header = await headerOf(sharp, content, path, window);
  // As the decoder gives it and with its channels first.
  const bytes = decodedBytes(header);
  return budget.during(bytes, "the decoded image", path, () => decodePixels(sharp, content, path, header, window));
}

/** Bytes that decoding an image takes: the values as the decoder gives them, and with their channels first. */
export const decodedBytes = ({ shape, bits }: { readonly shape: ImageShape; readonly bits: 8 | 16 }): number =>
  pixelsPerImage(shape) * (1 + bits / 8);

async function decodePixels(
  sharp: Sharp,
  content: Uint8Array,
  path: string,
  { shape, alpha, bits }: Awaited<ReturnType<typeof headerOf>>,
  window: Window | undefined,
): Promise<{ pixels: Uint8Array; shape: ImageShape }> {
  const upright = sharp(content).autoOrient();
  const plain = alpha ? upright.removeAlpha() : upright;
  const grey = shape.channels === 1;
  const values =
    bits === 8
      ? plain.toColourspace(grey ? "b-w" : "srgb").raw()
      : plain.toColourspace(grey ? "grey16" : "rgb16").raw({ depth: "ushort" });
  const buffer = await values.toBuffer().catch((error: unknown) => {
    throw undecodable(path, error);
  });
  const interleaved = bits === 8 ? buffer : throughWindow(new Uint16Array(new Uint8Array(buffer).buffer), window!);
  return { pixels: channelsFirst(interleaved, shape), shape };
}
