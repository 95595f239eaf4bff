import { VesaliusError } from "../../common/errors.ts";
import { classesColumn } from "../columns/classes.ts";
import { imageHash, imagesColumn } from "../columns/images.ts";
import { labelsColumn } from "../columns/labels.ts";
import { conversionCautions, convertImages } from "../images/convert-images.ts";
import { throughWindow, type Window } from "../images/window.ts";
import { channelsFirst, type ImageShape, pixelsPerImage } from "../images/image-shape.ts";
import type { Split } from "../split.ts";
import type { NumericArray } from "./npz.ts";

/** The prefixes of MedMNIST's arrays and the split that each one fills. */
const PREFIXES = { train: "train", val: "validation", test: "test" } as const;

/** Names of the arrays that are read; an archive may hold others. */
export const isMedmnistArray = (name: string): boolean => /^(train|val|test)_(images|labels)$/.test(name);

/** One split of a MedMNIST archive as stored. */
export interface MedmnistPart {
  readonly name: string;
  readonly length: number;
  readonly shape: ImageShape;
  /** `[length, channels, height, width]`, 0-255, in shared memory where the platform has it. */
  readonly pixels: Uint8Array;
  readonly labels: MedmnistLabels | undefined;
}

/** Labels of a split: one class index each, or several labels of 0 and 1. */
export type MedmnistLabels =
  | { readonly kind: "classes"; readonly values: Int32Array }
  | { readonly kind: "labels"; readonly count: number; readonly values: Int8Array };

function imageShape(shape: readonly number[], where: string): ImageShape {
  const [, height = 0, width = 0, channels = 1] = shape;
  const plausible = (shape.length === 3 || shape.length === 4) && height > 0 && width > 0;
  if (plausible && [1, 3].includes(channels)) return { channels, height, width };
  const planar = shape.length === 4 && [1, 3].includes(height);
  throw new VesaliusError(
    "bad-data",
    `images of shape (${shape.join(", ")}) are not (N, height, width) or (N, height, width, 1 or 3)`,
    {
      where,
      fix: planar ? "move the channels last: images.transpose(0, 2, 3, 1)" : "save 2D grey or RGB images",
    },
  );
}

/** 8-bit values of an array of images; float images in [0, 1] are rounded to 256 steps. */
function eightBit(
  array: NumericArray,
  perImage: number,
  where: string,
  window: Window | undefined,
): { bytes: Uint8Array; rounded: boolean } {
  const { data } = array;
  if (window !== undefined && (data instanceof Uint16Array || data instanceof Int16Array))
    return { bytes: throughWindow(data, window), rounded: false };
  if (data instanceof Uint8Array && array.dtype === "u1") return { bytes: data, rounded: false };
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    throw new VesaliusError("bad-data", `images are of numpy type ${array.dtype}, not u1 (uint8)`, {
      where,
      fix: (option) =>
        `scale them to 0-255 with a stated window and save them as numpy.uint8; 16 bits are also read with ${option("window", "[0, 4095]")}`,
    });
  }
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (!(value >= 0 && value <= 1)) {
      const image = Math.floor(i / perImage);
      throw new VesaliusError(
        Number.isFinite(value) ? "bad-data" : "not-a-number",
        Number.isFinite(value) ? "a float image leaves the range 0 to 1" : "an image holds NaN or infinity",
        { where: `${where}, image ${image}`, fix: "scale images to 0-255 and save them as numpy.uint8" },
      );
    }
    bytes[i] = Math.round(value * 255);
  }
  return { bytes, rounded: true };
}

function severalLabels({ data, shape }: NumericArray, where: string): MedmnistLabels {
  const count = shape[1]!;
  const values = Int8Array.from(data as ArrayLike<number>, Number);
  const wrong = values.findIndex((value, i) => Number(data[i]) !== value || (value !== 0 && value !== 1));
  if (wrong >= 0) {
    throw new VesaliusError("bad-data", `labels of shape (${shape.join(", ")}) hold something else than 0 and 1`, {
      where: `${where}, row ${Math.floor(wrong / count)}`,
      fix: "give one class index an image, or 0 and 1 for each of several labels",
    });
  }
  return { kind: "labels", count, values };
}

function readLabels(array: NumericArray, count: number, where: string): MedmnistLabels {
  const [rows = 0, columns = 1] = array.shape;
  if (array.shape.length > 2 || array.shape.length === 0 || columns < 1) {
    throw new VesaliusError(
      "bad-data",
      `labels of shape (${array.shape.join(", ")}) are not (N, 1), (N,) or (N, labels)`,
      {
        where,
      },
    );
  }
  if (rows !== count) {
    throw new VesaliusError("bad-data", `there are ${rows} labels for ${count} images`, { where });
  }
  return columns > 1 ? severalLabels(array, where) : { kind: "classes", values: classIndices(array, count, where) };
}

function classIndices(array: NumericArray, count: number, where: string): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => {
    const label = Number(array.data[row]);
    if (Number.isInteger(label) && Math.abs(label) < 2 ** 31) return label;
    throw new VesaliusError(
      Number.isNaN(label) ? "not-a-number" : "bad-data",
      Number.isNaN(label) ? "a label is missing (NaN)" : "a label is no class index",
      { where: `${where}, row ${row}`, fix: "label every image with a whole number from 0" },
    );
  });
}

