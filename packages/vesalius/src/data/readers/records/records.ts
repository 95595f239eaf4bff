import { VesaliusError } from "../../../common/errors.ts";
import { bareName, isMissing } from "../../files/names.ts";
import type { Table } from "../../files/table.node.ts";

/** A value of a record: null where it is missing. Objects are flattened before (`metadata.focus`), but in lists. */
export type Cell = string | number | boolean | null | readonly unknown[];

/** Records of one or several files, field by field. */
export interface Records {
  readonly length: number;
  /** Values of every field by name, `[length]`. */
  readonly fields: ReadonlyMap<string, readonly Cell[]>;
  /** Split that the file of each record stands for; undefined where its name says nothing. */
  readonly splitOfFile: readonly (string | undefined)[];
  /** What was left out or changed while the files were read. */
  readonly cautions: readonly string[];
  /** Place of a record, for messages: file and row. */
  whereOf(row: number): string;
}

/** One file of records as it is read. */
export interface RecordFile extends Fields {
  readonly where: string;
  readonly split: string | undefined;
  readonly cautions?: readonly string[];
}

/** Values of fields, each `[length]`. */
type Fields = Pick<Records, "length" | "fields">;

/** Fields of records; one that a record lacks is missing there. */
export function fieldsOf(records: readonly ReadonlyMap<string, Cell>[]): Fields {
  const names = new Set<string>();
  for (const record of records) for (const name of record.keys()) names.add(name);
  return {
    length: records.length,
    fields: new Map([...names].map((name) => [name, records.map((record) => record.get(name) ?? null)])),
  };
}

/** Columns of a table as fields, never row by row: of a hundred thousand columns each row would cost a map. */
export function fieldsOfTable({ names, rows }: Table): Fields {
  const fields = new Map<string, Cell[]>();
  for (const [i, name] of names.entries())
    fields.set(
      name,
      rows.map((row) => (isMissing(row[i]!) ? null : row[i]!)),
    );
  return { length: rows.length, fields };
}

/** Rows of a table as records; cells that say "no value" are missing. */
export const recordsOfTable = ({ names, rows }: Table): ReadonlyMap<string, Cell>[] =>
  rows.map((row) => new Map(names.map((name, i) => [name, isMissing(row[i]!) ? null : row[i]!])));

const DEEPEST = 4;

/**
 * Fields of a JSON object, nested ones with their path.
 *
 * @throws VesaliusError `bad-data` for what is no object
 */
export function recordOfObject(value: unknown, where: string): ReadonlyMap<string, Cell> {
  const record = new Map<string, Cell>();
  const add = (name: string, found: unknown, depth: number): void => {
    if (found !== null && typeof found === "object" && !Array.isArray(found) && depth < DEEPEST) {
      for (const [key, inner] of Object.entries(found)) add(name === "" ? key : `${name}.${key}`, inner, depth + 1);
    } else if (found === undefined || found === null) record.set(name, null);
    // An empty text says that there is none.
    else if (found === "") record.set(name, null);
    else if (typeof found === "object" && !Array.isArray(found)) record.set(name, JSON.stringify(found));
    else record.set(name, found as Cell);
  };
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new VesaliusError("bad-data", "a record is no JSON object", { where });
  add("", value, 0);
  return record;
}

function joinedFields(files: readonly RecordFile[]): Records["fields"] {
  const names = new Set(files.flatMap(({ fields }) => [...fields.keys()]));
  const valuesOf = ({ fields, length }: RecordFile, name: string): readonly Cell[] =>
    fields.get(name) ?? Array<Cell>(length).fill(null);
  return new Map([...names].map((name) => [name, files.flatMap((file) => valuesOf(file, name))]));
}

