import { estimateText, formatCount, formatEstimate, formatNumber, wrap } from "../format.ts";
import type { BarsSection } from "../sections/bars.ts";
import type { ForestSection } from "../sections/forest.ts";
import { type IntervalRow, markOf } from "../sections/interval-rows.ts";
import { chartWidth, guideLine, numberAxis, textStyle } from "./axes.ts";
import { intervalLines } from "./interval-lines.ts";
import type { Chart, ChartSeries } from "./renderer.ts";

/** Room for names and values; wide enough for the widest of the usual system fonts. */
const left = 142;
const right = 152;
const smallText = { ...textStyle, fontSize: 12 };

/** How an axis is divided. */
interface Range {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/**
 * Round numbers around the values and their intervals, so that no interval touches the edge.
 *
 * @param start where the axis must begin, for bars.
 */
export function niceRange(rows: readonly IntervalRow[], others: readonly number[], start?: number): Range {
  const ends = rows.flatMap(({ estimate }) => [estimate.value, estimate.lower, estimate.upper]);
  const values = [...ends.filter((end) => end !== null), ...others, ...(start === undefined ? [] : [start])];
  const [low, high] = values.length === 0 ? [0, 1] : [Math.min(...values), Math.max(...values)];
  // Estimates that are all the same still need an axis.
  const span = high - low > 1e-9 ? high - low : Math.max(1, Math.abs(high));
  const rough = span / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power;
  const tidy = (value: number) => Number(value.toPrecision(12));
  const min = low === start ? start : tidy(Math.floor(low / step) * step);
  return { min, max: tidy(min + Math.ceil((high - min) / step - 1e-9) * step), step: tidy(step) };
}

/** A name in at most two lines, and the number of cases below it. */
const rowLines = ({ label, count }: IntervalRow): string[] => [
  ...wrap(label, 19, 2),
  ...(count === undefined ? [] : [`n = ${formatCount(count)}`]),
];

const valueText = (row: IntervalRow): string =>
  `${row.estimate.value === null ? "not defined" : formatEstimate(row.estimate)}${markOf(row)}`;

/** `[rows, 4]`: value, row, lower and upper end; NaN for what is not defined. */
const intervalData = (rows: readonly IntervalRow[]): number[][] =>
  rows.map(({ estimate }, i) => [estimate.value ?? NaN, i, estimate.lower ?? NaN, estimate.upper ?? NaN]);

/** The frame of a forest plot and of a bar comparison: names left, values right, an axis of numbers below. */
function rowsChart(section: ForestSection | BarsSection, range: Range, marks: ChartSeries[]): Chart {
  const { rows, reference, valueLabel } = section;
  const rowHeight = 16 + 14 * Math.max(1, ...rows.map((row) => rowLines(row).length));
  const names = (position: "left" | "right", textOf: (row: IntervalRow) => string) => ({
    type: "category" as const,
    inverse: true,
    position,
    // Numbers keep two rows of the same name apart; the formatter gives the text.
    data: rows.map((_, i) => `${i}`),
    axisLine: { show: position === "left", onZero: false, lineStyle: { color: "var(--muted)" } },
    axisTick: { show: false },
    axisLabel: { ...smallText, interval: 0, lineHeight: 14, formatter: (_: string, i: number) => textOf(rows[i]!) },
  });
  const said = rows.map((row) => `${row.label} ${estimateText(row.estimate)}`).join("; ");
  const held = reference === undefined ? "" : ` The dashed line marks ${formatNumber(reference)}.`;
  return {
    width: chartWidth,
    height: rows.length * rowHeight + 62,
    description: `${valueLabel}: ${said}.${held}`,
    option: {
      grid: { left, right, top: 8, bottom: 54, outerBoundsMode: "none" },
      xAxis: numberAxis({ name: valueLabel, min: range.min, max: range.max, interval: range.step, labelSize: 12 }),
      yAxis: [names("left", (row) => rowLines(row).join("\n")), names("right", valueText)],
      series: [...(reference === undefined ? [] : [referenceLine(reference)]), ...marks],
    },
  };
}

/** A dashed line over the whole height. */
function referenceLine(value: number): ChartSeries {
  return {
    type: "custom",
    silent: true,
    z: 1,
    data: [[value, 0]],
    encode: { x: 0, y: 1 },
    renderItem: (params, api) => {
      const [x] = api.coord([value, 0]) as [number];
      const { y, height } = params.coordSys as unknown as { y: number; height: number };
      const { color, width, type } = guideLine([]).lineStyle;
      return {
        type: "line",
        shape: { x1: x, y1: y, x2: x, y2: y + height },
        style: { stroke: color, lineWidth: width, lineDash: type },
      };
    },
  };
}

/** Forest plot: one point with its interval per subgroup. */
export function forestChart(section: ForestSection): Chart {
  const { rows, reference } = section;
  const data = intervalData(rows);
  const colour = "var(--series-1)";
  return rowsChart(section, niceRange(rows, reference === undefined ? [] : [reference]), [
    intervalLines({ data, across: "y", colour, encode: [1, 2, 3] }),
    {
      type: "line",
      data: data.flatMap(([value, i]) => (Number.isFinite(value) ? [[value!, i!]] : [])),
      symbol: "rect",
      symbolSize: 8,
      silent: true,
      z: 5,
      lineStyle: { width: 0, opacity: 0 },
      itemStyle: { color: colour },
    },
  ]);
}

/** Bars from a baseline with intervals. */
export function barsChart(section: BarsSection): Chart {
  const { rows, baseline = 0, reference } = section;
  const data = intervalData(rows);
  return rowsChart(section, niceRange(rows, reference === undefined ? [] : [reference], baseline), [
    {
      type: "custom",
      silent: true,
      data,
      encode: { x: 0, y: 1 },
      z: 2,
      renderItem: (_, api) => {
        const value = Number(api.value(0));
        if (!Number.isFinite(value)) return null;
        const [end, middle] = api.coord([value, api.value(1)]) as [number, number];
        const [start] = api.coord([baseline, api.value(1)]) as [number];
        const shape = { x: Math.min(start, end), y: middle - 8, width: Math.abs(end - start), height: 16 };
        return { type: "rect", shape, style: { fill: "var(--series-1)", opacity: 0.75 } };
      },
    },
    intervalLines({ data, across: "y", colour: "var(--ink)", encode: [1, 2, 3] }),
  ]);
}
