import { z } from "zod";
import { reliabilityChart } from "../charts/reliability.ts";
import { formatCount, formatInterval, formatPercent } from "../format.ts";
import { list, requireSameLengths, sectionKind, sectionSchema } from "../section-kind.ts";
import { numberColumn } from "./table.ts";

/** Cases whose predicted probability lies in one bin. */
const binSchema = z.object({
  lower: z.number(),
  upper: z.number(),
  count: z.number(),
  meanProbability: z.number(),
  observedRate: z.number(),
});

const schema = sectionSchema("reliability", {
  title: z.string(),
  bins: list(binSchema),
  /** What the probability is of, for the axis: "Confidence". */
  xLabel: z.string().exactOptional(),
  /** What is counted: "Share correct". */
  yLabel: z.string().exactOptional(),
});
/** Reliability diagram: predicted probability against observed rate, with the number of cases below. */
export type ReliabilitySection = z.output<typeof schema>;

/** Reliability diagram: predicted probability against observed rate, with the number of cases below. */
export const reliability = sectionKind(schema, {
  numbered: "Figure",
  check: (section) => requireSameLengths(section, [section.bins]),
  chart: (section) => ({
    chart: reliabilityChart(section),
    note: "Points on the dashed diagonal are perfectly calibrated. Bars are 95% Wilson intervals.",
    numbers: {
      columns: [{ label: "Bin" }, numberColumn("Cases"), numberColumn("Mean predicted"), numberColumn("Observed")],
      rows: section.bins.map((bin) => [
        formatInterval(bin.lower, bin.upper, 2),
        formatCount(bin.count),
        formatPercent(bin.meanProbability),
        formatPercent(bin.observedRate),
      ]),
    },
  }),
});
