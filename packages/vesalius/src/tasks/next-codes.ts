import { z } from "zod";
import { validate } from "../common/check.ts";
import { VesaliusError } from "../common/errors.ts";
import { codeKey, codesOf, type MedicalCode, type Split, type Timeline, type TimelinesColumn } from "../data/index.ts";
import { type RankingAnswer, rankingEvaluation, type RankingMeasure, type RankingTruth } from "../evaluation/index.ts";
import { binaryCrossEntropyTerms, divide, sigmoid, sumOf, type Value } from "../graph/index.ts";
import { linearLayer } from "../models/index.ts";
import { presentRows, requireColumn } from "./columns.ts";
import { codesFile } from "./files/codes-csv.ts";
import { onePass } from "./inference/one-pass.ts";
import { roleParts } from "./roles.ts";
import { suggestColumn } from "./suggest-column.ts";
import { type Task, taskEntry } from "./task.ts";

const codeSchema = z.strictObject({
  category: z.string(),
  system: z.string(),
  code: z.string(),
  name: z.string().optional(),
});

/** Settings of the prediction of codes. */
export const nextCodesSchema = z.strictObject({
  /** Column of the events that come next, which the network does not read. */
  column: z.string().default("next"),
  /** Codes that are predicted, in order; those of the training examples where they are left out. */
  codes: z.array(codeSchema).min(1).optional(),
  /** In how many training examples a code must come next to be predicted. */
  minimumExamples: z.int().positive().default(1),
  /** Ranks within which codes are counted. */
  recallAt: z.array(z.int().positive()).min(1).default([1, 5, 10]),
});

/** What a model says of the codes that come next. */
export interface CodesAnswer extends RankingAnswer {
  /** Positions of codes, most probable first. */
  readonly rows: Int32Array;
  /** `[codes]` by position. */
  readonly probabilities: Float32Array;
}

const codeOf = ({ category, system, code, name }: MedicalCode): MedicalCode => ({
  category,
  system,
  code,
  ...(name === undefined ? {} : { name }),
});

/** Codes that come next in enough examples, most frequent first, with the number of examples. */
export function countCodes({
  codes,
  codeOf: of,
  offsets,
  length,
}: TimelinesColumn): { code: MedicalCode; count: number }[] {
  const counts = new Map<string, { code: MedicalCode; count: number }>();
  for (let row = 0; row < length; row++)
    for (const at of new Set(of.subarray(offsets[row], offsets[row + 1]))) {
      const key = codeKey(codes[at]!);
      const found = counts.get(key);
      if (found === undefined) counts.set(key, { code: codes[at]!, count: 1 });
      else found.count++;
    }
  return [...counts.values()].sort((a, b) => b.count - a.count || (codeKey(a.code) < codeKey(b.code) ? -1 : 1));
}

/** Positions by falling probability, equal ones in the order of the codes, which is that of their frequency. */
export const ranked = (probabilities: ArrayLike<number>): Int32Array =>
  Int32Array.from(
    Array.from(probabilities, (_, i) => i).sort((a, b) => probabilities[b]! - probabilities[a]! || a - b),
  );

function check(split: Split, column: string, use: "training" | "evaluation" | "prediction"): void {
  if (use === "prediction") return;
  const found = requireColumn(split, column, "timelines");
  const rows = presentRows(found);
  const empty = rows.filter((row) => found.offsets[row] === found.offsets[row + 1]).length;
  const lacking = use === "training" ? split.length - rows.length + empty : 0;
  if (lacking === 0 && rows.length > empty) return;
  throw new VesaliusError(
    "bad-data",
    lacking > 0 ? `${lacking} training examples have no codes that come next` : "no example has codes that come next",
    {
      where: `split ${split.name}, column ${column}`,
      fix: "let the reader take examples that have some (option predict)",
    },
  );
}

/**
 * The codes of a patient's next visit, each a yes-or-no question of its own (Li et al. 2020, BEHRT), with the network's own
 * head or a linear one, and binary cross-entropy. Codes are ranked by their probability; those that no training example
 * has count as not found.
 *
 * @throws VesaliusError `bad-configuration` without codes, or for codes that repeat
 */
export function nextCodes(options: z.input<typeof nextCodesSchema>): Task<RankingTruth, CodesAnswer, RankingMeasure> {
  const settings = validate(nextCodesSchema, options, { code: "bad-configuration", what: "nextCodes" });
  const { column, codes, recallAt } = settings;
  const vocabulary = (codes ?? []).map(codeKey);
  if (codes === undefined || new Set(vocabulary).size !== vocabulary.length)
    throw new VesaliusError("bad-configuration", "nextCodes needs different codes", {
      where: "task.codes",
      fix: "name the codes, or take them from the training data (fitTask)",
    });
  const places = new Map(vocabulary.map((key, i) => [key, i]));
  const shown = codes.map(codeOf);
  return {
    name: "nextCodes",
    settings,
    columns: [column],
    readsPooled: true,
    inference: onePass,
    evaluation: rankingEvaluation({ cutoff: 5, recallAt }),
    check: (split, use) => check(split, column, use),
    feeds: (backbone) => ({
      parts: {
        ...roleParts(backbone),
        target: { columns: [column], encoder: { name: "codesTarget", vocabulary }, target: true },
      },
    }),
    head(features, { backbone, training }) {
      const own = backbone.network.heads?.["classes"];
      if (own !== undefined) return own(features, vocabulary.length, { training });
      return { logits: linearLayer(features.pooled, "head", vocabulary.length) };
    },
    loss({ logits }, { inputs, rows }) {
      const labels: Value = inputs["target"]!["labels"]!;
      const terms = binaryCrossEntropyTerms(logits!, labels);
      return { loss: divide(sumOf(terms), labels.graph.scalar(rows * vocabulary.length)) };
    },
    answers: ({ logits }) => ({ probabilities: sigmoid(logits!) }),
    decode({ outputs }) {
      const probabilities = outputs["probabilities"]!.data as Float32Array;
      return { probabilities, rows: ranked(probabilities) };
    },
    truth(example) {
      const timeline = example[column] as Timeline | null;
      if (timeline === null || timeline.codes.length === 0) return null;
      let unknown = vocabulary.length;
      return { rows: Array.from(codesOf(timeline), (key) => places.get(key) ?? unknown++) };
    },
    toJson: ({ rows, probabilities }) =>
      Array.from(rows.subarray(0, 10), (row) => ({ ...shown[row]!, probability: probabilities[row]! })),
    async *files(answers) {
      yield await codesFile(answers, shown);
    },
  };
}

/** The codes that come next, in the catalogue of tasks. */
export const nextCodesEntry = taskEntry({
  name: "nextCodes",
  summary: "The codes of a patient's next visit, ranked by their probability.",
  settings: nextCodesSchema,
  suggest: (train) =>
    suggestColumn(train, {
      kind: "timelines",
      names: ["next"],
      only: true,
      reason: (column) => `the column ${column} holds the events that come next`,
      particularity: 2,
    }),
  create: (settings) => nextCodes(settings) as unknown as Task,
  fit(settings, _dataset, train) {
    const counted = countCodes(requireColumn(train, settings.column, "timelines"));
    const frequent = counted.filter(({ count }) => count >= settings.minimumExamples);
    return { ...settings, codes: settings.codes ?? frequent.map(({ code }) => codeOf(code)) };
  },
});
