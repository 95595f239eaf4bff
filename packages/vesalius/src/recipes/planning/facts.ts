import {
  type Column,
  type ExpressionsColumn,
  imageSize,
  type ImagesColumn,
  isPresent,
  type MoleculesColumn,
  type NumbersColumn,
  type SequencesColumn,
  type TextsColumn,
  type VolumesColumn,
} from "../../data/index.ts";
import type { RoleFacts } from "../../models/index.ts";

/** Most examples that are looked at: medians of so many hardly change with more. */
const looked = 2000;

/** Value below which a share of the values lies. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Rows with a value, evenly from the whole column. */
function rowsOf(column: Column): number[] {
  const step = Math.max(1, Math.floor(column.length / looked));
  return Array.from({ length: Math.ceil(column.length / step) }, (_, i) => i * step).filter((row) =>
    isPresent(column, row),
  );
}

type Facts = Omit<RoleFacts, "kind" | "examples">;

function imageFacts(column: ImagesColumn): Facts {
  const sizes = rowsOf(column).map((row) => imageSize(column, row));
  return {
    channels: Math.max(...sizes.map(([channels]) => channels)),
    height: median(sizes.map(([, height]) => height)),
    width: median(sizes.map(([, , width]) => width)),
  };
}

function volumeFacts({ items }: VolumesColumn): Facts {
  const found = items.filter((item) => item !== null);
  const along = (of: (axis: number) => number[], share: number): number[] =>
    [0, 1, 2].map((axis) => quantile(of(axis), share));
  const extents = (axis: number): number[] => found.map((item) => item.extents[axis]!);
  const spacing = (axis: number): number[] => found.map((item) => item.spacing[axis]!);
  return {
    channels: Math.max(...found.map(({ channels }) => channels)),
    extents: along(extents, 0.5),
    largestExtents: along(extents, 1),
    spacing: along(spacing, 0.5),
  };
}

/** Facts on strings, measured by `lengthOf`: words of texts, letters of sequences. */
function lengthFacts(
  column: TextsColumn | SequencesColumn | MoleculesColumn,
  lengthOf: (value: string) => number,
): Facts {
  const rows = rowsOf(column);
  const lengths = rows.map((row) => lengthOf(column.values[row]!));
  const mean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
  return {
    length: median(lengths),
    longLength: quantile(lengths, 0.98),
    longest: Math.max(0, ...lengths),
    totalLength: Math.round(mean * column.length),
  };
}

const words = (text: string): number => text.split(/\s+/).filter((word) => word !== "").length;

function expressionFacts({ genes, indptr, length }: ExpressionsColumn): Facts {
  const counts = Array.from({ length }, (_, row) => indptr[row + 1]! - indptr[row]!);
  return { genes: genes.length, expressed: median(counts), longExpressed: quantile(counts, 0.98) };
}

function factsBy(column: Column): Facts {
  switch (column.kind) {
    case "images":
      return imageFacts(column as ImagesColumn);
    case "volumes":
      return volumeFacts(column as VolumesColumn);
    case "texts":
      return lengthFacts(column as TextsColumn, words);
    case "sequences":
      return {
        alphabet: (column as SequencesColumn).alphabet,
        ...lengthFacts(column as SequencesColumn, ({ length }) => length),
      };
    case "molecules":
      return lengthFacts(column as MoleculesColumn, ({ length }) => length);
    case "expressions":
      return expressionFacts(column as ExpressionsColumn);
    case "numbers":
      return { numbers: (column as NumbersColumn).names.length };
    default:
      return {};
  }
}

/** What a plan needs to know of a column: typical sizes, lengths and counts. Columns of other kinds say what they are. */
export const factsOf = (column: Column): RoleFacts => ({
  ...factsBy(column),
  kind: column.kind,
  examples: column.length,
});
