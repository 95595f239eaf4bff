import { z } from "zod";
import { validate } from "../common/check.ts";
import { VesaliusError } from "../common/errors.ts";
import { standardization } from "../data/index.ts";
import { regressionEvaluation, type RegressionMeasure } from "../evaluation/index.ts";
import {
  add,
  constantRow,
  divide,
  exp,
  gaussianNegativeLogLikelihood,
  maximum,
  meanSquaredError,
  multiply,
  slice,
  smoothL1,
  sumOf,
  type Value,
} from "../graph/index.ts";
import { linearLayer, type Outputs } from "../models/index.ts";
import { requireColumn, requireSameNames } from "./columns.ts";
import { regressionFile } from "./files/regression-csv.ts";
import { onePass } from "./inference/one-pass.ts";
import { checkNumber, knownOf, placesOf, quarters } from "./numbers-target.ts";
import { roleParts } from "./roles.ts";
import { similarity } from "./similarity.ts";
import { spokenNumber } from "./spoken/labels.ts";
import { suggestColumn } from "./suggest-column.ts";
import { type Result, type Task, taskEntry } from "./task.ts";

const targetSchema = z.strictObject({
  name: z.string(),
  /** Written after values: `years`, `log10 mol/l`. */
  unit: z.string().optional(),
  /** Mean and deviation over the training examples, which the network's output is standardised by. */
  mean: z.number().optional(),
  std: z.number().positive().optional(),
});

/** Settings of a regression. */
export const regressionSchema = z.strictObject({
  /** Column of the numbers. */
  column: z.string().default("target"),
  /** All numbers of the column, in order; those of the training data. */
  names: z.array(z.string()).min(1).optional(),
  /** Which of the numbers are predicted; all of them where they are left out. */
  targets: z.array(targetSchema).min(1).optional(),
  /**
   * Squared error, Huber's (squared near the target and absolute away from it, for data with gross errors), or the
   * likelihood under a normal distribution whose deviation is predicted too.
   */
  loss: z.enum(["squaredError", "huber", "gaussian"]).default("squaredError"),
  /**
   * What the number is made of: everything that the network gives, or the cosine of its two towers alone, stretched and
   * shifted, for similarity of two texts (Reimers and Gurevych 2019), where vectors of single texts can be kept and compared.
   */
  from: z.enum(["features", "cosine"]).default("features"),
  /** Standard deviations of the target up to which Huber's error is squared. */
  beta: z.number().positive().default(1),
});

/** Settings of a regression, defaults left out at will. */
export type RegressionOptions = z.input<typeof regressionSchema>;

/** A number to predict with the scale that its network was trained on. */
interface ScaledTarget {
  readonly name: string;
  readonly unit?: string | undefined;
  readonly mean: number;
  readonly std: number;
}

/** Numbers in their own unit. */
export interface RegressionAnswer {
  /** `[targets]` */
  readonly values: Float32Array;
  /** `[targets]` standard deviations, where the network predicts them. */
  readonly deviations?: Float32Array;
}

/**
 * One or several numbers for each example, with the network's own head for classes or a linear one. The network predicts
 * them standardised by the training examples; the model's answers are in the data's unit. A number that an example does
 * not have is left out of the loss.
 *
 * @throws VesaliusError `bad-configuration` without targets whose scale is known; see `fitTask`
 */
