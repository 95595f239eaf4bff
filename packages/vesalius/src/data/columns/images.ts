import { createDigest } from "#common/digest";
import { decodeImage } from "#data/decode-images";
import { VesaliusError } from "../../common/errors.ts";
import type { Column, ColumnKind } from "../column.ts";
import { convertImage } from "../images/convert-images.ts";
import type { Window } from "../images/window.ts";
import { quantile } from "./quantile.ts";
import {
  agreed,
  checkLengths,
  concatenate,
  contentHead,
  gather,
  isPresent,
  joinedLength,
  joinPresent,
  presentCount,
  sampledRows,
  shared,
  takePresent,
} from "./storage.ts";

/** Channels, height and width of an image, in pixels. */
export type ImageSize = readonly [channels: number, height: number, width: number];

/** Where the pixels of a column of images are. */
export type ImageStorage =
  | {
      /** Decoded, in one block of images of one size. */
      readonly kind: "memory";
      /** `[length, channels, height, width]`, 0-255. */
      readonly pixels: Uint8Array;
      readonly channels: number;
      readonly height: number;
      readonly width: number;
    }
  | {
      /** Encoded files, decoded each time they are read. */
      readonly kind: "files";
      readonly paths: readonly string[];
      /** What each reads as: a file of another size or number of channels is converted. */
      readonly sizes: readonly ImageSize[];
      /** Values of images of 16 bits that become black and white. */
      readonly window?: Window;
    };

/** Pictures of 8 bits, grey or colour. */
export interface ImagesColumn extends Column {
  readonly kind: "images";
  readonly storage: ImageStorage;
  /**
   * `[length]` content hashes of the images as they were stored, before any resizing. Where they are left out the images
   * count as all different.
   */
  readonly hashes?: readonly string[];
}

/** A picture as one row of values a channel. Not to be written to: it may be a view of the stored pixels. */
export interface Raster {
  readonly channels: number;
  readonly extents: readonly [height: number, width: number];
  /** `[channels, height, width]`. */
  readonly data: Uint8Array | Float32Array;
  /** Value of white: 255 for bytes, 1 for floats. */
  readonly scale: 255 | 1;
}

/**
 * A column of decoded images of one size.
 *
 * @param pixels `[length, channels, height, width]`, 0-255; copied once into shared memory unless it lies there already
 * @throws VesaliusError `shape-mismatch` where the bytes are no whole number of images or the hashes are of another number
 */
export function imagesColumn(
  pixels: Uint8Array,
  size: { readonly channels: number; readonly height: number; readonly width: number },
  hashes?: readonly string[],
): ImagesColumn {
  const { channels, height, width } = size;
  const length = pixels.length / (channels * height * width);
  if (!Number.isInteger(length)) {
    throw new VesaliusError(
      "shape-mismatch",
      `${pixels.length} bytes are no whole number of images of [${channels}, ${height}, ${width}]`,
    );
  }
  checkLengths("images", length, { hashes: hashes?.length });
  const storage = { kind: "memory", pixels: shared(pixels), channels, height, width } as const;
  return { kind: "images", length, storage, ...(hashes === undefined ? {} : { hashes }) };
}

/** A column of image files that are decoded when they are read. */
export function imageFilesColumn(
  paths: readonly string[],
  sizes: readonly ImageSize[],
  hashes?: readonly string[],
  window?: Window,
): ImagesColumn {
  checkLengths("images", paths.length, { sizes: sizes.length, hashes: hashes?.length });
  const storage = { kind: "files", paths, sizes, ...(window === undefined ? {} : { window }) } as const;
  return { kind: "images", length: paths.length, storage, ...(hashes === undefined ? {} : { hashes }) };
}

/** Content hash of decoded pixels; images of other shapes never collide. */
export const imageHash = (
  pixels: Uint8Array,
  { channels, height, width }: { readonly channels: number; readonly height: number; readonly width: number },
): string => createDigest().update(`${channels}x${height}x${width}:`).update(pixels).hex();

/** Number of values of one image. */
const valuesOf = ([channels, height, width]: ImageSize): number => channels * height * width;

/** Size that an image reads as. */
export function imageSize({ storage }: ImagesColumn, row: number): ImageSize {
  return storage.kind === "files" ? storage.sizes[row]! : [storage.channels, storage.height, storage.width];
}

