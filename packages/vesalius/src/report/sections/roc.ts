import { z } from "zod";
import { rocChart } from "../charts/curves.ts";
import { estimateSchema } from "../estimate.ts";
import { estimateText } from "../format.ts";
import { legend } from "../palette.ts";
import { list, requireSameLengths, sectionKind, sectionSchema } from "../section-kind.ts";

const schema = sectionSchema("roc", {
  title: z.string(),
  curves: list(
    z.object({
      name: z.string(),
      falsePositiveRate: list(z.number()),
      truePositiveRate: list(z.number()),
      area: estimateSchema.exactOptional(),
    }),
  ),
});
/** ROC curves of one or several classes or models. */
export type RocSection = z.output<typeof schema>;

/** ROC curves of one or several classes or models. */
export const roc = sectionKind(schema, {
  numbered: "Figure",
  check(section) {
    requireSameLengths(section, [section.curves]);
    for (const curve of section.curves) requireSameLengths(section, [curve.falsePositiveRate, curve.truePositiveRate]);
  },
  chart: (section) => ({
    chart: rocChart(section),
    legend: legend(section.curves.map(({ name, area }) => ({ name, detail: area && `AUC ${estimateText(area)}` }))),
    note: "The dashed diagonal is chance.",
  }),
});
