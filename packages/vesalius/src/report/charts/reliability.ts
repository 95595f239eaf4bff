import { wilsonInterval } from "../../common/wilson-interval.ts";
import { formatPercent } from "../format.ts";
import type { ReliabilitySection } from "../sections/reliability.ts";
import { chartWidth, guideLine, numberAxis, shareAxis, textStyle } from "./axes.ts";
import { intervalLines } from "./interval-lines.ts";
import type { Chart } from "./renderer.ts";

const colour = "var(--series-1)";
const smallText = { ...textStyle, fontSize: 11, color: "var(--muted)" };

/** Predicted probability against observed rate with 95% intervals, above the share of cases in each bin. */
export function reliabilityChart(section: ReliabilitySection): Chart {
  const { bins, xLabel = "Predicted probability", yLabel = "Observed rate" } = section;
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  const data = bins.map((bin) => {
    const { lower, upper } = wilsonInterval(bin.observedRate, bin.count);
    return [bin.meanProbability, bin.observedRate, lower, upper];
  });
  const shares = bins.map((bin) => [bin.lower, bin.upper, bin.count / total]);
  const largest = Math.max(...shares.map(([, , share]) => share!));
  const texts = bins.map(
    (bin) => `${formatPercent(bin.meanProbability)} said, ${formatPercent(bin.observedRate)} seen`,
  );
  return {
    width: chartWidth,
    height: 470,
    description: `${yLabel} over ${xLabel.toLowerCase()} in ${bins.length} bins: ${texts.join("; ")}.`,
    option: {
      grid: [
        { left: 52, right: 14, top: 12, height: 320, outerBoundsMode: "none" },
        { left: 52, right: 14, top: 356, height: 66, outerBoundsMode: "none" },
      ],
      xAxis: [
        { ...shareAxis(""), axisLabel: { show: false } },
        { ...shareAxis(xLabel), gridIndex: 1, splitLine: { show: false } },
      ],
      yAxis: [
        shareAxis(yLabel, 36),
        {
          ...numberAxis({ name: "Share of cases", min: 0, max: largest, interval: largest, nameGap: 36, gridIndex: 1 }),
          nameTextStyle: smallText,
          axisLabel: { ...smallText, formatter: (value: number) => formatPercent(value, 0) },
        },
      ],
      series: [
        guideLine([
          [0, 0],
          [1, 1],
        ]),
        intervalLines({ data, across: "x", colour, encode: [0, 2, 3] }),
        {
          type: "line",
          data: data.map(([said, seen]) => [said!, seen!]),
          symbol: "circle",
          symbolSize: 7,
          silent: true,
          z: 3,
          lineStyle: { color: colour, width: 1.5 },
          itemStyle: { color: colour },
        },
        {
          type: "custom",
          xAxisIndex: 1,
          yAxisIndex: 1,
          silent: true,
          clip: true,
          data: shares,
          encode: { x: [0, 1], y: 2 },
          renderItem: (_, api) => {
            const [left, top] = api.coord([api.value(0), api.value(2)]) as [number, number];
            const [right, bottom] = api.coord([api.value(1), 0]) as [number, number];
            const shape = { x: left + 1, y: top, width: right - left - 2, height: bottom - top };
            return { type: "rect", shape, style: { fill: colour, opacity: 0.75 } };
          },
        },
      ],
    },
  };
}
