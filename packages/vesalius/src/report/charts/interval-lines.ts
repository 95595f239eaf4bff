import type { CustomSeriesOption } from "echarts/charts";

/** Intervals as lines with small caps. */
export interface IntervalLines {
  readonly data: readonly (readonly number[])[];
  /** The axis on which the position of a line lies; the interval runs along the other one. */
  readonly across: "x" | "y";
  readonly colour: string;
  /** Columns of `data`: position, lower end, upper end. */
  readonly encode: readonly [position: number, lower: number, upper: number];
  /** Half the length of a cap. */
  readonly cap?: number;
}

/** Series of interval lines; rows whose ends are not finite get none. */
export function intervalLines({ data, across, colour, encode, cap = 3 }: IntervalLines): CustomSeriesOption {
  const [position, lower, upper] = encode;
  return {
    type: "custom",
    silent: true,
    z: 4,
    data: data.map((row) => [...row]),
    encode: across === "x" ? { x: position, y: [lower, upper] } : { y: position, x: [lower, upper] },
    renderItem: (_, api) => {
      const ends = [api.value(lower), api.value(upper)].map(Number);
      if (!ends.every(Number.isFinite)) return null;
      const at = api.value(position);
      const [[x1, y1], [x2, y2]] = ends.map((end) => api.coord(across === "x" ? [at, end] : [end, at])) as [
        [number, number],
        [number, number],
      ];
      const capX = across === "x" ? cap : 0;
      const capY = across === "x" ? 0 : cap;
      const line = (a: number, b: number, c: number, d: number) =>
        ({
          type: "line",
          shape: { x1: a, y1: b, x2: c, y2: d },
          style: { stroke: colour, lineWidth: 1.5 },
        }) as const;
      return {
        type: "group",
        children: [
          line(x1, y1, x2, y2),
          line(x1 - capX, y1 - capY, x1 + capX, y1 + capY),
          line(x2 - capX, y2 - capY, x2 + capX, y2 + capY),
        ],
      };
    },
  };
}
