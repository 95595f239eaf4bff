import type { Split } from "../split.ts";

/** What a step made of a split. */
export interface Stepped {
  readonly split: Split;
  /** What is worth telling: how many examples were joined, cut or left out. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Makes one split of another before anything is fitted to it; each split of a dataset by itself. */
export type DatasetStep = (split: Split) => Promise<Stepped>;
