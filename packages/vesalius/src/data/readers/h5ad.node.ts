import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { expressionsColumn } from "../columns/expressions.ts";
import { endingOf } from "../files/names.ts";
import { readBoundedAnnData } from "./bounded-anndata.node.ts";
import { cellData, cellSettings, uniqueGenes } from "./cells.ts";
import { readerEntry } from "./reader.ts";
import { joinRecords } from "./records/records.ts";

const settings = z.strictObject({
  ...cellSettings,
  /** The file, where the folder holds several. */
  file: z.string().min(1).optional(),
  /** Which matrix: `X`, `raw` (before filtering and scaling, with its own genes), or a layer such as `counts`. */
  matrix: z.string().min(1).default("X"),
  /** Column of `var` that names the genes; the index without it. */
  geneColumn: z.string().min(1).optional(),
  /** Refuse a matrix whose values are not counts. */
  counts: z.boolean().default(false),
});

/** Cells of an AnnData file. */
export const h5ad = readerEntry({
  name: "h5ad",
  summary: "Cells of an AnnData file (.h5ad), sparse or dense; needs the package h5wasm.",
  looksFor: "a file .h5ad",
  paper: "Virshup et al., anndata, 2021",
  settings,
  recognises: ({ entries: { files } }) => Promise.resolve(files.some((file) => endingOf(file) === "h5ad")),
  create: (options) => async (found) => {
    const { folder, entries, card } = found;
    const files =
      options.file === undefined ? entries.files.filter((file) => endingOf(file) === "h5ad") : [options.file];
    if (files.length !== 1) {
      throw new VesaliusError("bad-data", `the folder holds several .h5ad files: ${files.join(", ")}`, {
        where: folder.path,
        fix: (option) => `name one with ${option("file")}`,
      });
    }
    const where = join(folder.root, files[0]!);
    const data = await readBoundedAnnData(await folder.place(files[0]!), {
      matrix: options.matrix,
      geneColumn: options.geneColumn,
      budget: folder.budget,
    });
    if (options.counts && data.values.some((value) => value < 0 || !Number.isInteger(value))) {
      throw new VesaliusError("bad-data", `the matrix ${options.matrix} holds other values than counts`, {
        where,
        fix: (option) => `name the matrix of counts with ${option("matrix", "raw")}, or a layer such as counts`,
      });
    }
    const { genes, repeated } = uniqueGenes(data.genes);
    const cells = expressionsColumn(genes, data.indptr, data.indices, data.values);
    const annotations = joinRecords([
      { where: `${where}, obs`, split: undefined, length: data.barcodes.length, fields: data.annotations },
    ]);
    const read = await cellData(cells, data.barcodes, annotations, options, { card, where });
    const cautions = [
      ...(repeated === 0 ? [] : [`${repeated} gene names occur again and got a number.`]),
      ...(data.left.length === 0
        ? []
        : [`Of the file the matrix ${options.matrix} was read, and not: ${data.left.join(", ")}.`]),
    ];
    return { ...read, cautions: [...(read.cautions ?? []), ...cautions] };
  },
});
