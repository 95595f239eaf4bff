/** Readers of datasets. A new layout is a file beside this one, its test, and a line in the list. */
import { catalogue } from "../../common/catalogue.ts";
import { brat } from "./brat.node.ts";
import { beir } from "./beir.node.ts";
import { imageFolder } from "./class-folders.node.ts";
import { conll } from "./conll.node.ts";
import { corpus } from "./corpus.node.ts";
import { decathlon } from "./decathlon.node.ts";
import { imageMasks } from "./image-masks.node.ts";
import { labelsCsv } from "./image-table.node.ts";
import { eventTables } from "./event-tables.node.ts";
import { fhir } from "./fhir.node.ts";
import { fasta } from "./fasta.node.ts";
import { h5ad } from "./h5ad.node.ts";
import { jsonLines } from "./json-lines.node.ts";
import { medmnist } from "./medmnist.node.ts";
import { parquet } from "./parquet.node.ts";
import { squad } from "./squad.node.ts";
import { niftiFiles } from "./nifti-files.node.ts";
import { smiles } from "./smiles.node.ts";
import { table } from "./table.node.ts";
import { tenX } from "./ten-x.node.ts";
import { text } from "./text.node.ts";
import { xml } from "./xml.node.ts";

/** Every reader. */
export const readers = catalogue("reader", [
  medmnist,
  imageFolder,
  imageMasks,
  labelsCsv,
  decathlon,
  conll,
  beir,
  brat,
  squad,
  fasta,
  fhir,
  eventTables,
  smiles,
  niftiFiles,
  tenX,
  h5ad,
  jsonLines,
  parquet,
  table,
  text,
  corpus,
  xml,
]);
