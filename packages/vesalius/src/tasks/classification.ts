import { z } from "zod";
import { formatCsv } from "../common/csv.ts";
import { validate } from "../common/check.ts";
import { VesaliusError } from "../common/errors.ts";
import { rareNames } from "../data/dataset/rare-names.ts";
import type { Example, Split } from "../data/index.ts";
import {
  answeredClass,
  type ClassificationAnswer,
  classificationEvaluation,
  type ClassificationMeasure,
  indexOfPositiveClass,
} from "../evaluation/index.ts";
import { crossEntropy, softmax } from "../graph/index.ts";
import { linearLayer } from "../models/index.ts";
import { presentRows, requireColumn, requireSameNames } from "./columns.ts";
import { decisionThresholdSchema, fitThreshold, fittedThreshold, type ScoredCase } from "./decision-threshold.ts";
import { onePass } from "./inference/one-pass.ts";
import { roleParts } from "./roles.ts";
import { spokenClasses } from "./spoken/classes.ts";
import { suggestColumn } from "./suggest-column.ts";
import { type Answered, type Result, type Task, taskEntry } from "./task.ts";

/** Settings of a classification. */
export const classificationSchema = z.strictObject({
  /** Column of the class. */
  column: z.string().default("label"),
  /** Class names by index; those of the data where they are left out. */
  classes: z.array(z.string()).min(2).optional(),
  /** Whether the order of the classes means something (grades of a disease). */
  ordered: z.boolean().default(false),
  /** Name of the class that a clinician would call positive; of two classes the second by default. */
  positiveClass: z.string().optional(),
  /** Share of the target spread over all classes. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  /**
   * Answer the positive class from a probability that is chosen on training groups which training leaves out; without it
   * the most probable class is answered.
   */
  threshold: decisionThresholdSchema.optional(),
  /** Classes without a training example are an error unless they are allowed. */
  allowMissingClasses: z.boolean().default(false),
});

/** Settings of a classification, defaults left out at will. */
export type ClassificationOptions = z.input<typeof classificationSchema>;

type Settings = z.output<typeof classificationSchema> & { readonly classes: readonly string[] };

function check(split: Split, settings: Settings, use: "training" | "evaluation" | "prediction"): void {
  if (use === "prediction") return;
  const { column: name, classes } = settings;
  const column = requireColumn(split, name, "classes");
  requireSameNames(column.names, classes, {
    kind: "classes",
    rare: rareNames([split], name),
    where: `split ${split.name}, column ${name}`,
  });
  const rows = presentRows(column);
  if (use === "training" && rows.length < split.length)
    throw new VesaliusError("bad-data", `${split.length - rows.length} training examples have no class`, {
      where: `split ${split.name}, column ${name}`,
      fix: "label them or leave them out",
    });
  const seen = new Set(rows.map((row) => column.values[row]!));
  const missing = classes.filter((_, index) => !seen.has(index));
  if (use === "training" && missing.length > 0 && !settings.allowMissingClasses)
    throw new VesaliusError("bad-data", `no training example has the class ${missing.join(", ")}`, {
      where: `split ${split.name}, column ${name}`,
      fix: "add examples, or take the class out of the data's list",
    });
  if (use === "evaluation" && seen.size < 2)
    throw new VesaliusError("bad-data", "all examples are of one class, which leaves nothing to tell apart", {
      where: `split ${split.name}, column ${name}`,
      fix: "evaluate on a split with several classes",
    });
}

/**
 * One of several classes for each example, with the network's own classification head or a linear one, and cross-entropy.
 *
 * @throws VesaliusError `bad-configuration` without class names, or for names that repeat
 */
