import { z } from "zod";
import { validate } from "../common/check.ts";
import { VesaliusError } from "../common/errors.ts";
import type { ClassificationAnswer, ClassificationMeasure } from "../evaluation/index.ts";
import {
  add,
  binaryCrossEntropy,
  cast,
  concat,
  constantRow,
  cumulativeSum,
  full,
  type Graph,
  greater,
  reshape,
  sigmoid,
  slice,
  softplus,
  subtract,
  type Value,
} from "../graph/index.ts";
import { linearLayer } from "../models/index.ts";
import { classification, classificationEntry, classificationSchema } from "./classification.ts";
import { presentRows, requireColumn } from "./columns.ts";
import { type Task, taskEntry } from "./task.ts";

/** Settings of a classification into grades: those of a classification, whose order of classes always means something. */
export const ordinalClassificationSchema = classificationSchema.omit({ ordered: true, labelSmoothing: true }).extend({
  /** Share of the training examples in each grade, which the steps between the grades start from; even where left out. */
  frequencies: z.array(z.number().min(0).max(1)).optional(),
});

/** Settings of a classification into grades, defaults left out at will. */
export type OrdinalClassificationOptions = z.input<typeof ordinalClassificationSchema>;

/** Where each step starts: the log-odds of lying no higher than a grade, at least a little above the one below. */
function startsOf(frequencies: readonly number[]): number[] {
  let below = 0;
  let last = -Infinity;
  return frequencies.slice(0, -1).map((share) => {
    below += share;
    const odds = Math.min(Math.max(below, 0.01), 0.99);
    last = Math.max(Math.log(odds / (1 - odds)), last + 0.1);
    return last;
  });
}

/**
 * How much higher than each grade but the last something has to lie, `[1, grades - 1]`: rising by the softplus of what is
 * learned, so that "higher than 2" is never more probable than "higher than 1".
 */
function steps(graph: Graph, frequencies: readonly number[]): Value {
  const starts = startsOf(frequencies);
  const count = starts.length;
  // What softplus makes the distance to the step below of.
  const offsets = starts.map((start, i) => (i === 0 ? start : Math.log(Math.expm1(start - starts[i - 1]!))));
  const learned = reshape(graph.parameter("head.grades", [count], { kind: "zeros" }), [1, count]);
  const moved = add(learned, constantRow(graph, offsets));
  const first = slice(moved, 1, 0, 1);
  const rises = count === 1 ? first : concat([first, softplus(slice(moved, 1, 1, count))], 1);
  return cumulativeSum(rises, 1);
}

/** The probability of each grade from those of lying above each but the last, `[rows, grades]`. */
function gradesOf(above: Value): Value {
  const rows = above.shape[0]!;
  const edge = (value: number): Value => full(above.graph, [rows, 1], value);
  return subtract(concat([edge(1), above], 1), concat([above, edge(0)], 1));
}

/**
 * One of several grades for each example (stages of a disease, a scale of severity): one score for each example and the
 * steps between the grades, trained on the question "is it higher than this grade?" for each grade but the last (Cao,
 * Mirjalili and Raschka 2020, CORAL). A wrong grade costs the more the farther it lies from the true one.
 *
 * @throws VesaliusError `bad-configuration` without class names, or for names that repeat
 */
export function ordinalClassification(
  options: OrdinalClassificationOptions,
): Task<number, ClassificationAnswer, ClassificationMeasure> {
  const settings = validate(ordinalClassificationSchema, options, {
    code: "bad-configuration",
    what: "ordinalClassification",
  });
  const { frequencies, ...shared } = settings;
  const base = classification({ ...shared, ordered: true });
  const grades = base.classes!.names.length;
  if (frequencies !== undefined && frequencies.length !== grades)
    throw new VesaliusError("bad-configuration", `${frequencies.length} frequencies do not go with ${grades} grades`, {
      where: "task.frequencies",
      fix: "give one for each grade, or take them from the training data (fitTask)",
    });
  return {
    ...base,
    name: "ordinalClassification",
    settings: { ...settings, classes: base.classes!.names },
    head(features, { backbone, training }) {
      const own = backbone.network.heads?.["classes"];
      const score =
        own === undefined ? linearLayer(features.pooled, "head", 1) : own(features, 1, { training })["logits"]!;
      return { above: subtract(score, steps(score.graph, frequencies ?? Array<number>(grades).fill(1 / grades))) };
    },
    loss({ above }, { inputs }) {
      const labels = inputs["target"]!["classes"]!;
      const ranks = constantRow(labels.graph, [...Array(grades - 1).keys()]);
      const truth = greater(cast(reshape(labels, [labels.shape[0]!, 1]), "float32"), ranks);
      return { loss: binaryCrossEntropy(above!, cast(truth, "float32")) };
    },
    answers: ({ above }) => ({ probabilities: gradesOf(sigmoid(above!)) }),
  };
}

/** Classification into grades in the catalogue of tasks. */
export const ordinalClassificationEntry = taskEntry({
  name: "ordinalClassification",
  summary: "One of several grades for each example, whose order means something.",
  settings: ordinalClassificationSchema,
  suggest(train) {
    const suggestion = classificationEntry.suggest?.(train);
    if (suggestion === undefined) return undefined;
    const column = suggestion.settings["column"] as string;
    const { ordered, names } = requireColumn(train, column, "classes");
    if (!ordered) return undefined;
    return { ...suggestion, reason: `the column ${column} holds one of ${names.length} grades`, particularity: 2 };
  },
  create: (settings) => ordinalClassification(settings) as unknown as Task,
  fit(settings, dataset, train) {
    const { frequencies, ...shared } = settings;
    const { classes } = classificationEntry.fit!({ ...shared, ordered: true, labelSmoothing: 0 }, dataset, train);
    const column = requireColumn(train, settings.column, "classes");
    const rows = presentRows(column);
    const shares = column.names.map((_, grade) => {
      const own = rows.filter((row) => column.values[row] === grade);
      return own.length / Math.max(rows.length, 1);
    });
    return { ...settings, classes, frequencies: frequencies ?? shares };
  },
});