/** Joins the records of files; a field that one lacks is missing there. */
export function joinRecords(files: readonly RecordFile[]): Records {
  const starts: number[] = [];
  let start = 0;
  for (const { length } of files) {
    starts.push(start);
    start += length;
  }
  return {
    length: start,
    fields: files.length === 1 ? files[0]!.fields : joinedFields(files),
    splitOfFile: files.flatMap(({ split, length }) => Array<string | undefined>(length).fill(split)),
    cautions: files.flatMap(({ where, cautions = [] }) =>
      files.length === 1
        ? cautions
        : cautions.map((caution) => `${where.slice(where.lastIndexOf("/") + 1)}: ${caution}`),
    ),
    whereOf(row) {
      const file = starts.findLastIndex((first) => first <= row);
      return `${files[file]!.where}, row ${row - starts[file]! + 1}`;
    },
  };
}

const bareNames = new WeakMap<Records["fields"], ReadonlyMap<string, string>>();

/** Fields by their bare names, found once for all habits: tables can have a hundred thousand columns. */
export function fieldsByBareName(fields: Records["fields"]): ReadonlyMap<string, string> {
  const known = bareNames.get(fields);
  if (known !== undefined) return known;
  const found = new Map([...fields.keys()].map((field) => [bareName(field), field]));
  bareNames.set(fields, found);
  return found;
}

/** The records at some rows. */
export function takeRecords(records: Records, rows: readonly number[]): Records {
  const take = <Value>(values: readonly Value[]): Value[] => rows.map((row) => values[row]!);
  return {
    length: rows.length,
    fields: new Map([...records.fields].map(([name, values]) => [name, take(values)])),
    splitOfFile: take(records.splitOfFile),
    cautions: records.cautions,
    whereOf: (row) => records.whereOf(rows[row]!),
  };
}

/** The parts of a list, of lists in it too: the lines of several sections one after the other. */
export const partsOf = (cell: readonly unknown[]): unknown[] => cell.flat(2);

/** A cell as text; undefined where it is missing. Lists of texts become lines. */
export function textOf(cell: Cell): string | undefined {
  if (cell === null) return undefined;
  if (Array.isArray(cell))
    return partsOf(cell)
      .map((part) => (typeof part === "string" ? part : JSON.stringify(part)))
      .join("\n");
  return String(cell);
}

/** A cell as a number, NaN where it is missing; undefined where it is none. */
export function numberOf(cell: Cell): number | undefined {
  if (cell === null) return Number.NaN;
  if (typeof cell === "number") return Number.isFinite(cell) ? cell : undefined;
  if (typeof cell === "boolean") return Number(cell);
  if (typeof cell !== "string") return undefined;
  const value = Number(cell);
  // Nothing but space is 0 for JavaScript.
  if (Number.isFinite(value)) return value !== 0 || cell.trim() !== "" ? value : undefined;
  return /^(true|false)$/i.test(cell) ? Number(cell.toLowerCase() === "true") : undefined;
}

/** Numbers, dates, names of files, addresses: what stands in rows, not above them. */
const looksLikeRecord = /^[\d\s.,:/+-]+$|\.(?:png|jpe?g|tiff?|bmp|webp|dcm|nii|gz|txt)$|\S@\S+\.\S/i;

/** Names of columns for a message. A first line that is no header but a record is not shown. */
export function listedNames(names: readonly string[]): string {
  const record = names.some((name) => name.length > 60 || looksLikeRecord.test(name));
  if (record) return `${names.length} columns, whose first line does not look like a header`;
  return names.length > 20 ? `${names.slice(0, 20).join(", ")} and ${names.length - 20} more` : names.join(", ");
}

/**
 * The name of a field as the records write it, found without case.
 *
 * @throws VesaliusError `bad-data` where there is none, naming those that there are
 */
export function fieldNamed(records: Records, name: string): string {
  if (records.fields.has(name)) return name;
  const names = [...records.fields.keys()];
  const found = names.find((one) => one.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  throw new VesaliusError("bad-data", `there is no column "${name}"`, {
    where: records.length > 0 ? records.whereOf(0) : "records",
    fix: `the data have ${listedNames(names)}`,
  });
}

/** Fields of an object of the records: `options.A`, `options.B` of `options`. */
export const fieldsUnder = ({ fields }: Records, name: string): string[] =>
  fields.has(name) ? [] : [...fields.keys()].filter((field) => field.startsWith(`${name}.`));
