import { CsvError, parse } from "csv-parse/sync";
import { VesaliusError } from "../../common/errors.ts";
import { withPoints } from "./decimal-commas.ts";
import { bareName } from "./names.ts";

/** A table of text cells. */
export interface Table {
  /** Path for messages. */
  readonly where: string;
  /** Column names as written. */
  readonly names: readonly string[];
  /** `[rows][names]`, trimmed. */
  readonly rows: readonly (readonly string[])[];
  /** What was left out or read in another way than it is written. */
  readonly cautions: readonly string[];
}

const SEPARATORS = [",", ";", "\t", "|"] as const;
type Separator = (typeof SEPARATORS)[number];

/** Separators that the header has outside quotes, the most frequent first; a comma where it has none. */
function separatorsOf(body: string): Separator[] {
  const line = body.split(/\r\n|\r|\n/, 1)[0] ?? "";
  const bare = line.replaceAll(/"[^"]*"/g, "");
  const counts = SEPARATORS.map((separator) => ({ separator, count: bare.split(separator).length - 1 }));
  const found = counts.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  return found.length === 0 ? [","] : found.map(({ separator }) => separator);
}

/** What csv-parse found, without the content that its messages can quote. */
function reasonOf(error: unknown): string {
  if (!(error instanceof CsvError)) return "it cannot be read";
  const line = typeof error["lines"] === "number" ? ` in line ${error["lines"]}` : "";
  switch (error.code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return `a quote is not closed${line}`;
    case "CSV_INVALID_CLOSING_QUOTE":
    case "INVALID_OPENING_QUOTE":
      return `a quote in the wrong place${line}`;
    default:
      return `${error.code}${line}`;
  }
}

/** Cells as they are separated, the header first, before anything is made of them. */
interface Cells {
  readonly cells: string[][];
  readonly separator: Separator;
  /** Rows that are comments. */
  readonly comments: number;
  /** Rows of nothing but separators. */
  readonly empty: number;
}

/**
 * How the first line ends, quoted breaks left aside; undefined where there is only one. The parser finds it too, but looks
 * anew at each character, which takes a second for a header of 100,000 names.
 */
function lineEndingOf(body: string, quote: string | null): string | undefined {
  let quoted = false;
  for (let i = 0; i < body.length; i++) {
    const character = body[i]!;
    if (character === quote) quoted = !quoted;
    else if (!quoted && character === "\n") return "\n";
    else if (!quoted && character === "\r") return body[i + 1] === "\n" ? "\r\n" : "\r";
  }
  return undefined;
}

/**
 * Separates the cells of a table.
 *
 * @throws an error of csv-parse, or a text that says what is wrong
 */
function separated(body: string, separator: Separator, quote: string | null, firstLine: number): Cells {
  let width: number | undefined;
  let comments = 0;
  let empty = 0;
  const lengths = new Map<number, number>();
  const ending = lineEndingOf(body, quote);
  const cells = parse(body, {
    ...(ending === undefined ? {} : { record_delimiter: ending }),
    bom: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    delimiter: separator,
    quote,
    on_record(record: string[], { lines }: { readonly lines: number }) {
      if (width === undefined) {
        width = record.length;
        return record;
      }
      if (record.length > 1 && record.every((cell) => cell === "")) {
        empty++;
        return null;
      }
      if (record.length === width) return record;
      if (record[0]!.startsWith("#")) {
        comments++;
        return null;
      }
      if (!lengths.has(record.length)) lengths.set(record.length, lines + firstLine);
      return record;
    },
  });
  const [header, ...rows] = cells;
  if (lengths.size === 0 || header === undefined) return { cells, separator, comments, empty };
  // One cell more in every row: an index without a name in the header, as R writes it, or a separator at the end.
  if (
    lengths.size === 1 &&
    lengths.has(header.length + 1) &&
    rows.every(({ length }) => length === header.length + 1)
  ) {
    const atEnd = rows.every((row) => row.at(-1) === "");
    return { cells: [atEnd ? [...header, ""] : ["", ...header], ...rows], separator, comments, empty };
  }
  throw new TypeError(`another number of cells than the header has in line ${Math.min(...lengths.values())}`);
}

