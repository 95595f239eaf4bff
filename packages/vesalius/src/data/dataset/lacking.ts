import { kindOf } from "../columns/index.ts";
import { rareNames } from "./rare-names.ts";
import type { Dataset } from "../split.ts";

/**
 * What the examples of single splits leave undefined, for the reader: a class without examples, no event, a label that all
 * have. Training on it, or evaluating, would not show what it seems to.
 */
export const lackingCautions = ({ splits, card }: Pick<Dataset, "splits"> & Partial<Pick<Dataset, "card">>): string[] =>
  Object.values(splits).flatMap(({ name, columns }) =>
    Object.entries(columns).flatMap(([column, stored]) => {
      const lacking = kindOf(stored).lacking?.(stored, rareNames(Object.values(splits), column, card));
      if (lacking === undefined) return [];
      const means = name === "train" ? "this cannot be learned" : "metrics that need it are not defined";
      return [`Split ${name}, column ${column}: ${lacking}; ${means}.`];
    }),
  );
