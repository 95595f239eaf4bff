import { readFile } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, win32 } from "node:path";
import { parse } from "csv-parse/sync";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";
import { validate } from "../../common/check.ts";
import { splitNamed } from "./image-listing.ts";
import type { ListedImage } from "./image-listing.ts";

const tableSchema = z.array(z.record(z.string(), z.string())).min(1, "the table has no rows");

/** Cells that mean "no value" in tables written by pandas, R and spreadsheets; "none" can be a finding and is kept. */
const MISSING = new Set(["", "nan", "na", "n/a", "null"]);

function isMissing(cell: string): boolean {
  return MISSING.has(cell.toLowerCase());
}

function readTable(text: string, where: string): Record<string, string>[] {
  let rows: unknown;
  try {
    rows = parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      columns: (header: string[]) => {
        const repeated = header.find((name, index) => header.indexOf(name) !== index);
        if (repeated !== undefined) throw new Error(`the column "${repeated}" occurs twice`);
        return header;
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VesaliusError("bad-data", `the table is not well-formed CSV: ${reason}`, { where, cause: error });
  }
  return validate(tableSchema, rows, { code: "bad-data", what: "label table", where });
}

/** The file's place on disk; a table that points outside its own folder is refused. */
function placeInside(folder: string, file: string, where: string): string {
  const path = resolve(folder, file);
  const inside = relative(folder, path);
  const escapes = inside === "" || inside.startsWith("..") || isAbsolute(inside);
  if (escapes || isAbsolute(file) || win32.isAbsolute(file) || file.includes("\0") || file.includes("\\")) {
    throw new VesaliusError("bad-data", `the file name "${file}" leads outside the dataset's folder`, {
      where,
      fix: "name files relative to the folder of labels.csv, with forward slashes",
    });
  }
  return path;
}

/** Attribute columns: numbers where every present cell is one, text otherwise; null for missing cells. */
function attributeColumns(
  rows: readonly Record<string, string>[],
  names: readonly string[],
): Record<string, (string | number | null)[]> {
  return Object.fromEntries(
    names.map((name) => {
      const cells = rows.map((row) => (isMissing(row[name]!) ? null : row[name]!));
      const numeric = cells.every((cell) => cell === null || Number.isFinite(Number(cell)));
      return [name, cells.map((cell) => (cell !== null && numeric ? Number(cell) : cell))];
    }),
  );
}

/**
 * Lists the images of a folder with a `labels.csv`: a column `file` (or `path`) with names relative to the folder and,
 * where known, `label`, `split` (train, val, validation, test; all train without it), `group` (patient, lesion, study).
 * Every other column becomes an attribute for subgroup figures; its empty and NaN cells become null.
 *
 * @throws VesaliusError `bad-data` with the row for malformed CSV, no `file` column, a missing label or group, an
 * unknown split, a file named twice or outside the folder; `missing-file` without the table.
 */
export async function readLabelsCsv(folder: string): Promise<ListedImage[]> {
  const table = join(folder, "labels.csv");
  const text = await readFile(table, "utf8").catch((error: unknown) => {
    throw fileError(error, table);
  });
  const rows = readTable(text, table);
  const columns = Object.keys(rows[0]!);
  const fileColumn = ["file", "path"].find((name) => columns.includes(name));
  if (fileColumn === undefined) {
    throw new VesaliusError("bad-data", `the table has no column "file" (it has ${columns.join(", ")})`, {
      where: table,
    });
  }
  const names = columns.filter((name) => ![fileColumn, "label", "split", "group"].includes(name));
  const attributes = attributeColumns(rows, names);
  const seen = new Set<string>();
  const listed: ListedImage[] = [];
  for (const [index, row] of rows.entries()) {
    const where = `${table}, row ${index + 1}`;
    const required = (column: string): string | undefined => {
      const cell = row[column];
      if (cell !== undefined && isMissing(cell)) {
        throw new VesaliusError("bad-data", `the ${column} is missing`, {
          where,
          fix: `fill the cell, drop the row, or drop the column ${column}`,
        });
      }
      return cell;
    };
    const file = required(fileColumn)!;
    const split = splitNamed(required("split") ?? "train");
    if (split === undefined) {
      throw new VesaliusError("bad-data", `"${row["split"]}" is no split`, { where, fix: "write train, val or test" });
    }
    const path = placeInside(folder, file, where);
    if (seen.has(path)) {
      throw new VesaliusError("bad-data", `the file "${file}" is listed twice`, { where, fix: "keep one of its rows" });
    }
    seen.add(path);
    const values = Object.fromEntries(names.map((name) => [name, attributes[name]![index]!]));
    listed.push({ path, id: file, split, label: required("label"), group: required("group"), attributes: values });
  }
  return listed;
}
