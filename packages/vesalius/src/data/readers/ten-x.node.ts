import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { expressionsColumn, type ExpressionsColumn } from "../columns/expressions.ts";
import { endingOf, stemOf } from "../files/names.ts";
import { findColumn, readTable } from "../files/table.node.ts";
import { cellData, cellSettings, uniqueGenes } from "./cells.ts";
import { readTransposedMatrix, type SparseRows } from "./matrix-market.ts";
import { type FoundData, readerEntry } from "./reader.ts";
import { type Cell, fieldsOf, joinRecords, recordsOfTable, type RecordFile } from "./records/records.ts";

const settings = z.strictObject({
  ...cellSettings,
  /** Which names genes go by: symbols (the second column of features) or identifiers (the first). */
  geneNames: z.enum(["symbol", "identifier"]).default("symbol"),
});

const MATRIX = ["matrix"];
const FEATURES = ["features", "genes"];
const BARCODES = ["barcodes"];
const ANNOTATIONS = ["obs", "metadata", "annotations", "cells"];
const CELL_COLUMNS = ["barcode", "barcodes", "cell", "cell_id", "index"];

/** The file of one of some names. */
const fileNamed = ({ entries }: FoundData, stems: readonly string[], endings: readonly string[]): string | undefined =>
  entries.files.find((file) => stems.includes(stemOf(file)) && endings.includes(endingOf(file)));

/** Lines of a file without a header, as 10x writes features and barcodes. */
async function lines({ folder }: FoundData, file: string): Promise<string[][]> {
  const text = await folder.text(file);
  return text
    .split(/\r?\n/)
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
}

/** Annotations of cells in the order of the barcodes. */
async function annotationsOf(found: FoundData, barcodes: readonly string[]): Promise<RecordFile> {
  const file = fileNamed(found, ANNOTATIONS, ["csv", "tsv"]);
  if (file === undefined)
    return { where: found.folder.path, split: undefined, length: barcodes.length, fields: new Map() };
  const where = join(found.folder.root, file);
  const table = readTable(await found.folder.text(file), where);
  const column = findColumn(table.names, CELL_COLUMNS);
  if (column < 0) throw new VesaliusError("bad-data", "the annotations have no column barcode or cell", { where });
  const records = recordsOfTable(table);
  const byCell = new Map<string, ReadonlyMap<string, Cell>>();
  for (const [row, record] of records.entries()) {
    const cell = table.rows[row]![column]!;
    if (byCell.has(cell))
      throw new VesaliusError("bad-data", "a cell is annotated twice", { where: `${where}, row ${row + 1}` });
    const others = new Map(record);
    others.delete(table.names[column]!);
    byCell.set(cell, others);
  }
  const missing = barcodes.filter((cell) => !byCell.has(cell)).length;
  if (missing > 0 || byCell.size !== barcodes.length) {
    throw new VesaliusError(
      "bad-data",
      `${byCell.size} cells are annotated and ${barcodes.length} are in the matrix; ${missing} of these lack annotations`,
      { where, fix: "annotate exactly the cells of barcodes.tsv" },
    );
  }
  return { where, split: undefined, ...fieldsOf(barcodes.map((cell) => byCell.get(cell)!)), cautions: table.cautions };
}

/** Columns of the matrix that are kept, in their order. */
function keepColumns(
  { rows, indptr, indices, values }: SparseRows,
  keep: readonly number[],
): Omit<SparseRows, "columns"> {
  const target = new Map(keep.map((column, i) => [column, i]));
  const kept = indices.reduce((count, column) => count + Number(target.has(column)), 0);
  const ends = new Float64Array(rows + 1);
  const columns = new Int32Array(kept);
  const found = new Float32Array(kept);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
      const column = target.get(indices[i]!);
      if (column === undefined) continue;
      columns[at] = column;
      found[at++] = values[i]!;
    }
    ends[row + 1] = at;
  }
  return { rows, indptr: ends, indices: columns, values: found };
}

/** Cells of a feature-barcode matrix of 10x Genomics. */
export const tenX = readerEntry({
  name: "tenX",
  summary:
    "Cells as a 10x feature-barcode matrix (matrix.mtx, features.tsv, barcodes.tsv) with annotations in obs.csv.",
  looksFor: "a file matrix.mtx with features.tsv or genes.tsv and barcodes.tsv",
  settings,
  recognises: (found) =>
    Promise.resolve(
      fileNamed(found, MATRIX, ["mtx"]) !== undefined && fileNamed(found, FEATURES, ["tsv"]) !== undefined,
    ),
  create: (options) => async (found) => {
    const { folder, card } = found;
    const [matrixFile, featureFile, barcodeFile] = [
      fileNamed(found, MATRIX, ["mtx"]),
      fileNamed(found, FEATURES, ["tsv"]),
      fileNamed(found, BARCODES, ["tsv"]),
    ];
    if (matrixFile === undefined || featureFile === undefined || barcodeFile === undefined)
      throw new VesaliusError("bad-data", "matrix.mtx, features.tsv and barcodes.tsv are not all there", {
        where: folder.path,
      });
    const where = join(folder.root, matrixFile);
    const features = await lines(found, featureFile);
    const barcodes = (await lines(found, barcodeFile)).map(([barcode]) => barcode!);
    const matrix = readTransposedMatrix(await folder.bytes(matrixFile), where, {
      genes: features.length,
      cells: barcodes.length,
    });
    folder.budget.claim(matrix.indices.length * 8, "the matrix", where);
    // Antibodies and guides stand among the features too.
    const isGene = features.map(([, , type]) => type === undefined || type === "Gene Expression");
    const keep = features.flatMap((_, i) => (isGene[i] ? [i] : []));
    const { genes, repeated } = uniqueGenes(
      keep.map((i) => (options.geneNames === "identifier" ? features[i]![0]! : (features[i]![1] ?? features[i]![0]!))),
    );
    const { indptr, indices, values } = keep.length === features.length ? matrix : keepColumns(matrix, keep);
    const cells: ExpressionsColumn = expressionsColumn(genes, indptr, indices, values);
    const annotations = joinRecords([await annotationsOf(found, barcodes)]);
    const read = await cellData(cells, barcodes, annotations, options, { card, where: folder.path });
    const cautions = [
      ...(repeated === 0 ? [] : [`${repeated} gene symbols occur again and got a number.`]),
      ...(keep.length === features.length
        ? []
        : [`${features.length - keep.length} features that are no genes were left out.`]),
    ];
    return { ...read, cautions: [...(read.cautions ?? []), ...cautions] };
  },
});
