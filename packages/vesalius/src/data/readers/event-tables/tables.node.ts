import { join } from "node:path";
import { VesaliusError } from "../../../common/errors.ts";
import type { DatasetFolder } from "../../files/dataset-folder.node.ts";
import { endingOf, isMissing, stemOf } from "../../files/names.ts";
import { readTable } from "../../files/table.node.ts";

/** One row of a table: the cell of a column, undefined where it has no value or there is no such column. */
export type Row = (column: string) => string | undefined;

/** A table whose columns are found by name, whatever their case. */
export interface NamedTable {
  readonly where: string;
  has(column: string): boolean;
  rows(): Generator<Row>;
}

const isTable = (file: string): boolean => ["csv", "tsv"].includes(endingOf(file));

/** The file of a table among those of a folder: by its name, or that without ending, in any case. */
export const fileOf = (files: readonly string[], name: string): string | undefined =>
  files.find((file) => file === name) ??
  files.find((file) => isTable(file) && stemOf(file).toLowerCase() === name.toLowerCase());

/** Cells of pandas' whole numbers beside missing ones: `49.0`. */
const trimmed = (cell: string): string => (/^-?\d+\.0$/.test(cell) ? cell.slice(0, -2) : cell);

/** Reads tables by name, each once. */
export function tableReader(folder: DatasetFolder, files: readonly string[]) {
  const known = new Map<string, NamedTable>();
  const cautions: string[] = [];
  async function optional(name: string): Promise<NamedTable | undefined> {
    const found = known.get(name);
    if (found !== undefined) return found;
    const file = fileOf(files, name);
    if (file === undefined) return undefined;
    const where = join(folder.root, file);
    const table = readTable(await folder.text(file), where);
    cautions.push(...table.cautions.map((caution) => `${file}: ${caution}`));
    const places = new Map(table.names.map((column, i) => [column.toLowerCase(), i]));
    const named: NamedTable = {
      where,
      has: (column) => places.has(column.toLowerCase()),
      *rows() {
        for (const cells of table.rows)
          yield (column) => {
            const place = places.get(column.toLowerCase());
            const cell = place === undefined ? undefined : cells[place];
            return cell === undefined || isMissing(cell) ? undefined : trimmed(cell);
          };
      },
    };
    known.set(name, named);
    return named;
  }
  return {
    cautions,
    optional,
    /** @throws VesaliusError `bad-data` where there is no such table, or it lacks a column */
    async required(name: string, columns: readonly string[]): Promise<NamedTable> {
      const table = await optional(name);
      if (table === undefined)
        throw new VesaliusError("bad-data", `there is no table ${name}`, {
          where: folder.path,
          fix: (option) => `name the tables that there are in ${option("tables")}`,
        });
      const missing = columns.filter((column) => !table.has(column));
      if (missing.length === 0) return table;
      throw new VesaliusError("bad-data", `the table has no column ${missing.join(" and no ")}`, {
        where: table.where,
        fix: (option) => `name the columns that it has in ${option("tables")}`,
      });
    },
  };
}

/** Reads tables by name. */
export type TableReader = ReturnType<typeof tableReader>;
