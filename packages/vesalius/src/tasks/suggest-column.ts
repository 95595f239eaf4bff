import type { ColumnKindName, Split } from "../data/index.ts";
import { suggestPair } from "./pairs/text-pairs.ts";
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
  return { settings: { column }, columns, ...suggestPair(train), reason: reason(column), particularity };
}
