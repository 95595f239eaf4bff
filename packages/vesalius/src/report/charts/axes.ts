import { formatTick } from "../format.ts";

/** Text of all charts; the family is the page's. */
export const textStyle = { fontFamily: "inherit", fontSize: 13, color: "var(--ink)" } as const;

/** Width of every chart, in units that are pixels on a wide page. */
export const chartWidth = 460;

/** What an axis shows. */
export interface AxisOptions {
  /** Left out for an axis that explains itself. */
  readonly name?: string;
  readonly min?: number;
  readonly max?: number;
  readonly scale?: "linear" | "log";
  /** Distance of the name from the axis. */
  readonly nameGap?: number;
  readonly gridIndex?: number;
  readonly interval?: number;
  readonly lines?: boolean;
  readonly labelSize?: number;
}

/** An axis of numbers with quiet lines. */
export function numberAxis(options: AxisOptions) {
  const { name, min, max, interval, scale = "linear", nameGap = 28, gridIndex = 0, lines = true } = options;
  const fontSize = options.labelSize ?? textStyle.fontSize;
  return {
    type: scale === "log" ? ("log" as const) : ("value" as const),
    gridIndex,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(interval === undefined ? {} : { interval }),
    ...(name === undefined ? {} : { name, nameLocation: "middle" as const, nameGap, nameTextStyle: textStyle }),
    axisLabel: { ...textStyle, fontSize, color: "var(--muted)", hideOverlap: true, formatter: formatTick },
    axisLine: { show: true, onZero: false, lineStyle: { color: "var(--muted)" } },
    axisTick: { show: true, lineStyle: { color: "var(--muted)" } },
    splitLine: { show: lines, lineStyle: { color: "var(--grid)" } },
    minorTick: { show: false },
    minorSplitLine: { show: false },
  };
}

/** An axis from 0 to 1 with a tick at every fifth. */
export const shareAxis = (name: string, nameGap?: number) =>
  numberAxis({ name, min: 0, max: 1, interval: 0.2, ...(nameGap === undefined ? {} : { nameGap }) });

/** A thin dashed line without meaning of its own: chance, a floor, perfect calibration. */
export function guideLine(data: number[][], gridIndex = 0) {
  return {
    type: "line" as const,
    xAxisIndex: gridIndex,
    yAxisIndex: gridIndex,
    data,
    showSymbol: false,
    silent: true,
    z: 1,
    lineStyle: { color: "var(--muted)", width: 1, type: [3, 3] },
  };
}
