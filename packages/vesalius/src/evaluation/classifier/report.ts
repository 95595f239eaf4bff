import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { estimateSchema } from "../../report/estimate.ts";
import { metricNames } from "../classification/metrics.ts";

const share = z.number().min(0).max(1);
const count = z.int().min(0);

const figuresSchema = z.partialRecord(z.enum(metricNames), estimateSchema);
/** ClassificationEstimates by metric name. */
export type ClassificationEstimates = z.infer<typeof figuresSchema>;

const reliabilityBinSchema = z.object({
  lower: share,
  upper: share,
  count,
  meanProbability: z.number(),
  observedRate: share,
});

const subgroupSchema = z.object({
  name: z.string(),
  count,
  /** Cases of each class, in the order of `classNames`. */
  classCounts: z.array(count),
  figures: figuresSchema,
  /** Why there are no figures. */
  note: z.string().optional(),
});

const attributeSchema = z.object({
  attribute: z.string(),
  /** How the values were made into subgroups, for the reader. */
  division: z.string(),
  /** Cases without a value. */
  missing: count,
  /** Subgroups left out because the attribute has too many values. */
  omitted: z.object({ subgroups: count, cases: count }),
  subgroups: z.array(subgroupSchema),
  /** Per metric the two subgroups furthest apart. */
  largestGaps: z.partialRecord(
    z.enum(metricNames),
    z.object({ highest: z.string(), lowest: z.string(), gap: estimateSchema }),
  ),
});

/** Schema of a saved `report.json` of a classification. */
export const classificationReportSchema = z.object({
  kind: z.literal("classification"),
  version: z.literal(1),
  classNames: z.array(z.string()).min(2),
  /** Index of the class that a clinician would call positive; null where no class is singled out. */
  positiveClass: count.nullable(),
  count,
  classCounts: z.array(count),
  /** Number of patients or other groups; null where none were given. */
  groupCount: count.nullable(),
  resampling: z.object({
    method: z.literal("stratified percentile bootstrap"),
    unit: z.enum(["case", "group"]),
    resamples: count,
    seed: z.number(),
    confidence: share,
  }),
  figures: figuresSchema,
  /** What answering with the class frequencies and nothing else would score. */
  floors: z.partialRecord(z.enum(metricNames), z.number()),
  perClass: z.array(z.object({ name: z.string(), count, figures: figuresSchema })),
  /** Row = true class, column = predicted class. */
  confusionMatrix: z.array(z.array(count)),
  /** One per class with both cases and non-cases; of two classes only the positive one. At most 200 points each. */
  curves: z.array(
    z.object({
      className: z.string(),
      prevalence: share,
      roc: z.object({ falsePositiveRate: z.array(share), truePositiveRate: z.array(share) }),
      precisionRecall: z.object({ recall: z.array(share), precision: z.array(share) }),
    }),
  ),
  /** Bins that hold at least one case. */
  reliability: z.object({
    topClass: z.array(reliabilityBinSchema),
    positiveClass: z.array(reliabilityBinSchema).nullable(),
  }),
  attributes: z.array(attributeSchema),
  /** Mistakes in which the model was most confident; empty where no ids were given. */
  confidentErrors: z.array(
    z.object({ id: z.string(), trueClass: z.string(), predictedClass: z.string(), confidence: z.number() }),
  ),
});

/** Everything that an evaluation of a classifier found; plain JSON. */
export type ClassificationReport = z.infer<typeof classificationReportSchema>;
/** The subgroups of one attribute. */
export type AttributeReport = z.infer<typeof attributeSchema>;

/**
 * Checks a saved report.
 *
 * @param json what `JSON.parse` gave.
 * @param where the file it came from, for the message.
 * @throws VesaliusError `bad-file` where it is no classification report of this version, naming the first wrong entry.
 */
export function parseClassificationReport(json: unknown, where = "report.json"): ClassificationReport {
  const parsed = classificationReportSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new VesaliusError("bad-file", `this is no classification report: ${issue?.message ?? "unreadable"}`, {
    where: `${where}, ${issue?.path.join(".") || "top level"}`,
    fix: "evaluate again to write a new report",
    cause: parsed.error,
  });
}
