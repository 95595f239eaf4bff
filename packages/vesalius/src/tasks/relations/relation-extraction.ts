import type { z } from "zod";
import { validate } from "../../common/check.ts";
import { formatCsv } from "../../common/csv.ts";
import { VesaliusError } from "../../common/errors.ts";
import {
  candidatePairs,
  type Encoder,
  encoders,
  type Part,
  type PreparedPairs,
  type Relation,
  type Span,
} from "../../data/index.ts";
import {
  type RelationMeasure,
  relationsEvaluation,
  type RelationsTruth,
  type StatedRelation,
} from "../../evaluation/index.ts";
import { add, concat, crossEntropy, gather, gelu, reshape, softmax, type Value } from "../../graph/index.ts";
import { type Backbone, linearLayer } from "../../models/index.ts";
import { onePass } from "../inference/one-pass.ts";
import { roleParts } from "../roles.ts";
import { type Result, type Task, taskEntry } from "../task.ts";
import { fitRelations } from "./fit-relations.ts";
import { checkRelations, relationExtractionSchema, type RelationSettings, signaturesOf } from "./relation-settings.ts";

/** Settings of relation extraction, defaults left out at will. */
export type RelationExtractionOptions = z.input<typeof relationExtractionSchema>;

/** A relation that was found. */
export interface FoundRelation extends StatedRelation {
  /** The words of the pieces. */
  readonly headText: string;
  readonly tailText: string;
  readonly probability: number;
}

/** The part of the role that reads the text. */
function requireText(part: Part | undefined, role: string, { network }: Backbone): Part {
  if (part !== undefined && part.encoder.name === "tokens" && part.encoder["pair"] !== true) return part;
  throw new VesaliusError("bad-configuration", `${network.name} does not read one text as ${role}`, {
    where: "backbone",
    fix: "choose a network that reads one text, such as bert",
  });
}

/** Vectors of tokens `[rows, length, width]` at `places` `[rows, pairs, 4]`, as `[rows * pairs, 4 * width]`. */
function vectorsAt(tokens: Value, places: Value): Value {
  const [rows, length, width] = tokens.shape as [number, number, number];
  const count = places.shape[1]!;
  const first = Int32Array.from({ length: rows }, (_, row) => row * length);
  const starts = tokens.graph.constant({ dtype: "int32", shape: [rows, 1, 1], data: first });
  const flat = reshape(tokens, [rows * length, width]);
  return reshape(gather(flat, reshape(add(places, starts), [rows * count * 4])), [rows * count, 4 * width]);
}

const made = new WeakMap<object, Encoder>();

/** Reads the pairs of a text as they are fed, made once for each preparation. */
function pairsEncoder({ preparation }: Backbone, settings: RelationSettings): Encoder {
  const of = preparation![settings.role]!;
  const known =
    made.get(of) ??
    encoders.create({ name: "spanPairs", of, signatures: signaturesOf(settings), pairs: settings.pairs });
  made.set(of, known);
  return known;
}

function decode({ example, outputs }: Result, backbone: Backbone, settings: RelationSettings): FoundRelation[] {
  const text = example[settings.textColumn] as string;
  const { types } = settings;
  const [read] = pairsEncoder(backbone, settings).prepare!([text, example[settings.spans]]) as [PreparedPairs];
  const probabilities = outputs["probabilities"]!.data as Float32Array;
  const classes = 1 + types.length;
  return read.placed.flatMap(({ head, tail }, pair) => {
    const own = probabilities.subarray(pair * classes, (pair + 1) * classes);
    const best = own.reduce((most, value, i) => (value > own[most]! ? i : most), 0);
    if (best === 0) return [];
    const [headText, tailText] = [head, tail].map(({ start, end }) => text.slice(start, end)) as [string, string];
    return [{ type: types[best - 1]!, head, tail, headText, tailText, probability: Math.min(1, own[best]!) }];
  });
}

/**
 * Relation extraction between marked pieces of a text: every pair of pieces whose types may be related is classified from the
 * vectors of the first and last tokens of both (Baldini Soares et al. 2019, entity start; Eberts and Ulges 2020 classify all
 * pairs of one pass alike), with no relation as a class. The text is read once, however many pairs it has.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work, or are not known without data; see `fitTask`
 */
