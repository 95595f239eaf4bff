import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { type FeedPlan, type Part, type ReferencesColumn, type Split } from "../../data/index.ts";
import type { Result } from "../task.ts";
import { bestScored } from "./best-scored.ts";
import type { Inference, InferenceOptions, Runner } from "./inference.ts";
import type { KeptIndex } from "./kept-index.ts";
import { joinedTexts, lexicalSearcher, lexicalSearchSchema } from "./lexical-search.ts";
import { onePass } from "./one-pass.ts";
import { reciprocalRankFusion } from "./rank-fusion.ts";

/** Settings of a search in an index. */
export const indexedSchema = z.strictObject({
  /** Column of references whose table is searched. */
  column: z.string().default("relevant"),
  /**
   * Save what is searched with the model: identifiers, texts and vectors of all entries, so that queries are answered
   * without the data. Never of restricted data.
   */
  keepIndex: z.boolean().default(false),
  /** Entries of a ranking. */
  limit: z.int().positive().default(1000),
  /** Search by words beside that by vectors, the two rankings fused by reciprocal ranks; none where it is left out. */
  hybrid: lexicalSearchSchema.optional(),
});

/** Settings of a search in an index, defaults filled in. */
export type IndexedSettings = z.output<typeof indexedSchema>;

/** Names of the vectors among a task's answers. */
export const vectorNames = { query: "query", entry: "entry" } as const;

/** Entries that are run at once. */
const entryRows = 64;

/** Entries of a ranking whose text is given with it, and how much of it. */
const shown = { entries: 10, characters: 160 } as const;

/** The beginning of a text, in one line. */
const beginning = (text: string): string => {
  const line = text.trim().replace(/\s+/gu, " ");
  return line.length <= shown.characters ? line : `${line.slice(0, shown.characters).trimEnd()}…`;
};

/** The column of references that a split's queries and table hang on. */
function referencesOf(split: Split, name: string): ReferencesColumn {
  const column = split.columns[name];
  if (column?.kind === "references") return column as ReferencesColumn;
  throw new VesaliusError("bad-data", `there is no column ${name} of references to a table that could be searched`, {
    where: `split ${split.name}`,
    fix: `give queries together with their table (there are ${Object.keys(split.columns).join(", ")})`,
  });
}

/** Parts that read the table, with its own names of columns, and parts that read the queries. */
function splitParts(plan: FeedPlan, column: string): { readonly entries: FeedPlan; readonly queries: FeedPlan } {
  const prefix = `${column}.`;
  const isEntry = ({ columns }: Part): boolean => columns.every((name) => name.startsWith(prefix));
  const parts = Object.entries(plan.parts);
  const entries = parts
    .filter(([, part]) => isEntry(part))
    .map(([name, part]) => [name, { ...part, columns: part.columns.map((own) => own.slice(prefix.length)) }] as const);
  const queries = parts.filter(([, part]) => !isEntry(part));
  if (entries.length === 0 || queries.length === 0)
    throw new VesaliusError(
      "bad-configuration",
      `the model has no tower that reads the entries of ${column} beside one that reads the queries`,
      { where: "columns of the backbone", fix: `let one role read a column of the table, such as ${prefix}text` },
    );
  return {
    entries: { ...plan, parts: Object.fromEntries(entries) },
    queries: { ...plan, parts: Object.fromEntries(queries) },
  };
}

const columnsOf = ({ parts }: FeedPlan): readonly string[] => Object.values(parts).flatMap(({ columns }) => columns);

/** A runner whose own plan is another. */
const withPlan = (runner: Runner, plan: FeedPlan): Runner => ({
  ...runner,
  plan,
  batches: (split, other = plan) => runner.batches(split, other),
});

/** Vectors of all entries of a table. */
type VectorIndex = Pick<KeptIndex, "vectors" | "width">;

async function embed(runner: Runner, table: Split, options: InferenceOptions): Promise<VectorIndex> {
  const { onProgress: _ofQueries, ...quiet } = options;
  let [vectors, width] = [new Float32Array(0), 0];
  for await (const { row, outputs } of onePass.results(runner, table, [], quiet)) {
    const vector = outputs[vectorNames.entry]!.data as Float32Array;
    if (row === 0) [width, vectors] = [vector.length, new Float32Array(table.length * vector.length)];
    vectors.set(vector, row * width);
  }
  return { vectors, width };
}

