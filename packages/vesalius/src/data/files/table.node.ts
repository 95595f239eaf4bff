import { CsvError, parse } from "csv-parse/sync";
import { VesaliusError } from "../../common/errors.ts";
import { bareName } from "./names.ts";

/** A table of text cells. */
export interface Table {
  /** Path for messages. */
  readonly where: string;
  /** Column names as written. */
  readonly names: readonly string[];
  /** `[rows][names]`, trimmed. */
  readonly rows: readonly (readonly string[])[];
}

const SEPARATORS = [",", ";", "\t"] as const;

/** The separator that splits the first line into most cells, outside quotes. */
function separatorOf(text: string): string {
  const line = text.split(/\r?\n/).find((candidate) => candidate.trim() !== "" && !candidate.startsWith("#")) ?? "";
  const bare = line.replaceAll(/"[^"]*"/g, "");
  const counts = SEPARATORS.map((separator) => bare.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))]!;
}

/** What csv-parse found, without the content that its messages can quote. */
function reasonOf(error: unknown): string {
  if (!(error instanceof CsvError)) return "it cannot be read";
  const line = typeof error["lines"] === "number" ? ` in line ${error["lines"]}` : "";
  switch (error.code) {
    case "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH":
    case "CSV_RECORD_INCONSISTENT_COLUMNS":
      return `another number of cells than the header has${line}`;
    case "CSV_QUOTE_NOT_CLOSED":
      return `a quote is not closed${line}`;
    case "CSV_INVALID_CLOSING_QUOTE":
    case "INVALID_OPENING_QUOTE":
      return `a quote in the wrong place${line}`;
    default:
      return `${error.code}${line}`;
  }
}

/**
 * Reads a table with a header: cells separated by commas, semicolons or tabs (found by the header), quoted where needed.
 * Comment lines before the header (`# exported ...`) and a first column without a name (an index) are left out. Where
 * cells are separated by tabs and quotation marks do not pair, they are part of the text.
 *
 * @throws VesaliusError `bad-data` for a table that is not well-formed, has no rows, or has two columns of one name
 */
export function readTable(text: string, where: string): Table {
  const comments = /^(?:#(?: [^\n]*|[^,;\t\n]*)(?:\n|$))+/.exec(text)?.[0] ?? "";
  const body = text.slice(comments.length);
  const delimiter = separatorOf(body);
  const attempt = (quote: string | null): string[][] =>
    parse(body, { bom: true, trim: true, skip_empty_lines: true, delimiter, quote });
  let cells: string[][];
  try {
    cells = attempt('"');
  } catch (error) {
    const refused = new VesaliusError("bad-data", `the table is not well-formed: ${reasonOf(error)}`, { where });
    if (delimiter !== "\t") throw refused;
    try {
      cells = attempt(null);
    } catch {
      throw refused;
    }
  }
  const [header, ...rows] = cells;
  if (header === undefined || rows.length === 0)
    throw new VesaliusError("bad-data", "the table has no rows", { where });
  const seen = new Set<string>();
  for (const [index, name] of header.entries()) {
    const bare = name.toLowerCase();
    if (name === "" && index > 0)
      throw new VesaliusError("bad-data", `column ${index + 1} of the table has no name`, { where });
    if (seen.has(bare)) throw new VesaliusError("bad-data", `column ${index + 1} has the name of another`, { where });
    seen.add(bare);
  }
  const skipped = header[0] === "" ? 1 : 0;
  return { where, names: header.slice(skipped), rows: skipped === 0 ? rows : rows.map((row) => row.slice(1)) };
}

/** Position of the first column that has one of some names, whatever its case and separators; -1 without one. */
export function findColumn(names: readonly string[], wanted: readonly string[]): number {
  const bare = names.map(bareName);
  for (const name of wanted) {
    const index = bare.indexOf(bareName(name));
    if (index >= 0) return index;
  }
  return -1;
}
