import { z } from "zod";
import { validate } from "../common/check.ts";
import { VesaliusError } from "../common/errors.ts";
import type { Reference, ReferencesColumn, Split } from "../data/index.ts";
import { rankingEvaluation, type RankingMeasure, type RankingTruth } from "../evaluation/index.ts";
import { l2Normalize, type Value } from "../graph/index.ts";
import { type Features, linearLayer, type Backbone, type Outputs } from "../models/index.ts";
import { presentRows, requireColumn } from "./columns.ts";
import { trecRun } from "./files/trec-run.ts";
import { indexed, indexedSchema, vectorNames } from "./inference/indexed.ts";
import { comparePairs, pairContrastLoss, pairDiagnosis, pairScale } from "./pair-contrast.ts";
import { columnsOf, roleParts } from "./roles.ts";
import { suggestColumn } from "./suggest-column.ts";
import { type Task, taskEntry, type TaskSuggestion } from "./task.ts";

/** Settings of retrieval. */
export const retrievalSchema = indexedSchema.extend({
  /** Temperature of the softmax in training; learned, from the network's own or from 0.07, where it is left out. */
  temperature: z.number().positive().optional(),
  /** Width of a projection of each tower's vector that is trained with the task; none where it is left out. */
  projection: z.int().positive().optional(),
  /** Ranks that count for nDCG and precision. */
  cutoff: z.int().positive().default(10),
  /** Entries of the training data's table, for what a random order scores. */
  entries: z.int().positive().optional(),
});

/** Settings of retrieval, defaults left out at will. */
export type RetrievalOptions = z.input<typeof retrievalSchema>;

/** Entries of a table for a query, best first. */
export interface RetrievalAnswer {
  /** Rows of the table. */
  readonly rows: Int32Array;
  /** Identifiers of the same entries. */
  readonly ids: readonly string[];
  /** Cosines, or sums of reciprocal ranks where rankings were fused; comparable within one query only. */
  readonly scores: Float32Array;
  /** Beginnings of the first few, where entries are texts. */
  readonly texts: readonly string[];
}

/** Entries of an answer as JSON. */
const shownEntries = 10;

/** The role that reads the queries and the one that reads the table. */
function rolesOf(backbone: Backbone, column: string): { readonly query: string; readonly entry: string } {
  const roles = Object.keys(backbone.network.reads);
  const isEntry = (role: string): boolean => columnsOf(backbone, role).every((name) => name.startsWith(`${column}.`));
  const [entries, queries] = [roles.filter(isEntry), roles.filter((role) => !isEntry(role))];
  if (entries.length !== 1 || queries.length !== 1)
    throw new VesaliusError(
      "bad-configuration",
      `retrieval needs one tower that reads queries and one that reads the table of ${column}; the network reads ${roles
        .map((role) => `${role} from ${columnsOf(backbone, role).join(" and ")}`)
        .join(", ")}`,
      {
        where: "columns of the backbone",
        fix: `choose a network with two towers, such as dualTower, one of which reads a column such as ${column}.text`,
      },
    );
  return { query: queries[0]!, entry: entries[0]! };
}

function check(split: Split, name: string, use: "training" | "evaluation" | "prediction"): void {
  const column = requireColumn(split, name, "references");
  const where = `split ${split.name}, column ${name}`;
  if (column.entries.length === 0)
    throw new VesaliusError("bad-data", `the table ${column.table} is empty`, { where, fix: "add entries to it" });
  if (use === "prediction") return;
  const without = split.length - presentRows(column).filter((row) => relevantRows(column, row).length > 0).length;
  if (use === "training" && without > 0)
    throw new VesaliusError("bad-data", `${without} training examples refer to nothing in ${column.table}`, {
      where,
      fix: "leave them out",
    });
  if (without === split.length)
    throw new VesaliusError("bad-data", `no example refers to anything in ${column.table}`, {
      where,
      fix: "evaluate on queries with relevant entries",
    });
}

const relevantRows = ({ offsets, rows, grades }: ReferencesColumn, row: number): number[] =>
  Array.from(rows.subarray(offsets[row], offsets[row + 1])).filter((_, i) => (grades?.[offsets[row]! + i] ?? 1) > 0);

/**
 * Finds, for a query, the entries of a table that belong to it: passages that answer a question, images of a finding. Two
 * towers are trained to tell the entry of a query from those of the other queries of the batch; the table is embedded once
 * and searched exactly, with `hybrid` also by words.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work
 */
