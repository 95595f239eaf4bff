import type { Columns } from "./column.ts";
import type { DatasetCard } from "./dataset-card.ts";

/** Values for subgroups (site, sex, age ...); null stands for a missing one. */
export type Attributes = Readonly<Record<string, readonly (string | number | null)[]>>;

/** One part of a dataset, or a table of it. Row i of every column belongs to example i. */
export interface Split {
  /** `train`, `validation` and `test` by custom; others are open. */
  readonly name: string;
  readonly length: number;
  /** Stable identifier of each example inside the dataset. */
  readonly ids: readonly string[];
  /** Grouping key (patient, lesion, gene, topic) of each example; undefined where none is known. */
  readonly groups: readonly string[] | undefined;
  readonly attributes: Attributes;
  readonly columns: Columns;
}

/** Data with named columns, split so that no group and no identical content is in two parts. */
export interface Dataset {
  /** Short name, the folder's name by default. */
  readonly name: string;
  readonly card: DatasetCard;
  /** What one example is, in the plural: "images", "sentences", "cells", "patients". */
  readonly unit: string;
  readonly splits: Readonly<Record<string, Split>>;
  /** What examples refer to by a `references` column (passages, proteins, drugs), by name. */
  readonly tables: Readonly<Record<string, Split>>;
}

/** Values of one example by column; null where one is missing. */
export type Example = Readonly<Record<string, unknown>>;
