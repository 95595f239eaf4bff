import { z } from "zod";
import { validate } from "../common/check.ts";
import { VesaliusError } from "../common/errors.ts";
import type { EventsColumn } from "../data/index.ts";
import {
  fitSurvivalSettings,
  survivalEvaluation,
  type SurvivalAnswer,
  type SurvivalMeasure,
  survivalSettingsSchema,
  type SurvivalTruth,
} from "../evaluation/index.ts";
import { linearLayer } from "../models/index.ts";
import { requireColumn } from "./columns.ts";
import { survivalAt, survivalFile } from "./files/survival-csv.ts";
import { onePass } from "./inference/one-pass.ts";
import { roleParts } from "./roles.ts";
import { checkFollowUp, followUpOf } from "./survival/follow-up.ts";
import { hazardBoundaries, hazards } from "./survival/hazards.ts";
import { proportionalHazards } from "./survival/proportional-hazards.ts";
import { suggestColumn } from "./suggest-column.ts";
import { type Result, type Task, taskEntry } from "./task.ts";

/** Settings of survival. */
export const survivalSchema = z.strictObject({
  /** Column of times to the event. */
  column: z.string().default("event"),
  /**
   * `proportionalHazards`: one risk for each example and one baseline hazard for all (Cox); `hazards`: a hazard of its own
   * in each of several intervals, for risks whose order changes with time.
   */
  model: z.enum(["proportionalHazards", "hazards"]).default("proportionalHazards"),
  /** Intervals of the model `hazards`, of even numbers of training events. */
  intervals: z.int().min(2).default(20),
  /** Times that are shown by themselves; round ones within follow-up where they are left out. */
  horizons: z.array(z.number().positive()).optional(),
  /** What time is counted in: `months`. */
  unit: z.string().optional(),
  /** Ends of the intervals, rising; from the training events. */
  boundaries: z.array(z.number()).min(2).optional(),
  /** Times at which survival is predicted and evaluated, and how the training examples were censored. */
  evaluation: survivalSettingsSchema.optional(),
});

/** Settings of survival, defaults left out at will. */
export type SurvivalOptions = z.input<typeof survivalSchema>;

/**
 * The time to an event that not everyone has within follow-up: a risk for each example, and from it the probability of no
 * event up to each of the evaluation's times.
 *
 * @throws VesaliusError `bad-configuration` without the times of the evaluation; see `fitTask`
 */
export function survival(options: SurvivalOptions): Task<SurvivalTruth, SurvivalAnswer, SurvivalMeasure> {
  const settings = validate(survivalSchema, options, { code: "bad-configuration", what: "survival" });
  const { column, evaluation, boundaries } = settings;
  if (evaluation === undefined || (settings.model === "hazards" && boundaries === undefined))
    throw new VesaliusError("bad-configuration", "survival needs the times of an evaluation and of its intervals", {
      where: "task.evaluation",
      fix: "take them from the training data (fitTask)",
    });
  const model =
    settings.model === "hazards"
      ? hazards(boundaries!, evaluation.times)
      : proportionalHazards(column, evaluation.times);
  return {
    name: "survival",
    settings,
    columns: [column],
    readsPooled: true,
    inference: onePass,
    evaluation: survivalEvaluation(evaluation),
    check: (split, use) => checkFollowUp(split, column, use),
    feeds: (backbone) => ({
      parts: { ...roleParts(backbone), target: { columns: [column], encoder: { name: "events" }, target: true } },
    }),
    head(features, { backbone, training }) {
      const own = backbone.network.heads?.["risk"];
      if (own !== undefined) return own(features, model.outputs, { training });
      return { logits: linearLayer(features.pooled, "risk", model.outputs) };
    },
    loss({ logits }, { inputs }) {
      const { time, observed } = inputs["target"]!;
      return { loss: model.loss(logits!, time!, observed!) };
    },
    answers: ({ logits }) => model.answers(logits!),
    ...(model.fit === undefined ? {} : { fit: (results: AsyncIterable<Result>) => model.fit!(results) }),
    decode: ({ outputs }, { fitted }) => model.decode(outputs, fitted),
    truth: (example) => example[column] as SurvivalTruth | null,
    strata(split) {
      const { observed, present } = requireColumn(split, column, "events");
      return Int32Array.from(observed, (mark, row) => (present?.[row] === 0 ? -1 : mark));
    },
    toJson: ({ risk, survival: probabilities }) => ({
      risk,
      ...(probabilities === undefined
        ? {}
        : {
            horizons: Object.fromEntries(
              evaluation.horizons.map((time) => [
                survivalAt(time, evaluation.unit),
                probabilities[evaluation.times.indexOf(time)]!,
              ]),
            ),
            survival: evaluation.times.map((time, i) => ({ time, probability: probabilities[i]! })),
          }),
    }),
    async *files(answers, split) {
      yield await survivalFile(answers, split.columns[column] as EventsColumn | undefined, evaluation);
    },
  };
}

/** Survival in the catalogue of tasks. */
export const survivalEntry = taskEntry({
  name: "survival",
  summary: "The time to an event that not everyone has within follow-up.",
  settings: survivalSchema,
  suggest: (train) =>
    suggestColumn(train, {
      kind: "events",
      names: ["event"],
      reason: (column) => `the column ${column} holds times to an event, or to the end of observation`,
      particularity: 3,
    }),
  create: (settings) => survival(settings) as unknown as Task,
  fit(settings, _dataset, train) {
    const { column, horizons, unit, intervals } = settings;
    checkFollowUp(train, column, "training");
    const followUp = followUpOf(requireColumn(train, column, "events"));
    return {
      ...settings,
      evaluation: settings.evaluation ?? fitSurvivalSettings(followUp, { horizons, unit }),
      ...(settings.model === "hazards"
        ? { boundaries: settings.boundaries ?? hazardBoundaries(followUp, intervals) }
        : {}),
    };
  },
});
