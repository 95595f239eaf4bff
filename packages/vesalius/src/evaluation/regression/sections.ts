import { formatNumber, numberColumn, type ReportSection } from "../../report/index.ts";
import { decimalsOf } from "../sections/metric-text.ts";
import type { RegressionDetails } from "./details.ts";

/** Up to so many targets are plotted. */
const mostPlotted = 4;

const text = (value: number): string => formatNumber(value, decimalsOf({ range: [-Infinity, Infinity] }, value));

function agreementSections({ targets }: RegressionDetails): ReportSection[] {
  const plotted = targets.filter(({ points }) => points.truth.length > 0).slice(0, mostPlotted);
  if (plotted.length === 0) return [];
  return [
    { kind: "heading", title: "Agreement of predicted and true values" },
    ...plotted.flatMap(({ name, unit, bias, limitsOfAgreement, points }): ReportSection[] => {
      const { truth, predicted } = points;
      const label = unit === undefined ? name : `${name}, ${unit}`;
      const lines = bias === null || limitsOfAgreement === null ? [] : [bias, ...limitsOfAgreement];
      return [
        {
          kind: "scatter",
          title: `Predicted over true ${name}`,
          xLabel: `True ${label}`,
          yLabel: `Predicted ${label}`,
          x: truth,
          y: predicted,
          diagonal: true,
          note: "The dashed line is perfect agreement.",
        },
        {
          kind: "scatter",
          title: `Difference over mean of predicted and true ${name}`,
          xLabel: `Mean of both, ${label}`,
          yLabel: "Predicted minus true",
          x: truth.map((value, i) => (value + predicted[i]!) / 2),
          y: truth.map((value, i) => predicted[i]! - value),
          horizontals: lines,
          ...(lines.length === 0
            ? {}
            : {
                note:
                  `Bias ${text(lines[0]!)}; 95% of the differences are expected between ${text(lines[1]!)} and ` +
                  `${text(lines[2]!)} (limits of agreement, Bland and Altman 1986).`,
              }),
        },
      ];
    }),
  ];
}

function errorSections({ largestErrors, targets }: RegressionDetails): ReportSection[] {
  if (largestErrors.length === 0) return [];
  const several = targets.length > 1;
  return [
    { kind: "heading", title: "Largest errors" },
    {
      kind: "table",
      title: "Cases whose prediction is furthest off",
      columns: [
        { label: "Case" },
        ...(several ? [{ label: "Target" }] : []),
        numberColumn("True value"),
        numberColumn("Predicted"),
      ],
      rows: largestErrors.map(({ id, target, truth, predicted }) => [
        id,
        ...(several ? [target] : []),
        text(truth),
        text(predicted),
      ]),
    },
  ];
}

/** Scatter and Bland-Altman plots of the first targets, and the largest errors. */
export const regressionSections = (details: RegressionDetails): ReportSection[] => [
  ...agreementSections(details),
  ...errorSections(details),
];
