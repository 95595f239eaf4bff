import { z } from "zod";
import { trainingRecordSchema, trainingTimeSchema } from "../../training/index.ts";
import { energySchema } from "../../trust/index.ts";

/** What a stage took, over all its sittings. */
export const costSchema = z.object({ seconds: z.number().nonnegative(), energy: energySchema });

const stage = {
  stage: z.string(),
  /** Identifies recipe and data; a record of others is not read back. */
  fingerprint: z.string(),
  cost: costSchema,
  seed: z.int(),
  /** Training images. */
  images: z.int(),
  steps: z.int(),
  settings: z.record(z.string(), z.unknown()),
  history: z.array(trainingRecordSchema),
  /** Where the seconds of training went. */
  time: trainingTimeSchema,
};

const adapted = { ...stage, method: z.string(), trainedParameters: z.int(), parameters: z.int() };

/** Pretraining as it ended. */
export const pretrainingRecordSchema = z.object({ ...stage, kind: z.literal("pretraining"), objective: z.string() });
/** One adaptation as it ended. */
export const adaptationRecordSchema = z.object({ ...adapted, kind: z.literal("adaptation") });
/** One model of the label-efficiency study as it ended. */
export const labelEfficiencyRecordSchema = z.object({
  ...adapted,
  kind: z.literal("labelEfficiency"),
  /** The figure that methods are compared by; null where the cases do not define it. */
  score: z.number().nullable(),
});

/** What a finished stage leaves behind, beside its files. */
export const stageRecordSchema = z.discriminatedUnion("kind", [
  pretrainingRecordSchema,
  adaptationRecordSchema,
  labelEfficiencyRecordSchema,
]);

export type Cost = z.output<typeof costSchema>;
export type PretrainingRecord = z.output<typeof pretrainingRecordSchema>;
export type AdaptationStageRecord = z.output<typeof adaptationRecordSchema>;
export type LabelEfficiencyRecord = z.output<typeof labelEfficiencyRecordSchema>;
export type StageRecord = z.output<typeof stageRecordSchema>;
