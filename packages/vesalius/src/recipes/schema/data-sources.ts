import { z } from "zod";

/** Name of a folder below the one that `--data` names; a path is refused so that recipes stay portable. */
const folderName = z
  .string()
  .regex(/^[^/\\]+$/, "write the name of a dataset folder; where the folders are is said by --data")
  .refine((name) => name !== "." && name !== "..", "write the name of a dataset folder");

const count = z.strictObject({
  train: z.int().positive().default(1600),
  validation: z.int().nonnegative().default(400),
  test: z.int().nonnegative().default(0),
});

/** A dataset on disk with the settings of `openDatasetOfImages` that a recipe may change. */
const folderSchema = z.strictObject({
  dataset: folderName,
  /** What to do where a training image shares its group or all its bytes with another split. */
  leakage: z.enum(["error", "drop-from-train"]).default("error"),
});

/** Computer-generated radiographs; image size and channels follow the backbone. */
const generatorSchema = z.strictObject({
  generator: z.literal("synthetic-radiographs"),
  count: count.prefault({}),
  seed: z.int().nonnegative().default(0),
});

/** Where images come from: the name of a dataset folder, the same with settings, or a generator. */
export const dataSourceSchema = z.union([folderName, folderSchema, generatorSchema]);

/** Where images come from, defaults filled in. */
export type DataSource = z.output<typeof dataSourceSchema>;

/** Data of a recipe. */
export const dataSchema = z.strictObject({
  /** Images to pretrain on, without labels: the training splits of one or several datasets. The task's own by default. */
  pretraining: z.union([dataSourceSchema, z.array(dataSourceSchema).min(1)]).optional(),
  /** The labelled dataset of the task; it may be left out where there is only pretraining. */
  task: dataSourceSchema.optional(),
});
