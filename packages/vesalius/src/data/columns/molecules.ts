import type { Column, ColumnKind } from "../column.ts";
import { agreed, contentHead, presence } from "./storage.ts";
import { describeStrings, joinStrings, lengthFacts, ofStrings, stringContent, textFingerprints } from "./strings.ts";

/** Molecules in a line notation. */
export interface MoleculesColumn extends Column {
  readonly kind: "molecules";
  readonly notation: "smiles";
  /** `[length]`, as written; empty where one is missing. */
  readonly values: readonly string[];
}

/** A column of molecules in SMILES; null stands for a missing one. */
export function moleculesColumn(smiles: readonly (string | null)[]): MoleculesColumn {
  const values = smiles.map((text) => (text ?? "").trim());
  const flags = smiles.map((text) => text !== null);
  return { kind: "molecules", notation: "smiles", length: values.length, values, ...presence(flags) };
}

/** Molecules: equal notations are taken for one example. One molecule written in two ways counts as two. */
export const molecules: ColumnKind<MoleculesColumn, string> = {
  kind: "molecules",
  summary: "molecules in SMILES, read as strings",
  ...ofStrings,
  join: (columns) => ({
    kind: "molecules",
    notation: agreed(columns, "notations", ({ notation }) => notation),
    ...joinStrings(columns),
  }),
  fingerprints: (column) => textFingerprints(column, (text) => text),
  *content(column) {
    yield* contentHead(column, column.notation);
    yield* stringContent(column.values);
  },
  empty: (length) => moleculesColumn(Array<null>(length).fill(null)),
  facts: (column) => lengthFacts(column, ({ length }) => length),
  describe: (column) => ({ notation: column.notation, ...describeStrings(column) }),
};