/** Separates cells by the first separator that gives every row as many as the header has. */
function cellsOf(body: string, where: string, firstLine: number): Cells {
  let first: VesaliusError | undefined;
  for (const separator of separatorsOf(body)) {
    // Where cells are separated by tabs and quotation marks do not pair, they are part of the text.
    for (const quote of separator === "\t" ? ['"', null] : ['"']) {
      try {
        return separated(body, separator, quote, firstLine);
      } catch (error) {
        const reason = error instanceof TypeError ? error.message : reasonOf(error);
        first ??= new VesaliusError("bad-data", `the table is not well-formed: ${reason}`, { where });
      }
    }
  }
  throw first!;
}

/** Comments, empty lines and a spreadsheet's `sep=;` before the header: their length, and the number of comments. */
function preambleOf(text: string): { readonly length: number; readonly lines: number; readonly comments: number } {
  let [length, lines, comments] = [0, 0, 0];
  for (;;) {
    const found = /^([^\r\n]*)(?:\r\n|\r|\n)/.exec(text.slice(length, length + 10_000));
    if (found === null) return { length, lines, comments };
    const line = found[1]!;
    // `#chromosome` with others beside it is a header.
    const isComment = /^#(?:\s|[^,;|\t]*$)/.test(line);
    if (!isComment && line.trim() !== "" && !/^"?sep=.?"?$/i.test(line)) return { length, lines, comments };
    length += found[0].length;
    lines++;
    comments += Number(isComment);
  }
}

const plural = (count: number, one: string, more: string): string => (count === 1 ? `1 ${one}` : `${count} ${more}`);

/**
 * Reads a table with a header: cells separated by commas, semicolons, tabs or bars (found by the header), quoted where
 * needed. Comments (`# exported ...`), rows of nothing but separators and an index (a first column without a name, or
 * pandas' `Unnamed: 0`) are left out; where semicolons separate, decimal commas are read as points. All of it is said.
 *
 * @throws VesaliusError `bad-data` for a table that is not well-formed, has no rows, or has two columns of one name
 */
export function readTable(text: string, where: string): Table {
  const preamble = preambleOf(text);
  const { cells, separator, ...skipped } = cellsOf(text.slice(preamble.length), where, preamble.lines);
  const [header, ...rows] = cells;
  if (header === undefined || rows.length === 0)
    throw new VesaliusError("bad-data", "the table has no rows", { where });
  const comments = preamble.comments + skipped.comments;
  const cautions = [
    ...(comments === 0 ? [] : [`${plural(comments, "line of comments was", "lines of comments were")} left out.`]),
    ...(skipped.empty === 0 ? [] : [`${plural(skipped.empty, "empty row was", "empty rows were")} left out.`]),
  ];
  const isIndex = (name: string, column: number): boolean => column === 0 && /^(?:unnamed: ?0)?$/i.test(name);
  const isNothing = (name: string, column: number): boolean => name === "" && rows.every((row) => row[column] === "");
  const kept = [...header.keys()].filter((i) => !isIndex(header[i]!, i) && !isNothing(header[i]!, i));
  const seen = new Set<string>();
  for (const column of kept) {
    const bare = header[column]!.toLowerCase();
    if (bare === "")
      throw new VesaliusError("bad-data", `column ${column + 1} of the table has no name`, {
        where,
        fix: "name it in the first line",
      });
    if (seen.has(bare)) throw new VesaliusError("bad-data", `column ${column + 1} has the name of another`, { where });
    seen.add(bare);
  }
  checkHeader(header, rows[0]!, where);
  if (!kept.includes(0) && !isNothing(header[0]!, 0))
    cautions.push("The first column has no name: it was taken for an index of the rows and left out.");
  const names = kept.map((column) => header[column]!);
  const whole = kept.length === header.length ? rows : rows.map((row) => kept.map((column) => row[column]!));
  const points = separator === ";" ? withPoints(names, whole) : [];
  if (points.length > 0) cautions.push(`Decimal commas were read as points in ${points.join(", ")}.`);
  return { where, names, rows: whole, cautions };
}

/** Dates, names of files and addresses: what stands in rows. */
const VALUE = /^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\.(?:png|jpe?g|tiff?|bmp|webp|dcm|nii|nii\.gz|txt)$|\S@\S+\.\S/i;

/** Refuses a table without a header: its first row would become the names of columns, which are shown. */
function checkHeader(header: readonly string[], first: readonly string[], where: string): void {
  if (!header.some((name, column) => VALUE.test(name) && VALUE.test(first[column]!))) return;
  throw new VesaliusError("bad-data", "the first line of the table is no header: it holds what a row does", {
    where,
    fix: "write the names of the columns into the first line",
  });
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
