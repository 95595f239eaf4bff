import type { SplitName } from "../image-dataset.ts";

/** One image file of a dataset folder, before anything is decoded. */
export interface ListedImage {
  /** Path on disk. */
  readonly path: string;
  /** Path inside the dataset, which identifies the image. */
  readonly id: string;
  readonly split: SplitName;
  /** Class as the folder or table writes it; undefined in unlabelled data. */
  readonly label: string | undefined;
  readonly group: string | undefined;
  readonly attributes: Readonly<Record<string, string | number | null>>;
}

const SPLIT_NAMES: Readonly<Record<string, SplitName>> = {
  train: "train",
  val: "validation",
  valid: "validation",
  validation: "validation",
  test: "test",
};

/** The split that a folder's name or a table's cell stands for, if it stands for one. */
export function splitNamed(text: string): SplitName | undefined {
  return Object.hasOwn(SPLIT_NAMES, text) ? SPLIT_NAMES[text] : undefined;
}