export function classification(
  options: ClassificationOptions,
): Task<number, ClassificationAnswer, ClassificationMeasure> {
  const parsed = validate(classificationSchema, options, { code: "bad-configuration", what: "classification" });
  const { classes, column, labelSmoothing, ordered, positiveClass, threshold } = parsed;
  if (classes === undefined || new Set(classes).size !== classes.length)
    throw new VesaliusError("bad-configuration", "classification needs at least two different classes", {
      where: "task.classes",
      fix: "name the classes, or take them from the data",
    });
  const settings: Settings = { ...parsed, classes };
  const positive = indexOfPositiveClass(positiveClass, classes);
  if (threshold !== undefined && positive === undefined)
    throw new VesaliusError("bad-configuration", "a threshold needs a class that is answered from it", {
      where: "task.positiveClass",
      fix: `name one of ${classes.join(", ")}`,
    });
  const probabilitiesOf = ({ outputs }: Result): Float32Array => outputs["probabilities"]!.data as Float32Array;
  async function* casesOf(results: AsyncIterable<Result>): AsyncIterable<ScoredCase> {
    for await (const result of results)
      yield { score: probabilitiesOf(result)[positive!]!, positive: result.example[column] === positive };
  }
  return {
    name: "classification",
    settings,
    columns: [column],
    classes: { column, names: classes },
    readsPooled: true,
    inference: onePass,
    evaluation: classificationEvaluation({ classes, ordered, positiveClass }),
    check: (split, use) => check(split, settings, use),
    feeds: (backbone) => ({
      parts: {
        ...roleParts(backbone),
        target: { columns: [column], encoder: { name: "classes" }, target: true },
      },
    }),
    head(features, { backbone, training }) {
      const own = backbone.network.heads?.["classes"];
      if (own !== undefined) return own(features, classes.length, { training });
      return { logits: linearLayer(features.pooled, "head", classes.length) };
    },
    loss: ({ logits }, { inputs }) => ({
      loss: crossEntropy(logits!, inputs["target"]!["classes"]!, { labelSmoothing }),
    }),
    answers: ({ logits }) => ({ logits: logits!, probabilities: softmax(logits!) }),
    ...(threshold === undefined
      ? {}
      : {
          heldOut: threshold.heldOut,
          fit: (results: AsyncIterable<Result>) => fitThreshold(casesOf(results), threshold),
        }),
    decode(result, { fitted }) {
      const chosen = fittedThreshold(fitted);
      return { probabilities: probabilitiesOf(result), ...(chosen === undefined ? {} : { threshold: chosen }) };
    },
    spoken: spokenClasses(column, classes, (probabilities) => ({ probabilities })),
    truth: (example: Example) => example[column] as number | null,
    strata: (split) => requireColumn(split, column, "classes").values,
    toJson: (answer) => ({
      class: classes[answeredClass(answer, positive)],
      ...(answer.threshold === undefined ? {} : { threshold: answer.threshold }),
      probabilities: Object.fromEntries(classes.map((name, i) => [name, answer.probabilities[i]!])),
    }),
    async *files(answers: AsyncIterable<Answered<ClassificationAnswer>>, split: Split) {
      const truth = split.columns[column]?.kind === "classes" ? requireColumn(split, column, "classes") : undefined;
      const rows: (string | number)[][] = [
        ["id", ...(truth === undefined ? [] : ["trueClass"]), "predictedClass", ...classes],
      ];
      let row = 0;
      for await (const { id, answer } of answers) {
        const known = truth === undefined ? [] : [truth.present?.[row] === 0 ? "" : truth.names[truth.values[row]!]!];
        const said =
          answer === null
            ? ["", ...classes.map(() => "")]
            : [classes[answeredClass(answer, positive)]!, ...Array.from(answer.probabilities)];
        rows.push([id, ...known, ...said]);
        row++;
      }
      yield { name: "predictions.csv", content: formatCsv(rows) };
    },
  };
}

/** Classification in the catalogue of tasks. */
export const classificationEntry = taskEntry({
  name: "classification",
  summary: "One of several classes for each example.",
  settings: classificationSchema,
  formerKeys: {
    "adaptation.labelSmoothing": "labelSmoothing: ...",
    "evaluation.positiveClass": "positiveClass: ...",
    "evaluation.orderedClasses": "ordered: true",
  },
  suggest: (train) =>
    suggestColumn(train, {
      kind: "classes",
      names: ["label"],
      reason: (column) =>
        `the column ${column} holds one of ${requireColumn(train, column, "classes").names.length} classes`,
      particularity: 1,
    }),
  create: (settings) => classification(settings) as unknown as Task,
  fit(settings, _dataset, train) {
    const { names, ordered } = requireColumn(train, settings.column, "classes");
    return { ...settings, classes: settings.classes ?? [...names], ordered: settings.ordered || ordered };
  },
});
