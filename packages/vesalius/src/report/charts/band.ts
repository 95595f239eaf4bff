import type { CustomSeriesOption } from "echarts/charts";
import { seriesStyle } from "../palette.ts";

/**
 * The band between lower and upper ends, as one shape behind the lines.
 *
 * @param rows of x, lower end, upper end; rows that are not finite are left out
 * @param index of the series, which gives the colour
 */
export function bandSeries(rows: readonly (readonly [number, number, number])[], index: number): CustomSeriesOption[] {
  const shown = rows.filter((row) => row.every(Number.isFinite));
  return [
    {
      type: "custom",
      silent: true,
      clip: true,
      z: 1,
      data: shown.map((row) => [...row]),
      encode: { x: 0, y: [1, 2] },
      renderItem: (params, api) => {
        // One polygon stands for the whole band; it is drawn with the first row.
        if (params.dataIndexInside !== 0) return null;
        const edge = (column: 1 | 2) => shown.map((row) => api.coord([row[0], row[column]]));
        return {
          type: "polygon",
          shape: { points: [...edge(1), ...edge(2).toReversed()] },
          style: { fill: seriesStyle(index).colour, opacity: 0.16 },
        };
      },
    },
  ];
}
