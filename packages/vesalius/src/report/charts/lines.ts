import type { CustomSeriesOption } from "echarts/charts";
import { formatTick } from "../format.ts";
import { seriesStyle } from "../palette.ts";
import type { LinesSection } from "../sections/lines.ts";
import { chartWidth, numberAxis } from "./axes.ts";
import { bandSeries } from "./band.ts";
import type { Chart } from "./renderer.ts";

/** Up to so many points, each gets a marker; more would hide the line. */
export const mostMarkedPoints = 20;

/** The band of one series. */
function band({ x, lower, upper }: LinesSection["series"][number], index: number): CustomSeriesOption[] {
  if (lower === undefined || upper === undefined) return [];
  return bandSeries(
    x.map((value, i) => [value, lower[i]!, upper[i]!]),
    index,
  );
}

/** Lines with optional bands over a linear or logarithmic axis. */
export function linesChart({ series, xLabel, yLabel, xScale = "linear" }: LinesSection): Chart {
  const ends = series.map(({ name, x, y }) => {
    const last = `${formatTick(y.at(-1) ?? NaN)} at ${formatTick(x.at(-1) ?? NaN)}`;
    return `${name} goes from ${formatTick(y[0] ?? NaN)} at ${formatTick(x[0] ?? NaN)} to ${last}`;
  });
  return {
    width: chartWidth,
    height: 320,
    description: `${yLabel} over ${xLabel}. ${ends.join("; ")}.`,
    option: {
      grid: { left: 62, right: 24, top: 12, bottom: 50, outerBoundsMode: "none" },
      xAxis: { ...numberAxis({ name: xLabel, scale: xScale, lines: false }), scale: true },
      yAxis: { ...numberAxis({ name: yLabel, nameGap: 46 }), scale: true },
      series: [
        ...series.flatMap(band),
        ...series.map(({ x, y }, index) => {
          const { colour, dash, marker } = seriesStyle(index);
          return {
            type: "line" as const,
            data: x.map((value, i) => [value, y[i]!]),
            symbol: marker,
            symbolSize: 7,
            showSymbol: x.length <= mostMarkedPoints,
            silent: true,
            z: 3,
            lineStyle: { color: colour, width: 2, type: dash.length === 0 ? ("solid" as const) : [...dash] },
            itemStyle: { color: colour },
          };
        }),
      ],
    },
  };
}
