import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { imageFilesColumn, imagesColumn, type ImageSize } from "../columns/images.ts";
import { conversionCautions, describeShape } from "../images/convert-images.ts";
import { gather } from "../columns/storage.ts";
import type { MemoryBudget } from "../files/memory-budget.ts";
import { pixelsPerImage } from "../images/image-shape.ts";
import type { ColumnMaker } from "./examples.ts";
import type { ReaderFlag } from "./reader.ts";
import { decodedBytes } from "./image-files.node.ts";
import { decodeImages, inspectImages } from "./load-images.node.ts";

/** Settings of every reader of images. */
export const imageSettings = {
  /** Resize every image to this many pixels. Images keep their sizes without it. */
  size: z.strictObject({ height: z.int().min(1), width: z.int().min(1) }).optional(),
  /** Make every image grey (1) or colour (3). Images keep their channels without it. */
  channels: z.union([z.literal(1), z.literal(3)]).optional(),
  /**
   * Values of images of 16 bits that become black and white, as `[0, 4095]`; they are refused without it. Images of 8 bits
   * stay as they are.
   */
  window: z
    .tuple([z.number(), z.number()])
    .refine(([black, white]) => black < white, "black is less than white")
    .optional(),
  /**
   * Decode image files now (`memory`) or each time they are read (`files`); `auto` decodes images of one shape that fit
   * in the limit on memory.
   */
  storage: z.enum(["auto", "memory", "files"]).default("auto"),
};

/** Flags of the settings that every reader of images has. */
export const imageFlags: readonly ReaderFlag[] = [
  {
    setting: "size",
    flags: "--image-size <pixels>",
    description: "resize images to so many pixels, as 224 or 224x320 (height x width)",
    parse(text) {
      const [, height, width = height] = /^([1-9]\d*)(?:x([1-9]\d*))?$/.exec(text) ?? [];
      if (height === undefined) throw new VesaliusError("bad-argument", "write 224, or height and width as 224x320");
      return { height: Number(height), width: Number(width) };
    },
  },
  {
    setting: "channels",
    flags: "--channels <count>",
    description: "make images grey (1) or colour (3)",
    parse(text) {
      if (text !== "1" && text !== "3") throw new VesaliusError("bad-argument", "write 1 (grey) or 3 (colour)");
      return Number(text);
    },
  },
];

/** Settings of every reader of images, defaults filled in. */
export type ImageSettings = z.output<z.ZodObject<typeof imageSettings>>;

/**
 * Prepares a column of images from files. Every file is looked at once, however many examples show it.
 *
 * @param paths file of each row
 * @returns what makes the column of some rows, and cautions about what a conversion loses
 * @throws VesaliusError as the decoder; `bad-data` where images of several shapes are to be decoded into memory
 */
export async function imageFileColumn(
  paths: readonly string[],
  settings: ImageSettings,
  budget: MemoryBudget,
  where: string,
): Promise<{ readonly make: ColumnMaker; readonly cautions: readonly string[] }> {
  const distinct = [...new Set(paths)];
  const inspected = await inspectImages(distinct, settings.window);
  const shapes = inspected.map(({ shape }) => ({
    ...shape,
    ...settings.size,
    channels: settings.channels ?? shape.channels,
  }));
  const deep = inspected.filter(({ bits }) => bits === 16).length;
  const cautions = [
    ...(settings.window === undefined
      ? []
      : [`${deep} of ${inspected.length} images have 16 bits and are read from ${settings.window.join(" to ")}.`]),
    ...conversionCautions(
      inspected.map(({ shape }) => shape),
      shapes,
    ),
  ];
  const [first] = shapes;
  const oneShape = shapes.every(
    ({ channels, height, width }) => channels === first?.channels && height === first.height && width === first.width,
  );
  const bytes = first === undefined ? 0 : (paths.length + distinct.length) * pixelsPerImage(first);
  // Decoding one needs room beside what is kept.
  const largest = inspected.reduce((most, image) => Math.max(most, decodedBytes(image)), 0);
  const inMemory =
    settings.storage === "memory" || (settings.storage === "auto" && oneShape && bytes + largest <= budget.left);
  const indexOf = new Map(distinct.map((path, index) => [path, index]));
  if (!inMemory || first === undefined) {
    const make: ColumnMaker = (rows) => {
      const indices = rows.map((row) => indexOf.get(paths[row]!)!);
      return imageFilesColumn(
        indices.map((index) => distinct[index]!),
        indices.map((index): ImageSize => [shapes[index]!.channels, shapes[index]!.height, shapes[index]!.width]),
        indices.map((index) => inspected[index]!.hash),
        settings.window,
      );
    };
    return { make, cautions };
  }
  if (!oneShape) {
    const other = shapes.find((shape) => describeShape(shape) !== describeShape(first))!;
    throw new VesaliusError("bad-data", `images differ: ${describeShape(first)}, ${describeShape(other)} ...`, {
      where,
      fix: (option) =>
        `choose one shape with ${option("size")} and ${option("channels")}, or keep them in their files with ${option("storage", "files")}`,
    });
  }
  budget.claim(bytes, "the decoded images", where);
  const make: ColumnMaker = async (rows) => {
    const wanted = [...new Set(rows.map((row) => paths[row]!))];
    const decoded = await decodeImages(wanted, first, budget, settings.window);
    const position = new Map(wanted.map((path, index) => [path, index]));
    const indices = rows.map((row) => position.get(paths[row]!)!);
    const once = indices.every((index, i) => index === i);
    const pixels = once ? decoded.pixels : gather(decoded.pixels, indices, pixelsPerImage(first));
    return imagesColumn(
      pixels,
      first,
      indices.map((index) => decoded.hashes[index]!),
    );
  };
  return { make, cautions };
}
