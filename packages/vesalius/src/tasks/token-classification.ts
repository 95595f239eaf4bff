import { z } from "zod";
import type { Spec } from "../common/catalogue.ts";
import { validate } from "../common/check.ts";
import { VesaliusError } from "../common/errors.ts";
import { fewOf } from "../data/columns/few-of.ts";
import { rareNames } from "../data/dataset/rare-names.ts";
import { type PreparedTokens, type Split, wordPlaces } from "../data/index.ts";
import { crossEntropy, logSoftmax, reshape } from "../graph/index.ts";
import { linearLayer, type Backbone } from "../models/index.ts";
import { type EntityMeasure, type EntitySpan, type EntityTruth, entitiesEvaluation } from "../evaluation/index.ts";
import { requireColumn } from "./columns.ts";
import { bestTagSequence, tagRuns } from "./decoding/tag-sequence.ts";
import { conllFile } from "./files/conll.ts";
import { onePass } from "./inference/one-pass.ts";
import { encoderOf, roleParts } from "./roles.ts";
import { spokenEntities } from "./spoken/labels.ts";
import { suggestColumn } from "./suggest-column.ts";
import { type Result, type Task, taskEntry } from "./task.ts";

/** Settings of token classification. */
export const tokenClassificationSchema = z.strictObject({
  /** Role whose places are classified. */
  role: z.string().default("text"),
  /** Column of the spans. */
  column: z.string().default("spans"),
  /** Column of the text that the spans lie in. */
  textColumn: z.string().default("text"),
  /** Types of entities; those of the data where they are left out. */
  types: z.array(z.string()).min(1).optional(),
  /** Share of the target spread over all tags. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
});

/** Settings of token classification, defaults left out at will. */
export type TokenClassificationOptions = z.input<typeof tokenClassificationSchema>;

/** An entity that was found. */
export interface FoundEntity extends EntitySpan {
  /** The piece of the text that it is. */
  readonly text: string;
  /** Mean probability of the tags of its words, each by itself. */
  readonly probability: number;
}

/** Entities of a text, or of one window of it with their places in the window. */
function decodeText(text: string, outputs: Result["outputs"], backbone: Backbone, settings: Settings): FoundEntity[] {
  const encoder = encoderOf(backbone, settings.role);
  const [read] = encoder.prepare!([text]) as [PreparedTokens];
  const { tokens, starts, ends } = wordPlaces(read);
  const { data, shape } = outputs["scores"]!;
  const tags = shape[1]!;
  const scores = new Float32Array(tokens.length * tags);
  tokens.forEach((token, word) =>
    scores.set((data as Float32Array).subarray(token * tags, (token + 1) * tags), word * tags),
  );
  const sequence = bestTagSequence(scores, tags);
  return tagRuns(sequence).map(({ start, end, type }) => {
    const [from, to] = [starts[start]!, ends[end - 1]!];
    let sum = 0;
    for (let word = start; word < end; word++) sum += Math.exp(scores[word * tags + sequence[word]!]!);
    const probability = Math.min(1, sum / (end - start));
    return { text: text.slice(from, to), start: from, end: to, type: settings.types[type]!, probability };
  });
}

/** Entities of a text; where windows overlap and say different things, the more probable ones. */
function decode(result: Result, backbone: Backbone, settings: Settings): FoundEntity[] {
  const text = result.example[settings.textColumn] as string;
  if (result.windows === undefined) return decodeText(text, result.outputs, backbone, settings);
  const found = result.windows.flatMap(({ place, outputs }) =>
    decodeText(text.slice(place!.start, place!.end), outputs, backbone, settings).map((entity) => ({
      ...entity,
      start: place!.start + entity.start,
      end: place!.start + entity.end,
    })),
  );
  const kept: FoundEntity[] = [];
  for (const entity of found.toSorted((a, b) => b.probability - a.probability))
    if (!kept.some(({ start, end }) => start < entity.end && entity.start < end)) kept.push(entity);
  return kept.sort((a, b) => a.start - b.start);
}

type Settings = z.output<typeof tokenClassificationSchema> & { readonly types: readonly string[] };

function check(split: Split, { column, textColumn, types }: Settings, use: string): void {
  requireColumn(split, textColumn, "texts");
  if (use === "prediction") return;
  const spans = requireColumn(split, column, "spans");
  const unknown = spans.types.filter((type) => !types.includes(type));
  if (unknown.length > 0)
    throw new VesaliusError(
      "bad-data",
      `the model does not know the type ${fewOf(unknown, rareNames([split], column))}`,
      {
        where: `split ${split.name}, column ${column}`,
        fix: `use data annotated with ${types.join(", ")}`,
      },
    );
  if (spans.typeOf.length === 0)
    throw new VesaliusError("bad-data", `no ${use === "training" ? "training " : ""}text has an entity`, {
      where: `split ${split.name}, column ${column}`,
      fix: use === "training" ? "train on annotated texts" : "evaluate on a split with entities",
    });
}

/**
 * Token classification: entities of a text as spans, by an IOB2 tag for the first token of each word and the most
 * probable sequence of tags that may occur.
 *
 * @throws VesaliusError `bad-configuration` without types of entities
 */
export function tokenClassification(
  options: TokenClassificationOptions,
): Task<EntityTruth, readonly FoundEntity[], EntityMeasure> {
  const parsed = validate(tokenClassificationSchema, options, {
    code: "bad-configuration",
    what: "token classification",
  });
  if (parsed.types === undefined)
    throw new VesaliusError("bad-configuration", "token classification needs the types of entities", {
      where: "task.types",
      fix: "name them, or take them from the data",
    });
  const settings: Settings = { ...parsed, types: parsed.types };
  const { role, column, textColumn, types } = settings;
  const tags = 1 + 2 * types.length;
  return {
    name: "tokenClassification",
    settings,
    columns: [textColumn, column],
    inference: onePass,
    evaluation: entitiesEvaluation({ types }),
    check: (split, use) => check(split, settings, use),
    feeds(backbone) {
      const parts = roleParts(backbone);
      const encoder: Spec = { name: "tokenLabels", of: parts[role]!.encoder, types };
      return { parts: { ...parts, target: { columns: [textColumn, column], encoder, target: true, extentOf: role } } };
    },
    head(features, { backbone, training }) {
      if (features.places === undefined)
        throw new VesaliusError("bad-configuration", `${backbone.network.name} gives no vectors of single tokens`, {
          fix: "choose a network that does, such as bert",
        });
      const own = backbone.network.heads?.["tokens"];
      return own?.(features, tags, { training }) ?? { logits: linearLayer(features.places, "classifier", tags) };
    },
    loss({ logits }, { inputs }) {
      const labels = inputs["target"]!["labels"]!;
      const places = labels.shape[0]! * labels.shape[1]!;
      const flat = reshape(logits!, [places, tags]);
      const { labelSmoothing } = settings;
      return { loss: crossEntropy(flat, reshape(labels, [places]), { ignoreIndex: -1, labelSmoothing }) };
    },
    answers: ({ logits }) => ({ scores: logSoftmax(logits!) }),
    decode: (result, { backbone }) => decode(result, backbone, settings),
    spoken: spokenEntities(column, textColumn, types),
    truth(example) {
      const spans = example[column] as readonly EntitySpan[] | null;
      return spans === null ? null : { spans, text: example[textColumn] as string };
    },
    toJson: (spans) => spans,
    async *files(answers, split) {
      yield await conllFile(answers, requireColumn(split, textColumn, "texts").values);
    },
  };
}

/** Token classification in the catalogue of tasks. */
export const tokenClassificationEntry = taskEntry({
  name: "tokenClassification",
  summary: "Entities of a text: diseases, chemicals, genes, names.",
  settings: tokenClassificationSchema,
  suggest(train) {
    if (train.columns["text"]?.kind !== "texts") return undefined;
    return suggestColumn(train, {
      kind: "spans",
      names: ["spans"],
      reason: (column) => `the column ${column} marks pieces of a text`,
      particularity: 3,
    });
  },
  create: (settings) => tokenClassification(settings) as unknown as Task,
  fit: (settings, _dataset, train) => ({
    ...settings,
    types: settings.types ?? [...requireColumn(train, settings.column, "spans").types],
  }),
});
