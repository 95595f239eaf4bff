import type { CustomSeriesOption } from "echarts/charts";
import type { LinesSection } from "../document.ts";
import { formatTick } from "../format.ts";
import { seriesStyle } from "../palette.ts";
import { chartWidth, numberAxis } from "./axes.ts";
import type { Chart } from "./renderer.ts";

/** Up to so many points, each gets a marker; more would hide the line. */
export const mostMarkedPoints = 20;

type Series = LinesSection["series"][number];

/** The band between the lower and the upper ends, as one shape behind the lines. */
function band({ x, lower, upper }: Series, index: number): CustomSeriesOption[] {
  if (lower === undefined || upper === undefined) return [];
  const rows = x.map((value, i) => [value, lower[i]!, upper[i]!]).filter((row) => row.every(Number.isFinite));
  return [
    {
      type: "custom",
      silent: true,
      clip: true,
      z: 1,
      data: rows,
      encode: { x: 0, y: [1, 2] },
      renderItem: (params, api) => {
        // One polygon stands for the whole band; it is drawn with the first row.
        if (params.dataIndexInside !== 0) return null;
        const edge = (column: number) => rows.map((row) => api.coord([row[0]!, row[column]!]));
        return {
          type: "polygon",
          shape: { points: [...edge(1), ...edge(2).toReversed()] },
          style: { fill: seriesStyle(index).colour, opacity: 0.16 },
        };
      },
    },
  ];
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
