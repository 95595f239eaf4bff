import { formatTick } from "../format.ts";
import type { ScatterSection } from "../sections/scatter.ts";
import { chartWidth, guideLine, numberAxis } from "./axes.ts";
import type { Chart } from "./renderer.ts";

const grid = { left: 72, right: 24, top: 12, bottom: 50, outerBoundsMode: "none" } as const;

/** Height at which equal values have equal lengths on both axes. */
const squareHeight = chartWidth - grid.left - grid.right + grid.top + grid.bottom;

/** Least and greatest of some numbers, a little wider than they are, so that no point lies on the edge. */
function extent(values: readonly number[]): [number, number] {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const greatest = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const margin = 0.04 * (greatest - least || Math.abs(greatest) || 1);
  return [least - margin, greatest + margin];
}

/** Points over two axes, with the diagonal or horizontal lines as guides. */
export function scatterChart({ x, y, xLabel, yLabel, diagonal = false, horizontals = [] }: ScatterSection): Chart {
  const [xEnds, yEnds] = diagonal
    ? [extent([...x, ...y]), extent([...x, ...y])]
    : [extent(x), extent([...y, ...horizontals])];
  const axis = (name: string, [min, max]: [number, number], nameGap: number) => ({
    ...numberAxis({ name, min, max, nameGap, lines: false }),
    // The ends are those of the data, which are no round numbers.
    axisLabel: { ...numberAxis({}).axisLabel, showMinLabel: false, showMaxLabel: false },
  });
  const range = (ends: [number, number]) => `${formatTick(ends[0])} to ${formatTick(ends[1])}`;
  const said = horizontals.length === 0 ? "" : ` Dashed lines lie at ${horizontals.map(formatTick).join(", ")}.`;
  return {
    width: chartWidth,
    height: diagonal ? squareHeight : 320,
    description: `${x.length} points: ${yLabel} from ${range(yEnds)} over ${xLabel} from ${range(xEnds)}.${said}`,
    option: {
      grid,
      xAxis: axis(xLabel, xEnds, 28),
      yAxis: axis(yLabel, yEnds, 56),
      series: [
        ...(diagonal
          ? [
              guideLine([
                [xEnds[0], xEnds[0]],
                [xEnds[1], xEnds[1]],
              ]),
            ]
          : []),
        ...horizontals.map((at) =>
          guideLine([
            [xEnds[0], at],
            [xEnds[1], at],
          ]),
        ),
        {
          type: "line" as const,
          data: x.map((value, i) => [value, y[i]!]),
          symbol: "circle",
          symbolSize: x.length > 500 ? 3 : 5,
          silent: true,
          z: 3,
          lineStyle: { width: 0, opacity: 0 },
          itemStyle: { color: "var(--series-1)", opacity: 0.55 },
        },
      ],
    },
  };
}
