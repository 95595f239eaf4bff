import { VesaliusError } from "../../common/errors.ts";
import type { ImageSplit, SplitName } from "../image-dataset.ts";
import { channelsFirst, memoryImages, pixelsPerImage } from "../image-source.ts";
import type { ImageShape } from "../image-source.ts";
import type { NumericArray } from "./npz.ts";

/** The prefixes of MedMNIST's arrays and the split that each one fills. */
const PREFIXES = { train: "train", val: "validation", test: "test" } as const satisfies Record<string, SplitName>;

/** What a MedMNIST archive holds: the splits that it has, and what was changed to read them. */
export interface MedmnistContent {
  readonly splits: Partial<Record<SplitName, ImageSplit>>;
  /** Statements for the dataset card, for instance that float images were rounded to 8 bits. */
  readonly cautions: readonly string[];
}

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
function eightBit(array: NumericArray, perImage: number, where: string): { bytes: Uint8Array; rounded: boolean } {
  const { data } = array;
  if (data instanceof Uint8Array && array.dtype === "u1") return { bytes: data, rounded: false };
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    throw new VesaliusError("bad-data", `images are of numpy type ${array.dtype}, not u1 (uint8)`, {
      where,
      fix: "scale them to 0-255 with a stated window and save them as numpy.uint8",
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

function classIndices(array: NumericArray, count: number, where: string): Int32Array {
  const [rows = 0, columns = 1] = array.shape;
  if (array.shape.length > 2 || array.shape.length === 0 || columns !== 1) {
    throw new VesaliusError("bad-data", `labels of shape (${array.shape.join(", ")}) are not (N, 1) or (N,)`, {
      where,
      fix: "give one class index per image; sets with several labels per image are not read here",
    });
  }
  if (rows !== count) {
    throw new VesaliusError("bad-data", `there are ${rows} labels for ${count} images`, { where });
  }
  return Int32Array.from({ length: count }, (_, row) => {
    const label = Number(array.data[row]);
    if (Number.isInteger(label) && Math.abs(label) < 2 ** 31) return label;
    throw new VesaliusError(
      Number.isNaN(label) ? "not-a-number" : "bad-data",
      Number.isNaN(label) ? "a label is missing (NaN)" : `label ${label} is no class index`,
      { where: `${where}, row ${row}`, fix: "label every image with a whole number from 0" },
    );
  });
}

/**
 * Interprets the arrays of an `.npz` file in MedMNIST's layout (Yang et al., Scientific Data 10:41, 2023):
 * `train_images`, `train_labels`, `val_*`, `test_*`, where any split and any split's labels may be absent.
 *
 * Images are uint8 `(N, height, width)` or `(N, height, width, 1 or 3)`; float images must lie in [0, 1] and are
 * rounded to 8 bits. Labels are whole numbers `(N, 1)` or `(N,)`.
 *
 * @throws VesaliusError `bad-data` for other types and shapes, labels without images or of another length, a file
 * without any `*_images`; `not-a-number` for NaN in images or labels.
 */
export function readMedmnist(arrays: ReadonlyMap<string, NumericArray>, where: string): MedmnistContent {
  const splits: Partial<Record<SplitName, ImageSplit>> = {};
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
    const { bytes, rounded } = eightBit(images, pixelsPerImage(shape), place);
    if (rounded) cautions.push(`Images of ${prefix}_images were stored as floats and are kept with 8 bits.`);
    const length = images.shape[0]!;
    splits[name] = {
      name,
      length,
      ids: Array.from({ length }, (_, row) => `${name}/${row}`),
      labels: labels && classIndices(labels, length, `${where}, array ${prefix}_labels`),
      groups: undefined,
      attributes: {},
      images: { ...memoryImages(channelsFirst(bytes, shape), shape), count: length },
    };
  }
  if (Object.keys(splits).length === 0) {
    throw new VesaliusError("bad-data", "no array is called train_images, val_images or test_images", {
      where: `${where}, which holds ${[...arrays.keys()].join(", ") || "no arrays"}`,
      fix: "name the arrays as MedMNIST does",
    });
  }
  return { splits, cautions };
}