/** The index of a table by a model, made once for both. */
async function indexOf(runner: Runner, table: Split, options: InferenceOptions): Promise<VectorIndex> {
  const known = runner.kept.get(table) as VectorIndex | undefined;
  if (known !== undefined) return known;
  const index = await embed(runner, table, options);
  runner.kept.set(table, index);
  return index;
}

/** Products of a vector with all of an index. */
function products({ vectors, width }: VectorIndex, query: Float32Array): Float32Array {
  const scores = new Float32Array(vectors.length / width);
  for (let row = 0; row < scores.length; row++) {
    const start = row * width;
    let sum = 0;
    for (let i = 0; i < width; i++) sum += vectors[start + i]! * query[i]!;
    scores[row] = sum;
  }
  return scores;
}

/** Entries of a table, best first, with their scores. */
interface Ranking {
  readonly rows: Int32Array;
  readonly scores: Float32Array;
}

function best(scores: Float32Array, limit: number): Ranking {
  const rows = bestScored(Int32Array.from(scores.keys()), scores, limit);
  return { rows, scores: Float32Array.from(rows, (row) => scores[row]!) };
}

/** Two rankings as one. */
function fuse(byVector: Ranking, byWords: readonly number[], limit: number, weight: number, constant: number): Ranking {
  const rankings = [byWords.map(String), Array.from(byVector.rows, String)];
  const fused = reciprocalRankFusion(rankings, { constant, limit, weights: [weight, 1 - weight] });
  return {
    rows: Int32Array.from(fused, ({ id }) => Number(id)),
    scores: Float32Array.from(fused, ({ score }) => score),
  };
}

/** Makes the index of the table that a split refers to, with the texts that are shown or searched by words. */
const keptIndex =
  (column: string, searched: readonly string[]): NonNullable<Inference["index"]> =>
  async (runner, split, options) => {
    const { entries: table } = referencesOf(split, column);
    const { entries } = splitParts(runner.plan, column);
    const plan = { ...entries, rows: Math.min(entryRows, table.length) };
    const index = await indexOf(withPlan(runner, plan), table, options);
    const names = [...new Set([...columnsOf(entries), ...searched])];
    const columns = Object.fromEntries(names.map((name) => [name, table.columns[name]!]));
    return { column, table: { ...table, columns }, ...index };
  };

/**
 * Search in an index (Karpukhin et al. 2020): one tower embeds every entry of the table that queries refer to, once for a
 * table; another each query; the ranking is an exact scan of all products. With `hybrid` a search by words (BM25) is fused
 * with it (Cormack, Clarke and Buettcher 2009).
 *
 * A result's outputs are `rows` of the table, best first, their `scores` and their `ids`; `texts` are the beginnings of the
 * first ten, where entries are texts.
 */
export const indexed = ({ column, limit, hybrid, keepIndex }: IndexedSettings): Inference => ({
  name: "indexed",
  ...(keepIndex ? { index: keptIndex(column, hybrid?.columns ?? []) } : {}),
  async *results(runner: Runner, split: Split, columns: readonly string[], options: InferenceOptions) {
    const { entries: table } = referencesOf(split, column);
    const plans = splitParts(runner.plan, column);
    const entryPlan = { ...plans.entries, rows: Math.min(entryRows, table.length) };
    const read = columnsOf(plans.entries);
    const bodies = read.every((name) => table.columns[name]?.kind === "texts") ? joinedTexts(table, read) : undefined;
    const words = hybrid && {
      find: lexicalSearcher(table, hybrid.columns ?? read, hybrid),
      queries: joinedTexts(split, columnsOf(plans.queries)),
    };
    const index = await indexOf(withPlan(runner, entryPlan), table, options);
    for await (const result of onePass.results(withPlan(runner, plans.queries), split, columns, options)) {
      const query = result.outputs[vectorNames.query]!.data as Float32Array;
      const byVector = best(products(index, query), limit);
      const { rows, scores } =
        words === undefined
          ? byVector
          : fuse(byVector, words.find(words.queries[result.row]!, limit), limit, hybrid!.weight, hybrid!.constant);
      const shape = [rows.length];
      const first = rows.subarray(0, bodies === undefined ? 0 : shown.entries);
      const outputs: Result["outputs"] = {
        rows: { dtype: "int32", shape, data: rows },
        scores: { dtype: "float32", shape, data: scores },
        ids: { dtype: "string", shape, data: Array.from(rows, (row) => table.ids[row]!) },
        texts: { dtype: "string", shape: [first.length], data: Array.from(first, (row) => beginning(bodies![row]!)) },
      };
      yield { ...result, outputs };
    }
  },
});
