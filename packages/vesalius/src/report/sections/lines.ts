import { z } from "zod";
import { linesChart, mostMarkedPoints } from "../charts/lines.ts";
import { formatInterval, formatNumber, formatTick } from "../format.ts";
import { legend } from "../palette.ts";
import {
  failSection,
  list,
  requireSameLengths,
  sectionKind,
  sectionSchema,
  type ChartNumbers,
} from "../section-kind.ts";
import { numberColumn } from "./table.ts";

const schema = sectionSchema("lines", {
  title: z.string(),
  xLabel: z.string(),
  yLabel: z.string(),
  /** Logarithmic for label efficiency; x must then be above 0. */
  xScale: z.enum(["linear", "log"]).exactOptional(),
  series: list(
    z.object({
      name: z.string(),
      x: list(z.number()),
      y: list(z.number()),
      /** Ends of the band around the line, where there is one. */
      lower: list(z.number()).exactOptional(),
      upper: list(z.number()).exactOptional(),
    }),
  ),
  note: z.string().exactOptional(),
});
/** Lines over a common axis: loss over steps, a metric over the number of labels. */
export type LinesSection = z.output<typeof schema>;

function lineNumbers({ series, xLabel, yLabel }: LinesSection): ChartNumbers {
  return {
    columns: [{ label: "Series" }, numberColumn(xLabel), numberColumn(yLabel)],
    rows: series.flatMap(({ name, x, y, lower, upper }) =>
      x.map((at, i) => {
        const band = lower === undefined || upper === undefined ? "" : ` (${formatInterval(lower[i]!, upper[i]!)})`;
        return [name, formatTick(at), `${formatNumber(y[i]!)}${band}`];
      }),
    ),
  };
}

/** Lines with optional bands. */
export const lines = sectionKind(schema, {
  numbered: "Figure",
  check(section) {
    requireSameLengths(section, [section.series]);
    for (const { x, y, lower, upper } of section.series) {
      requireSameLengths(section, [x, y, lower, upper]);
      if (section.xScale === "log" && x.some((value) => value <= 0)) {
        failSection(section, "a logarithmic axis has no place for zero", "start x above 0, or use a linear axis");
      }
    }
  },
  chart(section) {
    const marked = section.series.map(({ x }) => x.length <= mostMarkedPoints);
    return {
      chart: linesChart(section),
      legend:
        section.series.length > 1
          ? legend(section.series.map(({ name }, i) => ({ name, marked: marked[i]! })))
          : undefined,
      note: section.note,
      numbers: marked.every(Boolean) ? lineNumbers(section) : undefined,
    };
  },
});