export function relationExtraction(
  options: RelationExtractionOptions = {},
): Task<RelationsTruth, readonly FoundRelation[], RelationMeasure> {
  const parsed = validate(relationExtractionSchema, options, {
    code: "bad-configuration",
    what: "relation extraction",
  });
  const { types, signatures, pairs } = parsed;
  if (types === undefined || signatures === undefined || pairs === undefined)
    throw new VesaliusError("bad-configuration", "relation extraction needs to know types, signatures and pairs", {
      where: "task",
      fix: "name them, or take them from the training data (fitTask)",
    });
  const settings: RelationSettings = { ...parsed, types, signatures, pairs };
  const { role, textColumn, spans, column, hidden } = settings;
  const usual = new Map(signatures.map((one) => [`${one.head}\n${one.tail}`, one.usual]));
  const classes = 1 + types.length;
  return {
    name: "relationExtraction",
    settings,
    columns: [textColumn, spans, column],
    inference: onePass,
    evaluation: relationsEvaluation({ types }),
    check: (split, use) => checkRelations(split, settings, use),
    feeds(backbone) {
      const parts = roleParts(backbone);
      const shared = {
        of: requireText(parts[role], role, backbone).encoder,
        signatures: signaturesOf(settings),
        pairs,
      };
      return {
        parts: {
          ...parts,
          pairs: { columns: [textColumn, spans], encoder: { name: "spanPairs", ...shared } },
          target: {
            columns: [textColumn, spans, column],
            encoder: { name: "pairRelations", ...shared, types },
            target: true,
          },
        },
      };
    },
    head({ places }, { inputs, rows, backbone }) {
      if (places === undefined)
        throw new VesaliusError("bad-configuration", `${backbone.network.name} gives no vectors of single tokens`, {
          fix: "choose a network that does, such as bert",
        });
      const { places: where, signatures: kinds } = inputs["pairs"]!;
      const vectors = vectorsAt(places, where!);
      const table = places.graph.parameter("relations.signatures", [signatures.length, 16], {
        kind: "normal",
        standardDeviation: 0.02,
      });
      const kind = gather(table, reshape(kinds!, [rows * pairs]));
      const read = gelu(linearLayer(concat([vectors, kind], 1), "relations.dense", hidden));
      return { logits: reshape(linearLayer(read, "relations.classifier", classes), [rows, pairs, classes]) };
    },
    loss({ logits }, { inputs, rows }) {
      const labels = reshape(inputs["target"]!["labels"]!, [rows * pairs]);
      return { loss: crossEntropy(reshape(logits!, [rows * pairs, classes]), labels, { ignoreIndex: -1 }) };
    },
    answers: ({ logits }) => ({ probabilities: softmax(logits!) }),
    decode: (result, { backbone }) => decode(result, backbone, settings),
    truth(example) {
      const relations = example[column] as readonly Relation[] | null;
      if (relations === null) return null;
      const all = candidatePairs(example[spans] as readonly Span[], signaturesOf(settings));
      const candidates = all.map(({ head, tail }) => ({ type: usual.get(`${head.type}\n${tail.type}`)!, head, tail }));
      return { relations, candidates, text: example[textColumn] as string };
    },
    toJson: (relations) => relations,
    async *files(answers) {
      const rows: (string | number)[][] = [
        ["id", "type", "head start", "head end", "head type", "tail start", "tail end", "tail type", "probability"],
      ];
      for await (const { id, answer } of answers)
        for (const { type, head, tail, probability } of answer ?? [])
          rows.push([id, type, head.start, head.end, head.type, tail.start, tail.end, tail.type, probability]);
      yield { name: "predictions.csv", content: formatCsv(rows) };
    },
  };
}

/** Relation extraction in the catalogue of tasks. */
export const relationExtractionEntry = taskEntry({
  name: "relationExtraction",
  summary: "Relations between marked pieces of a text: which chemical causes which disease.",
  paper: "Baldini Soares et al. 2019, Matching the Blanks: Distributional Similarity for Relation Learning",
  settings: relationExtractionSchema,
  create: (settings) => relationExtraction(settings) as unknown as Task,
  fit: (settings, _dataset, train) => fitRelations(settings, train),
});
