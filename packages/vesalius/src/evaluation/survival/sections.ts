import { formatCount, formatNumber, numberColumn, type ReportSection } from "../../report/index.ts";
import type { SurvivalDetails } from "./details.ts";

/** A curve of fewer events than this says little, whatever its band. */
const fewestEvents = 10;

/** What to say of curves that rest on few events. */
function cautionOf(groups: SurvivalDetails["groups"]): string {
  const few = groups.filter(({ events }) => events < fewestEvents);
  if (few.length === 0) return "";
  const counts = few.map(({ name, events }) => `${name} ${events}`).join(", ");
  return ` Few events show little: ${counts}.`;
}

/** Observed against predicted survival by risk, and errors and discrimination over time. */
export function survivalSections({ unit, groups, overTime, medianFollowUp }: SurvivalDetails): ReportSection[] {
  const xLabel = unit === null ? "Time" : `Time, ${unit}`;
  const { time, brier, brierOfAll, dynamicAuc } = overTime;
  const areas = time.flatMap((at, i) => (dynamicAuc[i] === null ? [] : [{ at, area: dynamicAuc[i]! }]));
  const predicted = groups.flatMap((group) =>
    group.predicted === null ? [] : [{ name: group.name, x: group.predicted.time, y: group.predicted.survival }],
  );
  return [
    { kind: "heading", title: "Survival" },
    {
      kind: "survivalCurves",
      title: "Observed survival of thirds of the cases by predicted risk",
      xLabel,
      curves: groups.map(({ name, count, observed }) => ({ name, count, ...observed })),
      note:
        "Kaplan-Meier estimates with 95% intervals, Wilson's where there was no event yet. Curves that lie apart show that risks tell cases apart." +
        cautionOf(groups),
    },
    ...(predicted.length === 0
      ? []
      : [
          {
            kind: "lines" as const,
            title: "Predicted survival of the same thirds",
            xLabel,
            yLabel: "Predicted share without an event",
            series: predicted,
            note: "Means of the predicted curves: where they differ from what was observed, probabilities are not calibrated.",
          },
        ]),
    {
      kind: "table",
      title: "Thirds of the cases by predicted risk",
      columns: [{ label: "Third" }, numberColumn("Cases"), numberColumn("Events")],
      rows: groups.map(({ name, count, events }) => [name, formatCount(count), formatCount(events)]),
      note: `Half of the cases were followed for at least ${formatNumber(medianFollowUp, 1)}${unit === null ? "" : ` ${unit}`}.`,
    },
    ...(time.length === 0
      ? []
      : [
          {
            kind: "lines" as const,
            title: "Brier score over time",
            xLabel,
            yLabel: "Brier score",
            series: [
              ...(brier === null ? [] : [{ name: "model", x: time, y: brier }]),
              { name: "one curve for all (Kaplan-Meier)", x: time, y: brierOfAll },
            ],
            note: "Lower is better.",
          },
        ]),
    ...(areas.length === 0
      ? []
      : [
          {
            kind: "lines" as const,
            title: "Dynamic AUC over time",
            xLabel,
            yLabel: "Dynamic AUC",
            series: [{ name: "model", x: areas.map(({ at }) => at), y: areas.map(({ area }) => area) }],
            note: "0.5 is no skill.",
          },
        ]),
  ];
}
