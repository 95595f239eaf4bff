import { z } from "zod";
import { validate } from "../common/check.ts";
import { VesaliusError } from "../common/errors.ts";
import { rareNames } from "../data/dataset/rare-names.ts";
import type { LabelsColumn, Split } from "../data/index.ts";
import { bestThreshold, type LabelsAnswer, labelsEvaluation, type LabelsMeasure } from "../evaluation/index.ts";
import {
  binaryCrossEntropyTerms,
  constantRow,
  divide,
  maximum,
  multiply,
  sigmoid,
  sumOf,
  type Tensors,
  type Value,
} from "../graph/index.ts";
import { linearLayer } from "../models/index.ts";
import { presentRows, requireColumn, requireSameNames } from "./columns.ts";
import { labelsFile } from "./files/labels-csv.ts";
import { onePass } from "./inference/one-pass.ts";
import { roleParts } from "./roles.ts";
import { spokenLabels } from "./spoken/labels.ts";
import { suggestColumn } from "./suggest-column.ts";
import { type Result, type Task, taskEntry } from "./task.ts";

/** Settings of a classification with several labels. */
export const multilabelClassificationSchema = z.strictObject({
  /** Column of the labels. */
  column: z.string().default("label"),
  /** Names of the labels, in order; those of the training data where they are left out. */
  labels: z.array(z.string()).min(1).optional(),
  /** Whether the examples with a label weigh as much in the loss as those without it, however rare it is. */
  balanced: z.boolean().default(false),
  /** What examples with each label are weighted by in the loss; from the training data with `balanced`. */
  positiveWeights: z.array(z.number().positive()).optional(),
  /**
   * Probability from which a label is given: one half (`half`), or, for each label, where F1 is highest on the training
   * examples (`f1`).
   */
  thresholds: z.enum(["half", "f1"]).default("half"),
});

/** Settings of a classification with several labels, defaults left out at will. */
export type MultilabelClassificationOptions = z.input<typeof multilabelClassificationSchema>;

/** How often each label is given and not given among what is annotated. */
function countsOf({ names, values }: LabelsColumn): { given: number; not: number }[] {
  return names.map((_, label) => {
    const own = Array.from(
      { length: values.length / names.length },
      (_row, row) => values[row * names.length + label]!,
    );
    return { given: own.filter((value) => value === 1).length, not: own.filter((value) => value === 0).length };
  });
}

/** For each row the rarest label that it has, the number of labels where it has none, -1 where nothing is known. */
function rarestOf(labels: LabelsColumn): Int32Array {
  const { names, values, length } = labels;
  const counts = countsOf(labels);
  const byRarity = names.map((_, label) => label).sort((a, b) => counts[a]!.given - counts[b]!.given);
  return Int32Array.from({ length }, (_, row) => {
    const own = values.subarray(row * names.length, (row + 1) * names.length);
    if (own.every((value) => value < 0)) return -1;
    return byRarity.find((label) => own[label] === 1) ?? names.length;
  });
}

function check(split: Split, column: string, labels: readonly string[], use: "training" | "evaluation"): void {
  const found = requireColumn(split, column, "labels");
  const where = `split ${split.name}, column ${column}`;
  requireSameNames(found.names, labels, { kind: "labels", rare: rareNames([split], column), where });
  const counts = countsOf(found);
  const one = labels.filter((_, label) => counts[label]!.given === 0 || counts[label]!.not === 0);
  if (use === "training" && one.length > 0)
    throw new VesaliusError("bad-data", `no training example tells ${one.join(", ")} from its absence`, {
      where,
      fix: "add examples with and without it, or take it out of the data's labels",
    });
  if (use === "evaluation" && one.length === labels.length)
    throw new VesaliusError("bad-data", "no label is given to some examples and not to others", {
      where,
      fix: "evaluate on a split in which labels differ",
    });
  if (use === "training" && presentRows(found).length < split.length)
    throw new VesaliusError("bad-data", "training examples have no labels at all", {
      where,
      fix: "label them or leave them out",
    });
}

/** For each label the probability at which F1 is highest over results with known labels. */
async function fitThresholds(results: AsyncIterable<Result>, column: string, count: number): Promise<Tensors> {
  const cases = Array.from({ length: count }, () => ({ labels: [] as number[], scores: [] as number[] }));
  for await (const { example, outputs } of results) {
    const truth = example[column] as Int8Array | null;
    for (const [label, { labels, scores }] of cases.entries()) {
      if (truth === null || truth[label]! < 0) continue;
      labels.push(truth[label]!);
      scores.push(Number(outputs["probabilities"]!.data[label]));
    }
  }
  const data = Float64Array.from(cases, ({ labels, scores }) => bestThreshold(labels, scores, "f1").threshold);
  return new Map([["thresholds", { dtype: "float64", shape: [count], data }]]);
}