export function retrieval(options: RetrievalOptions = {}): Task<RankingTruth, RetrievalAnswer, RankingMeasure> {
  const settings = validate(retrievalSchema, options, { code: "bad-configuration", what: "retrieval" });
  const { column, limit, hybrid, keepIndex, temperature, projection, cutoff, entries } = settings;
  const evaluation = rankingEvaluation({ cutoff, entries });
  const vector = (tower: Features | undefined, name: string): Value | undefined => {
    if (tower === undefined || projection === undefined) return tower?.pooled;
    const initializer = { kind: "xavierUniform" } as const;
    return linearLayer(tower.pooled, `projection.${name}`, projection, { bias: false, initializer });
  };
  return {
    name: "retrieval",
    settings,
    columns: [column],
    inference: indexed({ column, limit, hybrid, keepIndex }),
    evaluation,
    check: (split, use) => check(split, column, use),
    feeds(backbone) {
      rolesOf(backbone, column);
      const relevance = { columns: [column], encoder: { name: "relevance" }, target: true };
      return { parts: { ...roleParts(backbone), relevance } };
    },
    head(features, { backbone }) {
      const roles = rolesOf(backbone, column);
      const { towers = {} } = features;
      const vectors = {
        [vectorNames.query]: vector(towers[roles.query], "query"),
        [vectorNames.entry]: vector(towers[roles.entry], "entry"),
      };
      const given = Object.entries(vectors).filter(([, value]) => value !== undefined) as [string, Value][];
      if (given.length === 0)
        throw new VesaliusError("bad-configuration", `${backbone.network.name} gives no vectors of its towers`, {
          fix: "choose a network with two towers, such as dualTower",
        });
      return { ...Object.fromEntries(given), scale: pairScale(features, temperature) };
    },
    loss({ scale, ...vectors }, { inputs }) {
      const [query, entry] = [vectors[vectorNames.query]!, vectors[vectorNames.entry]!];
      const compared = comparePairs(query, entry, inputs["relevance"]!["related"]);
      return { loss: pairContrastLoss(compared, scale!), terms: pairDiagnosis(compared) };
    },
    answers: ({ scale: _ofTraining, ...vectors }): Outputs =>
      Object.fromEntries(Object.entries(vectors).map(([name, value]) => [name, l2Normalize(value)])),
    decode: ({ outputs }) => ({
      rows: outputs["rows"]!.data as Int32Array,
      ids: outputs["ids"]!.data as string[],
      scores: outputs["scores"]!.data as Float32Array,
      texts: outputs["texts"]!.data as string[],
    }),
    truth(example) {
      const { rows, grades } = (example[column] as Reference | null) ?? { rows: [], grades: [] };
      const relevant = Array.from(rows).flatMap((row, i) => (grades[i]! > 0 ? [{ row, grade: grades[i]! }] : []));
      if (relevant.length === 0) return null;
      return { rows: relevant.map(({ row }) => row), grades: relevant.map(({ grade }) => grade) };
    },
    toJson: ({ ids, scores, texts }) =>
      ids.slice(0, shownEntries).map((id, i) => ({
        entry: id,
        score: scores[i]!,
        ...(texts[i] === undefined ? {} : { text: texts[i] }),
      })),
    async *files(answers) {
      yield await trecRun(answers);
    },
  };
}

/** Columns of a table that a tower reads: all texts together, or the first column of another kind. */
function tableColumnsOf({ columns }: Split): string[] {
  const names = Object.keys(columns);
  const texts = names.filter((name) => columns[name]!.kind === "texts");
  return texts.length > 0 ? texts : names.slice(0, 1);
}

function suggest(train: Split): TaskSuggestion | undefined {
  const found = suggestColumn(train, {
    kind: "references",
    names: ["relevant"],
    reason: (column) => `the column ${column} refers to entries of a table`,
    particularity: 3,
  });
  if (found === undefined) return undefined;
  const column = String(found.settings["column"]);
  const { entries } = requireColumn(train, column, "references");
  const read = tableColumnsOf(entries);
  const areTexts = read.every((name) => entries.columns[name]!.kind === "texts");
  return {
    ...found,
    settings: { ...found.settings, ...(areTexts ? { hybrid: { name: "bm25" } } : {}) },
    tableColumns: { entry: read.map((name) => `${column}.${name}`) },
  };
}

/** Retrieval in the catalogue of tasks. */
export const retrievalEntry = taskEntry({
  name: "retrieval",
  summary: "The entries of a table that belong to a query, best first.",
  settings: retrievalSchema,
  suggest,
  create: (settings) => retrieval(settings) as unknown as Task,
  fit: (settings, _dataset, train) => ({
    ...settings,
    entries: settings.entries ?? requireColumn(train, settings.column, "references").entries.length,
  }),
});
