import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { referencesColumn } from "../columns/references.ts";
import { textsColumn } from "../columns/texts.ts";
import { splitNamed, stemOf } from "../files/names.ts";
import { findColumn, readTable, type Table } from "../files/table.node.ts";
import type { Split } from "../split.ts";
import { readLines } from "./json-lines.node.ts";
import { readerEntry } from "./reader.ts";
import { attributesOf } from "./records/attributes.ts";
import { type Cell, joinRecords, type Records, textOf } from "./records/records.ts";
import { groupedBy, rolesOf, roleSettings } from "./records/roles.ts";

const settings = z.strictObject({
  /** Field whose queries stay together; the one that the card names without it. */
  groupColumn: roleSettings.groupColumn,
  /** Fields of queries for subgroups. */
  attributes: roleSettings.attributes,
  /** Least grade of a judgement that counts as relevant. */
  least: z.number().positive().default(1),
});

/** A text field that every record must have. */
function texts(records: Records, field: string, optional = false): (string | null)[] {
  const cells: readonly Cell[] = records.fields.get(field) ?? Array<Cell>(records.length).fill(null);
  return cells.map((cell, row) => {
    const text = textOf(cell);
    if (text === undefined && !optional)
      throw new VesaliusError("bad-data", `the record has no ${field}`, { where: records.whereOf(row) });
    return text ?? null;
  });
}

/** Rows by identifier. */
function indexById(records: Records): { ids: string[]; index: Map<string, number> } {
  const ids = texts(records, "_id").map(String);
  const index = new Map<string, number>();
  for (const [row, id] of ids.entries()) {
    if (index.has(id))
      throw new VesaliusError("bad-data", "the identifier occurs twice", { where: records.whereOf(row) });
    index.set(id, row);
  }
  return { ids, index };
}

/** Judgements of one file: query row to document rows with grades. */
type Judgements = Map<number, { rows: number[]; grades: number[] }>;

function readJudgements(
  table: Table,
  where: string,
  queries: ReadonlyMap<string, number>,
  documents: ReadonlyMap<string, number>,
  least: number,
): Judgements {
  const { names, rows } = table;
  const columns = ["query-id", "corpus-id", "score"].map((name) => findColumn(names, [name]));
  if (columns.includes(-1))
    throw new VesaliusError("bad-data", "the judgements have no columns query-id, corpus-id and score", { where });
  const found: Judgements = new Map();
  for (const [i, row] of rows.entries()) {
    const [query, document, score] = columns.map((column) => row[column]!) as [string, string, string];
    const place = `${where}, row ${i + 1}`;
    const [queryRow, documentRow] = [queries.get(query), documents.get(document)];
    if (queryRow === undefined || documentRow === undefined)
      throw new VesaliusError(
        "bad-data",
        `the ${queryRow === undefined ? "query" : "document"} is not in ${queryRow === undefined ? "queries" : "corpus"}.jsonl`,
        { where: place },
      );
    const grade = Number(score);
    if (score === "" || !Number.isFinite(grade))
      throw new VesaliusError("bad-data", "the score is no number", { where: place });
    if (grade < least) continue;
    const known = found.get(queryRow) ?? { rows: [], grades: [] };
    if (known.rows.includes(documentRow))
      throw new VesaliusError("bad-data", "the judgement occurs twice", { where: place });
    known.rows.push(documentRow);
    known.grades.push(grade);
    found.set(queryRow, known);
  }
  return found;
}

/** Queries with relevant documents of a corpus. */
export const beir = readerEntry({
  name: "beir",
  summary: "Queries, a corpus and judgements of relevance in BEIR's layout; splits are the files of judgements.",
  looksFor: "corpus.jsonl, queries.jsonl and qrels/*.tsv",
  paper: "Thakur et al., BEIR, NeurIPS 2021",
  settings,
  recognises: ({ entries: { files, folders } }) =>
    Promise.resolve(
      folders.includes("qrels") && ["corpus", "queries"].every((stem) => files.some((file) => stemOf(file) === stem)),
    ),
  create: (options) => async (found) => {
    const { folder, entries, card } = found;
    const fileOf = (stem: string): string => entries.files.find((file) => stemOf(file) === stem) ?? `${stem}.jsonl`;
    const corpus = joinRecords([await readLines(folder, fileOf("corpus"))]);
    const queries = joinRecords([await readLines(folder, fileOf("queries"))]);
    const documents = indexById(corpus);
    const asked = indexById(queries);
    const table: Split = {
      name: "documents",
      length: corpus.length,
      ids: documents.ids,
      groups: undefined,
      attributes: {},
      columns: {
        // Titles are read together with texts, and a document without one still has its text.
        title: textsColumn(texts(corpus, "title", true).map((title) => title ?? "")),
        text: textsColumn(texts(corpus, "text")),
      },
    };
    const query = texts(queries, "text");
    const roles = rolesOf(queries, { groupColumn: options.groupColumn, idColumn: "_id" }, card);
    const plain = [...queries.fields.keys()].filter(
      (field) => !["_id", "text"].includes(field) && !roles.used.has(field),
    );
    const { attributes } = attributesOf(
      queries,
      options.attributes,
      plain.filter((field) => field !== roles.groupField),
    );
    const judged = new Set<number>();
    const told: string[] = [];
    const splits: Record<string, Split> = {};
    for (const file of (await folder.list("qrels")).files) {
      const name = splitNamed(stemOf(file));
      const where = join(folder.root, "qrels", file);
      const listed = readTable(await folder.text(`qrels/${file}`), where);
      told.push(...listed.cautions.map((caution) => `qrels/${file}: ${caution}`));
      const judgements = readJudgements(listed, where, asked.index, documents.index, options.least);
      const rows = [...judgements.keys()].sort((a, b) => a - b);
      for (const row of rows) judged.add(row);
      const take = <Value>(values: readonly Value[]): Value[] => rows.map((row) => values[row]!);
      splits[name] = {
        name,
        length: rows.length,
        ids: take(asked.ids),
        groups: roles.groups && take(roles.groups),
        attributes: Object.fromEntries(Object.entries(attributes).map(([key, values]) => [key, take(values)])),
        columns: {
          query: textsColumn(take(query)),
          relevant: referencesColumn(
            table,
            rows.map((row) => judgements.get(row)!),
          ),
        },
      };
    }
    const without = queries.length - judged.size;
    return {
      unit: "queries",
      splits,
      tables: { documents: table },
      ...groupedBy(roles),
      cautions: [
        ...told,
        ...roles.cautions,
        ...(without === 0 ? [] : [`${without} queries have no relevant document and were left out.`]),
      ],
    };
  },
});