/**
 * Interprets the arrays of an `.npz` file in MedMNIST's layout (Yang et al., Scientific Data 10:41, 2023):
 * `train_images`, `train_labels`, `val_*`, `test_*`, where any split and any split's labels may be absent.
 *
 * Images are uint8 `(N, height, width)` or `(N, height, width, 1 or 3)`; float images must lie in [0, 1] and are
 * rounded to 8 bits. Labels are whole numbers `(N, 1)` or `(N,)`, or 0 and 1 `(N, labels)`.
 *
 * @returns the splits, and statements for the card, for instance that float images were rounded
 * @throws VesaliusError `bad-data` for other types and shapes, labels without images or of another length, a file
 * without any `*_images`; `not-a-number` for NaN in images or labels
 */
export function medmnistParts(
  arrays: ReadonlyMap<string, NumericArray>,
  where: string,
  window?: Window,
): { readonly parts: readonly MedmnistPart[]; readonly cautions: readonly string[] } {
  const parts: MedmnistPart[] = [];
  const cautions: string[] = [];
  for (const [prefix, name] of Object.entries(PREFIXES)) {
    const images = arrays.get(`${prefix}_images`);
    const labels = arrays.get(`${prefix}_labels`);
    if (images === undefined) {
      if (labels === undefined) continue;
      throw new VesaliusError("bad-data", `the array ${prefix}_images is missing beside ${prefix}_labels`, { where });
    }
    const place = `${where}, array ${prefix}_images`;
    const shape = imageShape(images.shape, place);
    const { bytes, rounded } = eightBit(images, pixelsPerImage(shape), place, window);
    if (window !== undefined) cautions.push(`Images of ${prefix}_images are read from ${window.join(" to ")}.`);
    if (rounded) cautions.push(`Images of ${prefix}_images were stored as floats and are kept with 8 bits.`);
    const length = images.shape[0]!;
    parts.push({
      name,
      length,
      shape,
      pixels: channelsFirst(bytes, shape),
      labels: labels && readLabels(labels, length, `${where}, array ${prefix}_labels`),
    });
  }
  if (parts.length === 0) {
    throw new VesaliusError("bad-data", "no array is called train_images, val_images or test_images", {
      where: `${where}, which holds ${[...arrays.keys()].join(", ") || "no arrays"}`,
      fix: "name the arrays as MedMNIST does",
    });
  }
  return { parts, cautions };
}

/** What {@link medmnistSplits} makes of the arrays. */
export interface MedmnistOptions {
  /** Height and width of every image; as stored without it. */
  readonly size?: { readonly height: number; readonly width: number } | undefined;
  readonly channels?: 1 | 3 | undefined;
  /** Values of images of 16 bits that become black and white. */
  readonly window?: Window | undefined;
  /** Names of classes or labels by index. */
  readonly labels?: readonly string[] | undefined;
  readonly ordered?: boolean | undefined;
}

/** Names of classes by index; more of them than images is no index. */
function classNames(parts: readonly MedmnistPart[], given: readonly string[] | undefined, where: string): string[] {
  const several = parts.find(({ labels }) => labels?.kind === "labels")?.labels;
  let highest = -1;
  for (const { labels } of parts) for (const value of labels?.values ?? []) highest = Math.max(highest, value);
  const needed = several?.kind === "labels" ? several.count : highest + 1;
  const images = parts.reduce((sum, { length }) => sum + length, 0);
  if (given === undefined && several === undefined && needed > images) {
    throw new VesaliusError("bad-data", `a label is ${highest}, and there are ${images} images`, {
      where,
      fix: "number the classes from 0, or name them in dataset.json",
    });
  }
  if (given !== undefined && given.length < needed) {
    throw new VesaliusError(
      "bad-data",
      `the label ${needed - 1} is outside the ${given.length} classes ${given.join(", ")}`,
      {
        where,
        fix: (option) =>
          `correct the label, or give the full list of classes in dataset.json or with ${option("labels")}`,
      },
    );
  }
  return given === undefined ? Array.from({ length: needed }, (_, index) => String(index)) : [...given];
}

const repeated = <Value>(value: Value, length: number): Value[] => Array.from({ length }, () => value);

/**
 * Splits of a MedMNIST archive with the columns `image` and, where there are labels, `label`.
 *
 * @throws VesaliusError as {@link medmnistParts}; `bad-data` for images of several shapes or a label without a name
 */
export function medmnistSplits(
  arrays: ReadonlyMap<string, NumericArray>,
  where: string,
  options: MedmnistOptions = {},
): { readonly splits: Record<string, Split>; readonly cautions: readonly string[] } {
  const { parts, cautions } = medmnistParts(arrays, where, options.window);
  const names = classNames(parts, options.labels, where);
  const changes: string[] = [];
  const splits = parts.map(({ name, length, shape, pixels, labels }): [string, Split] => {
    const to = { ...shape, ...options.size, channels: options.channels ?? shape.channels };
    changes.push(...conversionCautions(repeated(shape, length), repeated(to, length)));
    const size = pixelsPerImage(shape);
    const hashes = Array.from({ length }, (_, row) => imageHash(pixels.subarray(row * size, (row + 1) * size), shape));
    const image = imagesColumn(convertImages(pixels, shape, to), to, hashes);
    const negative = labels?.kind === "classes" ? labels.values.findIndex((value) => value < 0) : -1;
    if (negative >= 0)
      throw new VesaliusError("bad-data", "a label is no class index", {
        where: `${where}, ${name} row ${negative}`,
      });
    const label =
      labels === undefined
        ? {}
        : {
            label:
              labels.kind === "labels"
                ? labelsColumn(names, length, labels.values)
                : classesColumn(names, labels.values, { ordered: options.ordered ?? false }),
          };
    const ids = Array.from({ length }, (_, row) => `${name}/${row}`);
    return [name, { name, length, ids, groups: undefined, attributes: {}, columns: { image, ...label } }];
  });
  return { splits: Object.fromEntries(splits), cautions: [...cautions, ...changes] };
}
