import { z } from "zod";
import { survivalChart } from "../charts/survival.ts";
import { formatTick } from "../format.ts";
import { legend } from "../palette.ts";
import { failSection, list, requireSameLengths, sectionKind, sectionSchema } from "../section-kind.ts";

const schema = sectionSchema("survivalCurves", {
  title: z.string(),
  /** What time is counted in: "months". */
  xLabel: z.string(),
  yLabel: z.string().exactOptional(),
  curves: list(
    z.object({
      name: z.string(),
      /** Rising; the curve keeps its value until the next time (a step function). */
      time: list(z.number()),
      /** Share without an event, in [0, 1]. */
      survival: list(z.number()),
      lower: list(z.number()).exactOptional(),
      upper: list(z.number()).exactOptional(),
      count: z.number().exactOptional(),
    }),
  ),
  note: z.string().exactOptional(),
});
export type SurvivalCurvesSection = z.output<typeof schema>;

/** Kaplan-Meier curves of groups, and curves that a model predicts. */
export const survivalCurves = sectionKind(schema, {
  numbered: "Figure",
  check(section) {
    requireSameLengths(section, [section.curves]);
    for (const { time, survival, lower, upper } of section.curves) {
      requireSameLengths(section, [time, survival, lower, upper]);
      if (time.some((at, i) => i > 0 && at < time[i - 1]!))
        failSection(section, "times do not rise", "sort each curve by time");
    }
  },
  chart: (section) => ({
    chart: survivalChart(section),
    legend: legend(
      section.curves.map(({ name, count }) => ({
        name,
        detail: count === undefined ? undefined : `n = ${formatTick(count)}`,
      })),
    ),
    note: section.note,
  }),
});
