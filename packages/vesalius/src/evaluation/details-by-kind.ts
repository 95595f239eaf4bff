import { z } from "zod";
import { validate } from "../common/check.ts";
import { answersDetailsSchema } from "./answers/details.ts";
import { classificationDetailsSchema } from "./classification/details.ts";
import { entitiesDetailsSchema } from "./entities/details.ts";
import { type EvaluationReport, evaluationReportSchemaOf } from "./evaluation-report.ts";
import { labelsDetailsSchema } from "./labels/details.ts";
import { preferencesDetailsSchema } from "./preferences/preferences.ts";
import { rankingDetailsSchema } from "./ranking/details.ts";
import { regionsDetailsSchema } from "./regions/details.ts";
import { regressionDetailsSchema } from "./regression/details.ts";
import { relationsDetailsSchema } from "./relations/relations.ts";
import { survivalDetailsSchema } from "./survival/details.ts";
import { textsDetailsSchema } from "./texts/details.ts";

/** Schemas of the details of every kind of evaluation: the only place where one is listed. */
export const detailsByKind = {
  answers: answersDetailsSchema,
  classification: classificationDetailsSchema,
  entities: entitiesDetailsSchema,
  labels: labelsDetailsSchema,
  preferences: preferencesDetailsSchema,
  ranking: rankingDetailsSchema,
  regions: regionsDetailsSchema,
  regression: regressionDetailsSchema,
  relations: relationsDetailsSchema,
  survival: survivalDetailsSchema,
  texts: textsDetailsSchema,
} as const;

/** Schema of a saved evaluation of any kind that is listed. */
export const anyEvaluationReportSchema = z.discriminatedUnion(
  "kind",
  Object.entries(detailsByKind).map(([kind, details]) =>
    evaluationReportSchemaOf({ kind, details: details as z.ZodType }),
  ) as never,
) as unknown as z.ZodType<EvaluationReport>;

/**
 * Checks a saved evaluation of any kind that is listed.
 *
 * @throws VesaliusError `bad-file` for another kind or version, or a report that does not hold what it must
 */
export const parseAnyEvaluationReport = (json: unknown, where = "report.json"): EvaluationReport =>
  validate(anyEvaluationReportSchema, json, { code: "bad-file", what: "this is no report of an evaluation", where });