export function regression(options: RegressionOptions): Task<Float32Array, RegressionAnswer, RegressionMeasure> {
  const settings = validate(regressionSchema, options, { code: "bad-configuration", what: "regression" });
  const { column, loss, beta } = settings;
  const targets = (settings.targets ?? []).flatMap((target): ScaledTarget[] =>
    target.mean === undefined || target.std === undefined ? [] : [{ ...target, mean: target.mean, std: target.std }],
  );
  if (targets.length === 0 || targets.length < settings.targets!.length)
    throw new VesaliusError("bad-configuration", "regression needs targets with mean and deviation", {
      where: "task.targets",
      fix: "take them from the training data (fitTask), or give mean and std of each",
    });
  const names = targets.map(({ name }) => name);
  const all = settings.names ?? names;
  const places = placesOf(all, names, "task.targets");
  const evaluation = regressionEvaluation({ targets });
  const count = targets.length;
  const [means, stds] = [targets.map(({ mean }) => mean), targets.map(({ std }) => std)];
  const gaussian = loss === "gaussian";
  if (settings.from === "cosine" && (gaussian || count > 1))
    throw new VesaliusError("bad-configuration", "a cosine says one number and no deviation", {
      where: "task.from",
      fix: gaussian ? "choose another loss" : "choose one target",
    });
  const outputOf = ({ outputs }: Result, name: string): Float32Array | undefined =>
    outputs[name]?.data as Float32Array | undefined;
  return {
    name: "regression",
    settings,
    columns: [column],
    readsPooled: settings.from === "features",
    inference: onePass,
    evaluation: {
      ...evaluation,
      measure: (truth, answer) => evaluation.measure(truth, answer === null ? null : answer.values),
    },
    check(split, use) {
      if (use === "prediction") return;
      const numbers = requireColumn(split, column, "numbers");
      const where = `split ${split.name}, column ${column}`;
      requireSameNames(numbers.names, all, { kind: "numbers", where });
      for (const [i, place] of places.entries())
        checkNumber(knownOf(numbers, place), names[i]!, where, use === "training");
    },
    feeds: (backbone) => ({
      parts: {
        ...roleParts(backbone),
        target: {
          columns: [column],
          encoder: { name: "regressionTarget", names, mean: means, std: stds },
          target: true,
        },
      },
    }),
    head(features, { backbone, training }) {
      if (settings.from === "cosine")
        return { standardized: similarity(features, Object.keys(backbone.network.reads)) };
      const width = gaussian ? 2 * count : count;
      const own = backbone.network.heads?.["classes"];
      const logits =
        own === undefined ? linearLayer(features.pooled, "head", width) : own(features, width, { training })["logits"]!;
      if (!gaussian) return { standardized: logits };
      return { standardized: slice(logits, 1, 0, count), logVariance: slice(logits, 1, count, width) };
    },
    loss({ standardized, logVariance }, { inputs }) {
      const { values, known: mask } = inputs["target"]! as { values: Value; known: Value };
      // What is not known is fed as 0; with a prediction of 0 it adds nothing but to the number of elements.
      const prediction = multiply(standardized!, mask);
      const error =
        loss === "squaredError"
          ? meanSquaredError(prediction, values)
          : loss === "huber"
            ? smoothL1(prediction, values, beta)
            : gaussianNegativeLogLikelihood(prediction, multiply(logVariance!, mask), values);
      const elements = values.shape[0]! * count;
      return { loss: divide(multiply(error, elements), maximum(sumOf(mask), values.graph.scalar(1))) };
    },
    answers({ standardized, logVariance }): Outputs {
      const { graph } = standardized!;
      const values = add(multiply(standardized!, constantRow(graph, stds)), constantRow(graph, means));
      if (logVariance === undefined) return { values };
      return { values, deviations: multiply(exp(multiply(logVariance, 0.5)), constantRow(graph, stds)) };
    },
    decode(result) {
      const deviations = outputOf(result, "deviations");
      return { values: outputOf(result, "values")!, ...(deviations === undefined ? {} : { deviations }) };
    },
    ...(count === 1
      ? { spoken: spokenNumber(column, targets[0]!, (value) => ({ values: Float32Array.of(value) })) }
      : {}),
    truth(example) {
      const values = (example[column] as Float32Array | null) ?? new Float32Array(all.length).fill(NaN);
      const truth = Float32Array.from(places, (place) => values[place]!);
      return truth.every(Number.isNaN) ? null : truth;
    },
    strata: (split) => quarters(requireColumn(split, column, "numbers"), places[0]!),
    toJson: ({ values, deviations }) =>
      Object.fromEntries(
        targets.map(({ name, unit }, i) => [
          name,
          {
            value: values[i]!,
            ...(deviations === undefined ? {} : { deviation: deviations[i]! }),
            ...(unit === undefined ? {} : { unit }),
          },
        ]),
      ),
    async *files(answers, split) {
      yield await regressionFile(answers, split, { column, names, deviations: gaussian });
    },
  };
}

/** Regression in the catalogue of tasks. */
export const regressionEntry = taskEntry({
  name: "regression",
  summary: "One or several numbers for each example.",
  settings: regressionSchema,
  suggest: (train) =>
    suggestColumn(train, {
      kind: "numbers",
      names: ["target", "label"],
      // Other columns of numbers are what one predicts from.
      only: true,
      reason: (column) => `the column ${column} holds numbers`,
      particularity: 1,
    }),
  create: (settings) => regression(settings) as unknown as Task,
  fit(settings, _dataset, train) {
    const column = requireColumn(train, settings.column, "numbers");
    const targets = settings.targets ?? column.names.map((name) => ({ name }));
    const names = targets.map(({ name }) => name);
    const places = placesOf(column.names, names, `split ${train.name}, column ${settings.column}`);
    const width = column.names.length;
    const rows = Array.from({ length: column.length }, (_, row) =>
      Float32Array.from(places, (place) => column.values[row * width + place]!),
    );
    const { mean, std } = standardization(names, rows);
    return {
      ...settings,
      names: [...column.names],
      targets: targets.map((target, i) => ({ mean: mean[i]!, std: std[i]!, ...target })),
    };
  },
});
