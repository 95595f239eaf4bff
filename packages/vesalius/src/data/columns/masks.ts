import { decodeImage } from "#data/decode-images";
import { readBytes } from "#data/read-file";
import { VesaliusError } from "../../common/errors.ts";
import type { Column, ColumnKind } from "../column.ts";
import { readNifti } from "../volumes/read-nifti.ts";
import type { VoxelArray } from "../volumes/read-nifti.ts";
import {
  agreed,
  contentHead,
  isPresent,
  joinedLength,
  joinPresent,
  presence,
  presentCount,
  shared,
  takePresent,
} from "./storage.ts";
import { itemHash } from "./volumes.ts";

/** A mask: the class of every pixel or voxel of an image or volume of the same split. */
export interface Mask {
  /** `[height, width]`, or `[depth, height, width]` as a volume's. */
  readonly extents: readonly number[];
  /** Millimetres along the axes of `extents`, of a volume. */
  readonly spacing?: readonly number[];
  /** As a volume's. */
  readonly affine?: readonly number[];
  /** Class indices, row-major; 0 is the background. */
  readonly data: Uint8Array;
}

/** A mask in memory, or the PNG or NIfTI file that holds it. */
export type StoredMask = Omit<Mask, "data"> & {
  readonly data: Uint8Array | { readonly path: string };
  /** Content hash of the file that it came from. */
  readonly hash?: string;
};

/** Masks on the grids of images or volumes of the same split. */
export interface MasksColumn extends Column {
  readonly kind: "masks";
  /** Names by class index; the first is the background. */
  readonly classes: readonly string[];
  /** Value in the files that stands for each class; the class index where this is left out. */
  readonly fileValues?: readonly number[];
  /** `[length]`; null where one is missing. */
  readonly items: readonly (StoredMask | null)[];
}

/**
 * Class indices of a label map.
 *
 * @param fileValues value that stands for each class
 * @throws VesaliusError `bad-data` for a value that stands for no class
 */
export function maskData(values: VoxelArray, fileValues: readonly number[], where: string): Uint8Array {
  const classOf = new Map(fileValues.map((value, index) => [value, index]));
  const data = shared(new Uint8Array(values.length));
  for (let i = 0; i < values.length; i++) {
    const found = classOf.get(values[i]!);
    if (found === undefined) {
      throw new VesaliusError("bad-data", `the mask has the value ${values[i]}, which stands for no class`, {
        where,
        fix: `the classes are the values ${fileValues.join(", ")}`,
      });
    }
    data[i] = found;
  }
  return data;
}

/**
 * A column of masks; null stands for a missing one.
 *
 * @param classes names by class index, the background first; at most 256
 * @throws VesaliusError `bad-data` for a class index without a name, or `shape-mismatch` for a mask that does not fill
 * its extents
 */
export function masksColumn(
  classes: readonly string[],
  items: readonly (StoredMask | null)[],
  fileValues?: readonly number[],
): MasksColumn {
  if (classes.length > 256) throw new VesaliusError("bad-data", `masks of ${classes.length} classes; at most 256 fit`);
  for (const [row, item] of items.entries()) {
    if (item === null || !(item.data instanceof Uint8Array)) continue;
    const count = item.extents.reduce((a, b) => a * b, 1);
    const largest = item.data.reduce((a, b) => Math.max(a, b), 0);
    const where = `mask in row ${row + 1}`;
    if (item.data.length !== count)
      throw new VesaliusError("shape-mismatch", `${item.data.length} values do not fill ${item.extents.join(" x ")}`, {
        where,
      });
    if (largest >= classes.length)
      throw new VesaliusError("bad-data", `the class index ${largest} is outside the ${classes.length} classes`, {
        where,
      });
  }
  return {
    kind: "masks",
    length: items.length,
    classes,
    ...(fileValues === undefined ? {} : { fileValues }),
    items,
    ...presence(items.map((item) => item !== null)),
  };
}

async function readMask(column: MasksColumn, item: StoredMask): Promise<Mask> {
  const { extents, spacing, affine, data } = item;
  const grid = { extents, ...(spacing === undefined ? {} : { spacing }), ...(affine === undefined ? {} : { affine }) };
  if (data instanceof Uint8Array) return { ...grid, data };
  const { path } = data;
  const values =
    extents.length === 2 ? (await decodeImage(path)).pixels : readNifti(await readBytes(path), { where: path }).data;
  const count = extents.reduce((a, b) => a * b, 1);
  const fileValues = column.fileValues ?? column.classes.map((_, index) => index);
  // A grey mask that was decoded as colour repeats its values in every channel.
  return { ...grid, data: maskData(values.subarray(0, count), fileValues, path) };
}

/** Masks: what is to be found, so their equality says nothing of identity. */
export const masks: ColumnKind<MasksColumn, Mask> = {
  kind: "masks",
  summary: "the class of every pixel or voxel, read as class indices",
  large: true,
  read: (column, rows) =>
    Promise.all(
      Array.from(rows, async (row) => (isPresent(column, row) ? readMask(column, column.items[row]!) : null)),
    ),
  take: (column, rows) => ({
    ...column,
    length: rows.length,
    items: Array.from(rows, (row) => column.items[row]!),
    ...takePresent(column, rows),
  }),
  join: (columns) => ({
    ...columns[0]!,
    classes: agreed(columns, "classes", ({ classes, fileValues }) => [classes, fileValues] as const)[0],
    length: joinedLength(columns),
    items: columns.flatMap(({ items }) => items),
    ...joinPresent(columns),
  }),
  classNames: ({ classes }) => classes,
  withClasses: (column, names, to, where) => {
    if (to.some((position) => position < 0) || new Set(to).size < to.length)
      throw new VesaliusError("bad-data", "classes of masks can be renamed and reordered, not left out or merged", {
        where,
        fix: "give each class of the data a class of its own",
      });
    const values = column.fileValues ?? column.classes.map((_, index) => index);
    return {
      ...column,
      classes: names,
      // A class that the data do not have has no value in their files.
      fileValues: names.map((_, position) => (to.includes(position) ? values[to.indexOf(position)]! : NaN)),
      items: column.items.map((item) =>
        item === null || !(item.data instanceof Uint8Array)
          ? item
          : { ...item, data: item.data.map((value) => to[value]!) },
      ),
    };
  },
  *content(column) {
    yield* contentHead(column, [column.classes, column.fileValues, column.items.map((item) => item?.extents)]);
    for (const item of column.items) {
      if (item !== null) yield itemHash(item) ?? (item.data as { path: string }).path;
    }
  },
  describe: (column) => ({ present: presentCount(column), classes: column.classes }),
};
