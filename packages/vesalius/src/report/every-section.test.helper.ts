import type { ReportSection } from "./index.ts";

const pixel =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const estimate = { value: 0.9, lower: 0.85, upper: 0.95 };

/** One of every kind of section, with the same text wherever text can stand. */
export function everySection(text: string): ReportSection[] {
  const x = [10, 100, 1000];
  const y = [0.6, 0.8, 0.9];
  return [
    { kind: "heading", title: text, text },
    { kind: "text", title: text, paragraphs: [text] },
    { kind: "headline", entries: [{ label: text, estimate, comparison: { label: text, value: 0.5 }, unit: text }] },
    { kind: "keyValues", title: text, entries: [[text, text]] },
    {
      kind: "table",
      title: text,
      columns: [{ label: text }, { label: text, align: "right" }],
      rows: [[text, estimate]],
      note: text,
    },
    {
      kind: "roc",
      title: text,
      curves: [{ name: text, falsePositiveRate: [0, 0, 1], truePositiveRate: [0, 0.7, 1], area: estimate }],
    },
    {
      kind: "precisionRecall",
      title: text,
      curves: [{ name: text, recall: [0, 1], precision: [1, 0.4], prevalence: 0.4 }],
    },
    {
      kind: "reliability",
      title: text,
      xLabel: text,
      yLabel: text,
      bins: [{ lower: 0.4, upper: 0.6, count: 9, meanProbability: 0.5, observedRate: 0.4 }],
    },
    {
      kind: "confusionMatrix",
      title: text,
      classNames: [text, "b"],
      counts: [
        [3, 1],
        [0, 0],
      ],
    },
    {
      kind: "forest",
      title: text,
      valueLabel: text,
      rows: [{ label: text, estimate, count: 12 }],
      reference: 0.9,
      note: text,
    },
    { kind: "bars", title: text, valueLabel: text, rows: [{ label: text, estimate }], reference: 0.8 },
    {
      kind: "lines",
      title: text,
      xLabel: text,
      yLabel: text,
      xScale: "log",
      series: [
        { name: text, x, y, lower: y, upper: y },
        { name: "b", x, y },
      ],
    },
    {
      kind: "scatter",
      title: text,
      xLabel: text,
      yLabel: text,
      x: [1, 2, 3],
      y: [1, 3, 2],
      diagonal: true,
      note: text,
    },
    { kind: "scatter", title: text, xLabel: text, yLabel: text, x: [1, 2, 3], y: [1, 3, 2], horizontals: [0, 1] },
    {
      kind: "survivalCurves",
      title: text,
      xLabel: text,
      yLabel: text,
      curves: [
        { name: text, time: [0, 2, 5], survival: [1, 0.8, 0.4], lower: [1, 0.6, 0.2], upper: [1, 0.9, 0.6], count: 12 },
        { name: "b", time: [0, 4], survival: [1, 0.9] },
      ],
      note: text,
    },
    { kind: "images", title: text, columns: 2, images: [{ dataUri: pixel, description: text, caption: text }] },
    {
      kind: "texts",
      title: text,
      texts: [{ text: `${text} and more`, marks: [{ start: 0, end: 3, label: text, tone: "missed" }], caption: text }],
      note: text,
    },
  ];
}
