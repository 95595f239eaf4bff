import type { z } from "zod";
import { forestChart } from "../charts/intervals.ts";
import { requireSameLengths, sectionKind, sectionSchema } from "../section-kind.ts";
import { intervalRowsShape, noteWithRemarks, rowNumbers } from "./interval-rows.ts";

const schema = sectionSchema("forest", intervalRowsShape);
/** Subgroups as points with intervals around the value over all cases. */
export type ForestSection = z.output<typeof schema>;

/** Forest plot. */
export const forest = sectionKind(schema, {
  numbered: "Figure",
  check: (section) => requireSameLengths(section, [section.rows]),
  chart: (section) => ({
    chart: forestChart(section),
    note: noteWithRemarks(section.rows, section.note),
    numbers: rowNumbers(section.rows, section.valueLabel),
  }),
});
