import { createDigest } from "#common/digest";
import { VesaliusError } from "../../common/errors.ts";
import type { Column, ColumnKind } from "../column.ts";
import { joinListRows, takeListRows } from "./arrays.ts";
import { quantile } from "./quantile.ts";
import { agreed, bytesOf, checkLengths, contentHead, isPresent, presentCount, readRows, shared } from "./storage.ts";

/** Gene expression of cells or samples, as sparse rows (CSR). */
export interface ExpressionsColumn extends Column {
  readonly kind: "expressions";
  /** Names (symbols or identifiers) by gene index. */
  readonly genes: readonly string[];
  /** `[length + 1]`: the values of row i are those from `indptr[i]` up to `indptr[i + 1]`. */
  readonly indptr: Float64Array;
  /** `[values]` gene indices, ascending within a row. */
  readonly indices: Int32Array;
  /** `[values]` counts, or what the data hold in their place. */
  readonly values: Float32Array;
}

/** Genes of one row that have a value, and the values. */
export interface Expression {
  /** Gene indices, ascending. */
  readonly genes: Int32Array;
  readonly values: Float32Array;
}

/**
 * A column of expressions.
 *
 * @param indptr `[rows + 1]`, from 0 to the number of values
 * @param indices `[values]` gene indices, strictly ascending within a row
 * @param values `[values]`, finite
 * @throws VesaliusError `shape-mismatch`, or `bad-data` with the row for indices out of order or outside the genes, or a
 * value that is not finite
 */
export function expressionsColumn(
  genes: readonly string[],
  indptr: ArrayLike<number>,
  indices: Int32Array,
  values: Float32Array,
): ExpressionsColumn {
  const length = indptr.length - 1;
  checkLengths("expressions", indices.length, { values: values.length, "values by its row ends": indptr[length] });
  for (let row = 0; row < length; row++) {
    let before = -1;
    for (let at = indptr[row]!; at < indptr[row + 1]!; at++) {
      const gene = indices[at]!;
      if (gene > before && gene < genes.length && Number.isFinite(values[at])) {
        before = gene;
        continue;
      }
      const finite = Number.isFinite(values[at]);
      throw new VesaliusError(
        finite ? "bad-data" : "not-a-number",
        finite ? "gene indices are repeated, out of order or beyond the genes" : "an expression value is not finite",
        { where: `row ${row + 1}` },
      );
    }
  }
  const ends = Float64Array.from(indptr);
  return { kind: "expressions", length, genes, indptr: shared(ends), indices: shared(indices), values: shared(values) };
}

function rowOf(column: ExpressionsColumn, row: number): Expression {
  const [start, end] = [column.indptr[row]!, column.indptr[row + 1]!];
  return { genes: column.indices.subarray(start, end), values: column.values.subarray(start, end) };
}

const lists = { offsets: "indptr", entries: ["indices", "values"] } as const;

/** Expressions: rows with the same value of every gene are taken for one cell. */
export const expressions: ColumnKind<ExpressionsColumn, Expression> = {
  kind: "expressions",
  summary: "gene expression, read as indices of the genes that have a value and the values",
  identifies: "alone",
  read: (column, rows) => readRows(column, rows, (row) => rowOf(column, row)),
  take: (column, rows) => takeListRows(column, rows, lists),
  join: (columns) => ({ ...joinListRows(columns, lists), genes: agreed(columns, "genes", ({ genes }) => genes) }),
  facts: ({ genes, indptr, length }) => {
    const counts = Array.from({ length }, (_, row) => indptr[row + 1]! - indptr[row]!);
    return { genes: genes.length, expressed: quantile(counts, 0.5), longExpressed: quantile(counts, 0.98) };
  },
  fingerprints: (column) =>
    Array.from({ length: column.length }, (_, row) => {
      const { genes, values } = rowOf(column, row);
      // An empty cell is no evidence of anything.
      if (!isPresent(column, row) || genes.length === 0) return undefined;
      return createDigest().update(bytesOf(genes)).update(bytesOf(values)).hex();
    }),
  *content(column) {
    yield* contentHead(column, column.genes);
    for (const part of [column.indptr, column.indices, column.values]) yield bytesOf(part);
  },
  describe: (column) => {
    const present = presentCount(column);
    return {
      genes: column.genes.length,
      present,
      meanGenesWithValue: present === 0 ? 0 : Math.round(column.indices.length / present),
      largest: column.values.reduce((a, b) => Math.max(a, b), 0),
    };
  },
};
