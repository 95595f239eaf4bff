import { VesaliusError } from "../../common/errors.ts";
import type { Column } from "../column.ts";
import { categoriesColumn } from "../columns/categories.ts";
import { expressionsColumn } from "../columns/expressions.ts";
import { imageFilesColumn } from "../columns/images.ts";
import type { ColumnKindName } from "../columns/index.ts";
import { moleculesColumn } from "../columns/molecules.ts";
import { numbersColumn } from "../columns/numbers.ts";
import { type SequenceAlphabet, sequencesColumn } from "../columns/sequences.ts";
import { textsColumn } from "../columns/texts.ts";
import { volumesColumn } from "../columns/volumes.ts";

/** What a model reads from one column. */
export interface InputColumn {
  /** Kinds that it takes. */
  readonly kinds: readonly ColumnKindName[];
  /** Whether examples may come without it. */
  readonly optional?: boolean;
  /** Names of the values in order, for numbers and categories. */
  readonly names?: readonly string[];
  /** Levels of each name, for categories. */
  readonly levels?: readonly (readonly string[])[];
  /** Letters of sequences; DNA, RNA or protein by what they hold without it. */
  readonly alphabet?: SequenceAlphabet;
}

/** What a model reads, by the names of its columns. */
export type InputColumns = Readonly<Record<string, InputColumn>>;

const missing = (length: number): null[] => Array.from({ length }, () => null);

/** Columns in which every value is missing, by kind. */
const NOTHING: Partial<Record<ColumnKindName, (length: number, input: InputColumn) => Column>> = {
  texts: (length) => textsColumn(missing(length)),
  sequences: (length, { alphabet = "dna" }) => sequencesColumn(alphabet, missing(length)),
  molecules: (length) => moleculesColumn(missing(length)),
  volumes: (length) => volumesColumn(missing(length)),
  images: (length) =>
    imageFilesColumn(
      Array.from({ length }, () => ""),
      Array.from({ length }, () => [1, 1, 1] as const),
    ),
  numbers: (length, { names = [] }) => numbersColumn(names, length, Array(length * names.length).fill(Number.NaN)),
  categories: (length, { names = [], levels = names.map(() => []) }) =>
    categoriesColumn(names, levels, length, Array(length * names.length).fill(-1)),
  expressions: (length) => expressionsColumn([], new Float64Array(length + 1), new Int32Array(0), new Float32Array(0)),
};

/**
 * A column whose values are all missing, for a modality that a person did not give.
 *
 * @throws VesaliusError `bad-data` for a kind without which nothing can be predicted
 */
export function absentColumn(name: string, input: InputColumn, length: number): Column {
  const kind = input.kinds.find((one) => NOTHING[one] !== undefined);
  if (kind === undefined)
    throw new VesaliusError("bad-data", `the column ${name} (${input.kinds.join(" or ")}) cannot be left out`);
  return { ...NOTHING[kind]!(length, input), present: new Uint8Array(length) };
}

/** Name of the only column that takes a kind. */
export function columnTaking(columns: InputColumns, kind: ColumnKindName, where: string): string {
  const fitting = Object.entries(columns).filter(([, { kinds }]) => kinds.includes(kind));
  if (fitting.length === 1) return fitting[0]![0];
  const reads = Object.entries(columns).map(([name, { kinds }]) => `${name} (${kinds.join(" or ")})`);
  throw new VesaliusError(
    "bad-data",
    fitting.length === 0
      ? `these are ${kind}; the model reads ${reads.join(", ")}`
      : `it is not said which of ${fitting.map(([name]) => name).join(", ")} the ${kind} are`,
    { where, fix: fitting.length === 0 ? "give what the model reads" : "give a table with a column for each" },
  );
}
