import { z } from "zod";
import { heldOutMeasureSchema } from "../../pretraining/index.ts";
import { trainingRecordSchema, trainingTimeSchema } from "../../training/index.ts";
import { energySchema } from "../../trust/index.ts";

/** What a stage took, over all its sessions. */
export const costSchema = z.object({ seconds: z.number().nonnegative(), energy: energySchema });

/** Threads of the engine: each number that a session worked with, in their order. Unknown to earlier versions. */
const threads = z.array(z.int().positive()).optional();

/** What the sessions of a stage under way took so far, and with how many threads. */
export const sessionsSchema = costSchema.extend({ threads });
export type Sessions = z.output<typeof sessionsSchema>;

/**
 * What encoders tell of the examples that a stage read, by part: tokens, texts that were cut, marked pieces that no token
 * stands for.
 */
const counts = z.record(z.string(), z.record(z.string(), z.number())).default({});

const finished = {
  stage: z.string(),
  /** See `contentKey`. */
  key: z.string(),
  /** What the key was made of. */
  decides: z.record(z.string(), z.unknown()),
  /** Sizes of the stage's files by their names inside its folder. */
  files: z.record(z.string(), z.int().nonnegative()),
  /** SHA-256 of the same files; records of earlier versions have none. */
  checksums: z.record(z.string(), z.string()).optional(),
  threads,
  cost: costSchema,
  seed: z.int(),
};

const trained = {
  /** Examples that were trained on. */
  examples: z.int(),
  counts,
  steps: z.int(),
  settings: z.record(z.string(), z.unknown()),
  history: z.array(trainingRecordSchema),
  /** Where the seconds of training went. */
  time: trainingTimeSchema,
};

const adapted = {
  /** Label of the method in the recipe. */
  method: z.string(),
  trainedParameters: z.int(),
  parameters: z.int(),
};

/** Pretraining as it ended. */
export const pretrainingRecordSchema = z.object({
  ...finished,
  ...trained,
  kind: z.literal("pretraining"),
  objective: z.string(),
  /** What was measured on examples that it did not learn from, where the recipe asks for it. */
  heldOut: z.array(heldOutMeasureSchema).optional(),
});
/** One adaptation as it ended. */
export const adaptationRecordSchema = z.object({
  ...finished,
  ...trained,
  ...adapted,
  kind: z.literal("adaptation"),
});
/** An adapted model's answers, measured. */
export const evaluationRecordSchema = z.object({
  ...finished,
  kind: z.literal("evaluation"),
  method: z.string(),
  split: z.string(),
  cases: z.int(),
  counts,
});
/** A model of a study: adapted, evaluated, and not kept. */
export const pointRecordSchema = z.object({
  ...finished,
  ...trained,
  ...adapted,
  kind: z.literal("point"),
  split: z.string(),
  cases: z.int(),
});

/** What a finished stage leaves behind, beside its files. */
export const stageRecordSchema = z.discriminatedUnion("kind", [
  pretrainingRecordSchema,
  adaptationRecordSchema,
  evaluationRecordSchema,
  pointRecordSchema,
]);

export type StageRecord = z.output<typeof stageRecordSchema>;
export type StageKind = StageRecord["kind"];
/** Record of one kind of stage. */
export type RecordOf<Kind extends StageKind> = Extract<StageRecord, { readonly kind: Kind }>;
/** Records of stages that train. */
export type TrainedRecord = Extract<StageRecord, { readonly time: unknown }>;

/** Whether a stage trained something. */
export const isTrained = (record: StageRecord): record is TrainedRecord => "time" in record;
