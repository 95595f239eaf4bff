import { VesaliusError } from "../common/errors.ts";
import { type Dataset, type encoders, type ReferencesColumn, referencesColumn, type Split } from "../data/index.ts";
import { columnsReadBy } from "./match-columns.ts";
import type { Model } from "./model.ts";

/** What a model reads of a table: the column of references that leads to it, and the table's own columns. */
interface TableRead {
  readonly column: string;
  readonly names: readonly string[];
}

/** The table that a model reads through a column of references (`relevant.text`); undefined where it reads none. */
export function tableReadBy(
  model: Pick<Model, "plan">,
  catalogue?: Pick<typeof encoders, "create">,
): TableRead | undefined {
  const paths = columnsReadBy(model, catalogue).flatMap(({ name }) => (name.includes(".") ? [name.split(".")] : []));
  const column = paths[0]?.[0];
  return column === undefined ? undefined : { column, names: paths.map(([, ...own]) => own.join(".")) };
}

/** The table of a dataset that a column of references leads to, its only table, or its only split. */
function tableOf({ name, splits, tables }: Pick<Dataset, "name" | "splits" | "tables">, column: string): Split {
  for (const { columns } of Object.values(splits))
    if (columns[column]?.kind === "references") return (columns[column] as ReferencesColumn).entries;
  const found = Object.values(tables).length > 0 ? Object.values(tables) : Object.values(splits);
  if (found.length === 1) return found[0]!;
  throw new VesaliusError("bad-data", `it is not said which of ${found.map((one) => one.name).join(", ")} to search`, {
    where: name,
    fix: "name data with one table, or a folder with its entries alone",
  });
}

/**
 * Puts the table that a model searches beside new examples, which refer to nothing yet. Data that have a table of their own
 * keep it.
 *
 * @param dataset with the table: the data that the model was trained on, others in that layout, or the entries alone;
 * what the model keeps where it is left out
 * @throws VesaliusError `bad-argument` for a model that searches nothing, or that keeps nothing, `bad-data` for a table without a column that the
 * model reads
 *
 * @example
 * const asked = matchColumns(model, withTable(model, questions, await openDataset("./medquad")));
 */
export function withTable(
  model: Pick<Model, "plan"> & Partial<Pick<Model, "searched">>,
  split: Split,
  dataset?: Pick<Dataset, "name" | "splits" | "tables">,
): Split {
  const read = tableReadBy(model);
  if (read === undefined)
    throw new VesaliusError("bad-argument", "the model searches no table", { fix: "leave the table out" });
  const { column, names } = read;
  if (Object.hasOwn(split.columns, column)) return split;
  const nothing = Array<null>(split.length).fill(null);
  const beside = (table: Split): Split => ({
    ...split,
    columns: { ...split.columns, [column]: referencesColumn(table, nothing) },
  });
  if (dataset === undefined) {
    if (model.searched !== undefined) return beside(model.searched.table);
    throw new VesaliusError("bad-argument", "the model searches entries of a table, and keeps none", {
      where: column,
      fix: "name data with the entries, or train with keepIndex: true in the task",
    });
  }
  const table = tableOf(dataset, column);
  const absent = names.filter((name) => !Object.hasOwn(table.columns, name));
  if (absent.length > 0)
    throw new VesaliusError("bad-data", `the entries of ${table.name} have no ${absent.join(" and no ")}`, {
      where: dataset.name,
      fix: `give them ${names.join(" and ")}, which the model reads (they have ${Object.keys(table.columns).join(", ")})`,
    });
  return beside(table);
}