/**
 * Any number of labels for each example (findings of a radiograph, assays of a molecule), each a yes-or-no question of its
 * own, with the network's own classification head or a linear one, and binary cross-entropy over what was annotated.
 *
 * @throws VesaliusError `bad-configuration` without names of labels, for names that repeat, or weights of another number
 */
export function multilabelClassification(
  options: MultilabelClassificationOptions,
): Task<Int8Array, LabelsAnswer, LabelsMeasure> {
  const settings = validate(multilabelClassificationSchema, options, {
    code: "bad-configuration",
    what: "multilabelClassification",
  });
  const { column, labels, positiveWeights, thresholds } = settings;
  if (labels === undefined || new Set(labels).size !== labels.length)
    throw new VesaliusError("bad-configuration", "multilabelClassification needs labels of different names", {
      where: "task.labels",
      fix: "name the labels, or take them from the data (fitTask)",
    });
  const count = labels.length;
  if (settings.balanced ? positiveWeights?.length !== count : positiveWeights !== undefined)
    throw new VesaliusError("bad-configuration", "positive weights go with balanced, one for each label", {
      where: "task.positiveWeights",
      fix: "set balanced and take them from the training data (fitTask), or leave both out",
    });
  return {
    name: "multilabelClassification",
    settings,
    columns: [column],
    readsPooled: true,
    inference: onePass,
    evaluation: labelsEvaluation({ labels }),
    check(split, use) {
      if (use !== "prediction") check(split, column, labels, use);
    },
    feeds: (backbone) => ({
      parts: {
        ...roleParts(backbone),
        target: { columns: [column], encoder: { name: "labelsTarget", names: labels }, target: true },
      },
    }),
    head(features, { backbone, training }) {
      const own = backbone.network.heads?.["classes"];
      if (own !== undefined) return own(features, count, { training });
      return { logits: linearLayer(features.pooled, "head", count) };
    },
    loss({ logits }, { inputs }) {
      const { labels: truth, annotated } = inputs["target"]! as { labels: Value; annotated: Value };
      const { graph } = truth;
      const weights = positiveWeights && constantRow(graph, positiveWeights);
      const terms = binaryCrossEntropyTerms(logits!, truth, weights && { positiveWeights: weights });
      return { loss: divide(sumOf(multiply(terms, annotated)), maximum(sumOf(annotated), graph.scalar(1))) };
    },
    answers: ({ logits }) => ({ probabilities: sigmoid(logits!) }),
    ...(thresholds === "f1" ? { fit: (results: AsyncIterable<Result>) => fitThresholds(results, column, count) } : {}),
    decode({ outputs }, { fitted }) {
      const chosen = fitted.get("thresholds")?.data as Float64Array | undefined;
      const probabilities = outputs["probabilities"]!.data as Float32Array;
      return { probabilities, ...(chosen === undefined ? {} : { thresholds: chosen }) };
    },
    spoken: spokenLabels(column, labels, (probabilities) => ({ probabilities })),
    truth: (example) => example[column] as Int8Array | null,
    strata: (split) => rarestOf(requireColumn(split, column, "labels")),
    toJson: ({ probabilities, thresholds: chosen }) => ({
      labels: labels.filter((_, label) => probabilities[label]! >= (chosen?.[label] ?? 0.5)),
      probabilities: Object.fromEntries(labels.map((name, label) => [name, probabilities[label]!])),
    }),
    async *files(answers, split) {
      yield await labelsFile(answers, split, { column, labels });
    },
  };
}

/** Classification with several labels in the catalogue of tasks. */
export const multilabelClassificationEntry = taskEntry({
  name: "multilabelClassification",
  summary: "Any number of labels for each example: findings, assays.",
  settings: multilabelClassificationSchema,
  suggest: (train) =>
    suggestColumn(train, {
      kind: "labels",
      names: ["label", "labels"],
      reason: (column) => `the column ${column} holds ${requireColumn(train, column, "labels").names.length} labels`,
      particularity: 1,
    }),
  create: (settings) => multilabelClassification(settings) as unknown as Task,
  fit(settings, _dataset, train) {
    const found = requireColumn(train, settings.column, "labels");
    const weights = countsOf(found).map(({ given, not }) => Math.max(not, 1) / Math.max(given, 1));
    return {
      ...settings,
      labels: settings.labels ?? [...found.names],
      ...(settings.balanced ? { positiveWeights: settings.positiveWeights ?? weights } : {}),
    };
  },
});
