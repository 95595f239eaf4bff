import { z } from "zod";
import { scatterChart } from "../charts/scatter.ts";
import { list, requireSameLengths, sectionKind, sectionSchema } from "../section-kind.ts";

const schema = sectionSchema("scatter", {
  title: z.string(),
  xLabel: z.string(),
  yLabel: z.string(),
  x: list(z.number()),
  y: list(z.number()),
  /** Whether both axes have one scale and the diagonal of equal values is drawn: predicted over true values. */
  diagonal: z.boolean().exactOptional(),
  /** Horizontal dashed lines: mean difference and limits of agreement. */
  horizontals: list(z.number()).exactOptional(),
  note: z.string().exactOptional(),
});
/** Points: predicted over true values, differences over means. */
export type ScatterSection = z.output<typeof schema>;

/** Scatter plot. */
export const scatter = sectionKind(schema, {
  numbered: "Figure",
  check: (section) => requireSameLengths(section, [section.x, section.y]),
  chart: (section) => ({ chart: scatterChart(section), note: section.note }),
});
