/** What tests of readers share: datasets made of files, and short ways to look into them. */
import type { VesaliusError } from "../../common/errors.ts";
import { columnOf } from "../dataset/index.ts";
import { failure, makeFolder, png } from "../data.test.helper.ts";
import { openDataset, type OpenDatasetOptions } from "../open-dataset.node.ts";
import type { Dataset, Split } from "../split.ts";

/** Contents by relative path. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Opens a dataset made of files. */
export const open = async (files: Files, options?: OpenDatasetOptions): Promise<Dataset> =>
  openDataset(await makeFolder(files), options);

/** The error with which a dataset made of files is refused. */
export const refused = async (files: Files, options?: OpenDatasetOptions): Promise<VesaliusError> =>
  failure(() => open(files, options));

/** Distinct grey images by file name. */
export async function greys(names: readonly string[], side = 3): Promise<Record<string, Buffer>> {
  const files = names.map(async (name, i) => [name, await png(side, side, 1, (x, y) => i * 11 + x + y)] as const);
  return Object.fromEntries(await Promise.all(files));
}

/** Names of the classes of a split's examples. */
export function labelsOf(split: Split | undefined): (string | undefined)[] {
  const { names, values } = columnOf(split!, "label", "classes");
  return Array.from(values, (value) => names[value]);
}

/** The column of images. */
export const imageOf = (split: Split | undefined) => columnOf(split!, "image", "images");

/** Kinds of the columns. */
export const kindsOf = (split: Split | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(split!.columns).map(([name, { kind }]) => [name, kind]));

/** A line of JSON. */
export const line = (record: object): string => `${JSON.stringify(record)}\n`;

/** UTF-8 bytes. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A sparse matrix of genes by cells as 10x writes it: entries of gene, cell (from 1) and count. */
export const matrixFile = (
  genes: number,
  cells: number,
  entries: readonly (readonly [number, number, number])[],
): string =>
  `%%MatrixMarket matrix coordinate integer general\n%comment\n${genes} ${cells} ${entries.length}\n${entries.map((entry) => entry.join(" ")).join("\n")}\n`;
