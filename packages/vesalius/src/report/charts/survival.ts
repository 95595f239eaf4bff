import { formatPercent, formatTick } from "../format.ts";
import { seriesStyle } from "../palette.ts";
import type { SurvivalCurvesSection } from "../sections/survival-curves.ts";
import { chartWidth, numberAxis, shareAxis } from "./axes.ts";
import { bandSeries } from "./band.ts";
import type { Chart } from "./renderer.ts";

/** The corners of a step function, so that a band follows its steps. */
function steps(x: readonly number[], y: readonly number[]): number[][] {
  return x.flatMap((at, i) =>
    i === 0
      ? [[at, y[0]!]]
      : [
          [at, y[i - 1]!],
          [at, y[i]!],
        ],
  );
}

/** Step curves of the share without an event over time, with bands where there are any. */
export function survivalChart({ curves, xLabel, yLabel = "Share without an event" }: SurvivalCurvesSection): Chart {
  const texts = curves.map(
    ({ name, time, survival }) =>
      `${name} ends at ${formatPercent(survival.at(-1) ?? NaN)} after ${formatTick(time.at(-1) ?? NaN)}`,
  );
  return {
    width: chartWidth,
    height: 320,
    description: `${yLabel} over ${xLabel}. ${texts.join("; ")}.`,
    option: {
      grid: { left: 52, right: 24, top: 12, bottom: 50, outerBoundsMode: "none" },
      xAxis: numberAxis({ name: xLabel, min: 0, lines: false }),
      yAxis: shareAxis(yLabel, 36),
      series: [
        ...curves.flatMap(({ time, lower, upper }, index) => {
          if (lower === undefined || upper === undefined) return [];
          const below = steps(time, lower);
          return bandSeries(
            below.map(([at, low], i) => [at!, low!, steps(time, upper)[i]![1]!]),
            index,
          );
        }),
        ...curves.map(({ time, survival }, index) => {
          const { colour, dash } = seriesStyle(index);
          return {
            type: "line" as const,
            data: time.map((at, i) => [at, survival[i]!]),
            step: "end" as const,
            showSymbol: false,
            silent: true,
            z: 3,
            lineStyle: { color: colour, width: 2, type: dash.length === 0 ? ("solid" as const) : [...dash] },
          };
        }),
      ],
    },
  };
}
