import { createDigest } from "#common/digest";
import { readBytes } from "#data/read-file";
import type { Column, ColumnKind } from "../column.ts";
import { readNifti } from "../volumes/read-nifti.ts";
import type { VoxelArray, VoxelGrid } from "../volumes/read-nifti.ts";
import { quantile } from "./quantile.ts";
import {
  bytesOf,
  contentHead,
  isPresent,
  joinedLength,
  joinPresent,
  presence,
  presentCount,
  takePresent,
} from "./storage.ts";

/** A volume in memory, or the NIfTI file that holds it; see {@link VoxelGrid} for axes and affine. */
export type StoredVolume = Omit<VoxelGrid, "data"> & {
  readonly data: VoxelArray | { readonly path: string };
  /** Content hash of the file that it came from; computed from the voxels where it is left out. */
  readonly hash?: string;
};

/** Volumes on grids of their own. */
export interface VolumesColumn extends Column {
  readonly kind: "volumes";
  /** `[length]`; null where one is missing. */
  readonly items: readonly (StoredVolume | null)[];
}

/** A volume as it is read. Not to be written to: its voxels may be the stored ones. */
export type Volume = VoxelGrid<Float32Array>;

/** A column of volumes; null stands for a missing one. */
export const volumesColumn = (items: readonly (StoredVolume | null)[]): VolumesColumn => ({
  kind: "volumes",
  length: items.length,
  items,
  ...presence(items.map((item) => item !== null)),
});

async function readVolume(item: StoredVolume): Promise<Volume> {
  const { path } = item.data as { path?: string };
  const grid = path === undefined ? (item as VoxelGrid) : readNifti(await readBytes(path), { where: path });
  const { channels, extents, spacing, affine, data } = grid;
  return {
    channels,
    extents,
    spacing,
    affine,
    data: data instanceof Float32Array ? data : Float32Array.from(data),
  };
}

/** Hash of what an item shows, where that is known without reading a file. */
export function itemHash(item: {
  readonly extents: readonly number[];
  readonly data: VoxelArray | { readonly path: string };
  readonly hash?: string;
}): string | undefined {
  if (item.hash !== undefined) return item.hash;
  if ("path" in item.data) return undefined;
  return createDigest().update(item.extents.join("x")).update(bytesOf(item.data)).hex();
}

/** Volumes: equal ones, as stored, are taken for one example. */
export const volumes: ColumnKind<VolumesColumn, Volume> = {
  kind: "volumes",
  summary: "volumes with spacing and affine, read as float32 by channel, slice, row and column",
  identifies: "alone",
  large: true,
  read: (column, rows) =>
    Promise.all(Array.from(rows, async (row) => (isPresent(column, row) ? readVolume(column.items[row]!) : null))),
  take: (column, rows) => ({
    kind: "volumes",
    length: rows.length,
    items: Array.from(rows, (row) => column.items[row]!),
    ...takePresent(column, rows),
  }),
  join: (columns) => ({
    kind: "volumes",
    length: joinedLength(columns),
    items: columns.flatMap(({ items }) => items),
    ...joinPresent(columns),
  }),
  fingerprints: (column) => column.items.map((item) => (item === null ? undefined : itemHash(item))),
  *content(column) {
    yield* contentHead(
      column,
      column.items.map((item) => item && [item.channels, item.extents, item.spacing, item.affine]),
    );
    for (const item of column.items) {
      if (item !== null) yield itemHash(item) ?? (item.data as { path: string }).path;
    }
  },
  empty: (length) => volumesColumn(Array<null>(length).fill(null)),
  facts: ({ items }) => {
    const found = items.filter((item) => item !== null);
    const along = (part: "extents" | "spacing", share: number): number[] =>
      [0, 1, 2].map((axis) =>
        quantile(
          found.map((item) => item[part][axis]!),
          share,
        ),
      );
    return {
      channels: Math.max(...found.map(({ channels }) => channels)),
      extents: along("extents", 0.5),
      largestExtents: along("extents", 1),
      spacing: along("spacing", 0.5),
    };
  },
  describe: (column) => {
    const items = column.items.filter((item) => item !== null);
    const range = (part: "extents" | "spacing", axis: number): string => {
      const values = items.map((item) => item[part][axis]!);
      const [least, most] = [Math.min(...values), Math.max(...values)];
      return least === most ? `${least}` : `${least}-${most}`;
    };
    const along = (part: "extents" | "spacing"): string => [0, 1, 2].map((axis) => range(part, axis)).join(" x ");
    const channels = [...new Set(items.map((item) => item.channels))].join(", ");
    return {
      present: presentCount(column),
      ...(items.length === 0 ? {} : { channels, extents: along("extents"), spacingMillimetres: along("spacing") }),
    };
  },
};