async function readImage({ storage }: ImagesColumn, row: number): Promise<Raster> {
  if (storage.kind === "memory") {
    const { channels, height, width, pixels } = storage;
    const size = valuesOf([channels, height, width]);
    return { channels, extents: [height, width], data: pixels.subarray(row * size, (row + 1) * size), scale: 255 };
  }
  const [channels, height, width] = storage.sizes[row]!;
  const decoded = await decodeImage(storage.paths[row]!, storage.window);
  const data = new Uint8Array(valuesOf([channels, height, width]));
  convertImage(decoded.pixels, decoded.shape, { channels, height, width }, data);
  return { channels, extents: [height, width], data, scale: 255 };
}

function joinStorage(columns: readonly ImagesColumn[]): ImageStorage {
  const storages = columns.map(({ storage }) => storage);
  const files = storages.filter((storage) => storage.kind === "files");
  if (files.length === storages.length) {
    const window = agreed(columns, "windows", ({ storage }) => (storage.kind === "files" ? storage.window : undefined));
    return {
      kind: "files",
      paths: files.flatMap(({ paths }) => paths),
      sizes: files.flatMap(({ sizes }) => sizes),
      ...(window === undefined ? {} : { window }),
    };
  }
  const memory = storages.filter((storage) => storage.kind === "memory");
  if (memory.length < storages.length) {
    throw new VesaliusError("bad-data", "decoded images and image files cannot be joined", {
      fix: (option) =>
        `open all of the data with ${option("storage", "memory")}, or all with ${option("storage", "files")}`,
    });
  }
  const size = agreed(columns, "sizes", (column) => imageSize(column, 0));
  const [channels, height, width] = size;
  const pixels = concatenate(
    Uint8Array,
    memory.map((storage) => storage.pixels),
  );
  return { kind: "memory", pixels, channels, height, width };
}

/** Images: equal ones, byte for byte as stored, are taken for one example. */
export const images: ColumnKind<ImagesColumn, Raster> = {
  kind: "images",
  summary: "pictures of 8 bits, grey or colour, read as values by channel",
  identifies: "alone",
  large: true,
  read: (column, rows) =>
    Promise.all(Array.from(rows, async (row) => (isPresent(column, row) ? readImage(column, row) : null))),
  take: (column, rows) => {
    const { storage, hashes } = column;
    return {
      kind: "images",
      length: rows.length,
      storage:
        storage.kind === "memory"
          ? { ...storage, pixels: gather(storage.pixels, rows, valuesOf(imageSize(column, 0))) }
          : {
              ...storage,
              paths: Array.from(rows, (row) => storage.paths[row]!),
              sizes: Array.from(rows, (row) => storage.sizes[row]!),
            },
      ...(hashes === undefined ? {} : { hashes: Array.from(rows, (row) => hashes[row]!) }),
      ...takePresent(column, rows),
    };
  },
  join: (columns) => ({
    kind: "images",
    length: joinedLength(columns),
    storage: joinStorage(columns),
    ...(columns.every(({ hashes }) => hashes !== undefined)
      ? { hashes: columns.flatMap(({ hashes }) => hashes ?? []) }
      : {}),
    ...joinPresent(columns),
  }),
  fingerprints: (column) =>
    Array.from({ length: column.length }, (_, row) => (isPresent(column, row) ? column.hashes?.[row] : undefined)),
  *content(column) {
    const { storage, hashes } = column;
    if (storage.kind === "memory") {
      yield* contentHead(column, imageSize(column, 0));
      yield storage.pixels;
    } else {
      // A moved folder is the same data; without hashes the paths are all that is known.
      yield* contentHead(column, storage.window === undefined ? storage.sizes : [storage.sizes, storage.window]);
      yield JSON.stringify(hashes ?? storage.paths);
    }
  },
  empty: (length) => ({
    ...imagesColumn(new Uint8Array(length), { channels: 1, height: 1, width: 1 }),
    present: new Uint8Array(length),
  }),
  facts: (column) => {
    const sizes = sampledRows(column).map((row) => imageSize(column, row));
    return {
      channels: Math.max(...sizes.map(([channels]) => channels)),
      height: quantile(
        sizes.map(([, height]) => height),
        0.5,
      ),
      width: quantile(
        sizes.map(([, , width]) => width),
        0.5,
      ),
    };
  },
  describe: (column) => {
    const sizes = new Set(Array.from({ length: column.length }, (_, row) => imageSize(column, row).join(" x ")));
    const listed = [...sizes].sort();
    return {
      present: presentCount(column),
      storage: column.storage.kind,
      ...(listed.length > 5 ? { sizes: listed.length } : { sizes: listed }),
    };
  },
};
