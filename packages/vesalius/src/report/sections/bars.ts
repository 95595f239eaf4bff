import { z } from "zod";
import { barsChart } from "../charts/intervals.ts";
import { requireSameLengths, sectionKind, sectionSchema } from "../section-kind.ts";
import { intervalRowsShape, noteWithRemarks, rowNumbers } from "./interval-rows.ts";

const schema = sectionSchema("bars", {
  ...intervalRowsShape,
  /** Where bars start; 0 when left out. For an ROC AUC, 0.5 is nothing. */
  baseline: z.number().exactOptional(),
});
/** Methods or models as bars with intervals. */
export type BarsSection = z.output<typeof schema>;

/** Methods or models as bars with intervals. */
export const bars = sectionKind(schema, {
  numbered: "Figure",
  check: (section) => requireSameLengths(section, [section.rows]),
  chart: (section) => ({
    chart: barsChart(section),
    note: noteWithRemarks(section.rows, section.note),
    numbers: rowNumbers(section.rows, section.valueLabel),
  }),
});
