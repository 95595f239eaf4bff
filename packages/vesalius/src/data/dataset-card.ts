import { z } from "zod";

/**
 * Schema of `dataset.json`: what a dataset is, where it comes from, under which licence, and what to beat.
 * Unknown keys are kept, since folders carry more than the toolkit reads.
 */
export const datasetCardSchema = z.looseObject({
  name: z.string().min(1),
  title: z.string().default(""),
  modality: z.string().default(""),
  tasks: z.array(z.string()).default([]),
  licence: z.string().default("not stated"),
  restricted: z.boolean().default(false),
  citation: z.string().default(""),
  groupingKey: z.string().default(""),
  cautions: z.array(z.string()).default([]),
  /** Class names by index: `{"0": "normal", "1": "pneumonia"}`, or a list of names. */
  labels: z.union([z.record(z.string(), z.string()), z.array(z.string())]).optional(),
  baselines: z
    .array(
      z.looseObject({
        model: z.string(),
        metric: z.string(),
        value: z.union([z.string(), z.number()]),
        source: z.string().default(""),
        verified: z.boolean().default(false),
      }),
    )
    .default([]),
});

/** A dataset's description, as read from `dataset.json` or made by a generator. */
export type DatasetCard = z.infer<typeof datasetCardSchema>;
