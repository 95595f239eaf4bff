import type { ColumnKindName, Split } from "../data/index.ts";
import type { TaskSuggestion } from "./task.ts";

/** What {@link suggestColumn} looks for. */
export interface SuggestedKind {
  readonly kind: ColumnKindName;
  /** Names to take first; with `only` no other name is taken. */
  readonly names: readonly string[];
  readonly only?: boolean;
  /** Why, for the reader, by the name of the column. */
  readonly reason: (column: string) => string;
  readonly particularity: TaskSuggestion["particularity"];
}

/**
 * The suggestion of a task that predicts a column of one kind: the column by one of the names, else the first of its kind.
 * All columns of the kind (with `only`: of the names) count as what is to be predicted, which a network must not read.
 */
export function suggestColumn(train: Split, suggested: SuggestedKind): TaskSuggestion | undefined {
  const { kind, names, only = false, reason, particularity } = suggested;
  const columns = Object.entries(train.columns)
    .filter(([name, column]) => column.kind === kind && (!only || names.includes(name)))
    .map(([name]) => name);
  const column = names.find((name) => columns.includes(name)) ?? columns[0];
  if (column === undefined) return undefined;
  // Two texts (premise and hypothesis, claim and evidence, two questions) are read as a pair.
  const texts = Object.keys(train.columns).filter((name) => train.columns[name]!.kind === "texts");
  const together = texts.length === 2 ? { together: { columns: texts, encoder: { pair: true } } } : {};
  return { settings: { column }, columns, ...together, reason: reason(column), particularity };
}
