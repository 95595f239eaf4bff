import { z } from "zod";
import { precisionRecallChart } from "../charts/curves.ts";
import { estimateSchema } from "../estimate.ts";
import { estimateText } from "../format.ts";
import { legend } from "../palette.ts";
import { list, requireSameLengths, sectionKind, sectionSchema } from "../section-kind.ts";

const schema = sectionSchema("precisionRecall", {
  title: z.string(),
  curves: list(
    z.object({
      name: z.string(),
      recall: list(z.number()),
      precision: list(z.number()),
      averagePrecision: estimateSchema.exactOptional(),
      /** Share of positives, the floor of the curve. */
      prevalence: z.number().exactOptional(),
    }),
  ),
});
/** Precision-recall curves of one or several classes or models. */
export type PrecisionRecallSection = z.output<typeof schema>;

/** Precision-recall curves of one or several classes or models. */
export const precisionRecall = sectionKind(schema, {
  numbered: "Figure",
  check(section) {
    requireSameLengths(section, [section.curves]);
    for (const curve of section.curves) requireSameLengths(section, [curve.recall, curve.precision]);
  },
  chart: (section) => ({
    chart: precisionRecallChart(section),
    legend: legend(
      section.curves.map(({ name, averagePrecision: ap }) => ({ name, detail: ap && `AP ${estimateText(ap)}` })),
    ),
    note:
      section.curves.length === 1 && section.curves[0]?.prevalence !== undefined
        ? "The dashed line is the share of positives, which a model that knows nothing reaches."
        : "A model that knows nothing reaches the share of the class.",
  }),
});
