import { z } from "zod";
import { curveOfRanking, curveSchema, reliabilityBinSchema } from "../classification/details.ts";
import { binProbabilities, countBins } from "../metrics/calibration.ts";
import { rankScores } from "../metrics/ranking.ts";
import type { LabelCases } from "./measure.ts";

/** Schema of what a report of several labels at once holds beyond the metrics. */
export const labelsDetailsSchema = z.object({
  labels: z.array(
    z.object({
      name: z.string(),
      /** Cases that are known to have it, known not to have it, and of which it is not known. */
      present: z.int().min(0),
      absent: z.int().min(0),
      unknown: z.int().min(0),
      /** Probability from which it is answered. */
      threshold: z.number(),
    }),
  ),
  /** One per label with both cases and non-cases. At most 200 points each. */
  curves: z.array(curveSchema),
  /** Over all known pairs of case and label: bins that hold at least one. */
  reliability: z.array(reliabilityBinSchema),
});
export type LabelsDetails = z.output<typeof labelsDetailsSchema>;

/** Counts, curves and reliability. */
export function describeLabels({ labels, scores, thresholds }: LabelCases, names: readonly string[]): LabelsDetails {
  const count = labels.length / names.length;
  const known = Array.from(labels.keys()).filter((pair) => labels[pair]! >= 0);
  const bins = binProbabilities(
    Float64Array.from(known, (pair) => scores[pair]!),
    Uint8Array.from(known, (pair) => labels[pair]!),
  );
  const columns = names.map((name, label) => {
    const rows = Array.from({ length: count }, (_, row) => row * names.length + label);
    const of = rows.filter((pair) => labels[pair]! >= 0);
    return { name, label, rows: of, present: of.filter((pair) => labels[pair] === 1).length };
  });
  return {
    labels: columns.map(({ name, label, rows, present }) => ({
      name,
      present,
      absent: rows.length - present,
      unknown: count - rows.length,
      threshold: thresholds[label]!,
    })),
    curves: columns.flatMap(({ name, rows, present }) =>
      present === 0 || present === rows.length
        ? []
        : curveOfRanking(
            rankScores(
              rows.map((pair) => labels[pair]!),
              rows.map((pair) => scores[pair]!),
            ),
            name,
          ),
    ),
    reliability: countBins(bins).filter((bin) => bin.count > 0),
  };
}
