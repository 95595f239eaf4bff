import { formatEstimate, formatPercent } from "../format.ts";
import { seriesStyle } from "../palette.ts";
import type { PrecisionRecallSection } from "../sections/precision-recall.ts";
import type { RocSection } from "../sections/roc.ts";
import { chartWidth, guideLine, shareAxis } from "./axes.ts";
import type { Chart, ChartSeries } from "./renderer.ts";

/** Right and top leave room for the last tick label. */
const grid = { left: 52, right: 14, top: 12, bottom: 48, outerBoundsMode: "none" } as const;

/** The plot area is a square, so that the diagonal has its meaning. */
const height = chartWidth - grid.left - grid.right + grid.top + grid.bottom;

const points = (x: readonly number[], y: readonly number[]): number[][] => x.map((value, i) => [value, y[i]!]);

function curveSeries(index: number, data: number[][], step: "start" | false) {
  const { colour, dash } = seriesStyle(index);
  return {
    type: "line" as const,
    data,
    step,
    showSymbol: false,
    silent: true,
    z: 3,
    lineStyle: { color: colour, width: 2, type: dash.length === 0 ? ("solid" as const) : [...dash] },
  };
}

/** A plot of two shares in a square. */
function squareChart(xName: string, yName: string, series: ChartSeries[], description: string): Chart {
  return {
    width: chartWidth,
    height,
    description,
    option: { grid, xAxis: shareAxis(xName), yAxis: shareAxis(yName, 36), series },
  };
}

/** ROC curves over the diagonal of chance. */
export function rocChart({ curves }: RocSection): Chart {
  const areas = curves.map(({ name, area }) => (area === undefined ? name : `${name}: area ${formatEstimate(area)}`));
  return squareChart(
    "1 − specificity",
    "Sensitivity",
    [
      guideLine([
        [0, 0],
        [1, 1],
      ]),
      ...curves.map((curve, i) => curveSeries(i, points(curve.falsePositiveRate, curve.truePositiveRate), false)),
    ],
    `Sensitivity over one minus specificity. ${areas.join("; ")}.`,
  );
}

/** Precision-recall curves, with the share of positives as a floor where there is a single curve. */
export function precisionRecallChart({ curves }: PrecisionRecallSection): Chart {
  const [first] = curves;
  const floor = curves.length === 1 ? first?.prevalence : undefined;
  const texts = curves.map(({ name, averagePrecision, prevalence }) => {
    const average = averagePrecision === undefined ? "" : `, average precision ${formatEstimate(averagePrecision)}`;
    return `${name}${average}${prevalence === undefined ? "" : `, prevalence ${formatPercent(prevalence)}`}`;
  });
  return squareChart(
    "Recall (sensitivity)",
    "Precision",
    [
      ...(floor === undefined
        ? []
        : [
            guideLine([
              [0, floor],
              [1, floor],
            ]),
          ]),
      ...curves.map((curve, i) => curveSeries(i, points(curve.recall, curve.precision), "start")),
    ],
    `Precision over recall. ${texts.join("; ")}.`,
  );
}
