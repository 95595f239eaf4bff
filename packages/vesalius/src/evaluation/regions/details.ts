import { z } from "zod";
import { formatNumber, numberColumn, type ReportSection } from "../../report/index.ts";
import { quantileOfSorted } from "../statistics/quantile.ts";
import { meanDice, type RegionsMeasure, type Structure } from "./measure.ts";

const numbers = z.array(z.number());

/** Schema of what a report of regions holds beyond the metrics. */
export const regionsDetailsSchema = z.object({
  unit: z.enum(["mm", "pixels"]),
  /** Of the normalized surface Dice, in the unit. */
  tolerance: z.number(),
  structures: z.array(
    z.object({
      name: z.string(),
      /** Cases that have it, and those of them in which nothing was found. */
      present: z.int().min(0),
      missed: z.int().min(0),
      /** Cases that do not have it, and those of them in which it was found. */
      absent: z.int().min(0),
      invented: z.int().min(0),
      /** Least, first quartile, median, third quartile and greatest Dice of the cases that have it. */
      dice: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]).nullable(),
      /** Sizes of each case in millilitres, or pixels; empty where cases may not be named. */
      sizes: z.object({ truth: numbers, predicted: numbers }),
    }),
  ),
  /** Cases with the lowest mean Dice, worst first; empty where cases may not be named. */
  worst: z.array(z.object({ id: z.string(), dice: z.number() })),
});
export type RegionsDetails = z.output<typeof regionsDetailsSchema>;

const numberOfWorst = 20;

/** Up to so many structures are plotted. */
const mostPlotted = 4;

function spreadOf(values: readonly number[]): RegionsDetails["structures"][number]["dice"] {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => quantileOfSorted(sorted, share);
  return [at(0), at(0.25), at(0.5), at(0.75), at(1)];
}

/** Spread over cases, sizes, and the cases that fare worst. */
export function describeRegions(
  measures: readonly RegionsMeasure[],
  ids: readonly string[] | undefined,
  structures: readonly Structure[],
  { unit, tolerance }: Pick<RegionsDetails, "unit" | "tolerance">,
): RegionsDetails {
  // Cubic millimetres to millilitres.
  const scale = unit === "mm" ? 1000 : 1;
  const cases = measures.map((measure, row) => ({ row, dice: meanDice(measure) }));
  return {
    unit,
    tolerance,
    structures: structures.map(({ name }, i) => {
      const own = measures.map((measure) => measure[i]!);
      const [present, absent] = [own.filter((one) => one.reference > 0), own.filter((one) => one.reference === 0)];
      const named = ids === undefined ? [] : present;
      return {
        name,
        present: present.length,
        missed: present.filter(({ predicted }) => predicted === 0).length,
        absent: absent.length,
        invented: absent.filter(({ predicted }) => predicted > 0).length,
        dice: spreadOf(present.map(({ dice }) => dice)),
        sizes: {
          truth: named.map(({ reference, voxel }) => (reference * voxel) / scale),
          predicted: named.map(({ predicted, voxel }) => (predicted * voxel) / scale),
        },
      };
    }),
    worst:
      ids === undefined
        ? []
        : cases
            .filter(({ dice }) => !Number.isNaN(dice))
            .sort((a, b) => a.dice - b.dice)
            .slice(0, numberOfWorst)
            .map(({ row, dice }) => ({ id: ids[row]!, dice })),
  };
}

/** Spread of Dice, sizes against true sizes, and the cases that fare worst. */
export function regionsSections({ unit, structures, worst }: RegionsDetails): ReportSection[] {
  const size = unit === "mm" ? "ml" : "pixels";
  const plotted = structures.filter(({ sizes }) => sizes.truth.length > 0).slice(0, mostPlotted);
  return [
    {
      kind: "table",
      title: "Dice over the cases, and cases in which a structure was missed or invented",
      columns: [
        { label: "Structure" },
        ...["Least", "Quartile", "Median", "Quartile", "Greatest", "Missed", "Invented"].map(numberColumn),
      ],
      rows: structures.map(({ name, dice, missed, present, invented, absent }) => [
        name,
        ...(dice ?? [NaN, NaN, NaN, NaN, NaN]).map((value) => formatNumber(value)),
        `${missed} of ${present}`,
        `${invented} of ${absent}`,
      ]),
      note: "Distances are means over the cases in which the structure is there and was found; those that were missed have none.",
    },
    ...(plotted.length === 0 ? [] : [{ kind: "heading" as const, title: "Sizes" }]),
    ...plotted.map(({ name, sizes }) => ({
      kind: "scatter" as const,
      title: `Predicted over true size of ${name}`,
      xLabel: `True size, ${size}`,
      yLabel: `Predicted size, ${size}`,
      x: sizes.truth,
      y: sizes.predicted,
      diagonal: true,
    })),
    ...(worst.length === 0
      ? []
      : [
          { kind: "heading" as const, title: "Worst cases" },
          {
            kind: "table" as const,
            title: "Cases with the lowest mean Dice",
            columns: [{ label: "Case" }, numberColumn("Mean Dice")],
            rows: worst.map(({ id, dice }) => [id, formatNumber(dice)]),
          },
        ]),
  ];
}
