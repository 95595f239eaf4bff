import type { Metric } from "../evaluation.ts";

const share = [0, 1] as const;

/** The metrics of entities, in the order of a report. */
export const entityMetrics = {
  f1: {
    label: "F1",
    better: "higher",
    range: share,
    aliases: ["entity f1"],
    meaning: "Harmonic mean of precision and recall of entities with the same start, end and type (CoNLL).",
  },
  precision: {
    label: "Precision",
    better: "higher",
    range: share,
    proportion: true,
    aliases: ["p", "entity p"],
    meaning: "Share of the entities found that are true ones, start, end and type.",
  },
  recall: {
    label: "Recall",
    better: "higher",
    range: share,
    proportion: true,
    aliases: ["r"],
    meaning: "Share of the true entities that are found, start, end and type.",
  },
  macroF1: {
    label: "F1, macro",
    better: "higher",
    range: share,
    aliases: ["macro-f1"],
    meaning: "Mean F1 over the types that occur or are found; rare types count as much as frequent ones.",
  },
  overlapF1: {
    label: "F1, overlapping",
    better: "higher",
    range: share,
    meaning: "F1 where one character in common is enough, each entity matched with at most one.",
  },
  overlapPrecision: {
    label: "Precision, overlapping",
    better: "higher",
    range: share,
    proportion: true,
    meaning: "Precision where one character in common is enough.",
  },
  overlapRecall: {
    label: "Recall, overlapping",
    better: "higher",
    range: share,
    proportion: true,
    meaning: "Recall where one character in common is enough.",
  },
} as const satisfies Record<string, Metric>;
