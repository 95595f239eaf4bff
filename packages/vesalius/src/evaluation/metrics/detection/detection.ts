import { requireCases } from "../input-checks.ts";
import { allRows } from "../ranking.ts";
import { matchDetections } from "./match-detections.ts";
import { type ImageBoxes } from "./boxes.ts";

/** Thresholds of intersection over union: 0.5, 0.55, ... 0.95. */
export const overlapThresholds: readonly number[] = Array.from({ length: 10 }, (_, i) => 0.5 + 0.05 * i);

/** Places on the recall axis at which precision is read. */
const recallPoints = 101;

/** How well boxes were found; each in [0, 1], NaN where there is nothing to find. */
export interface DetectionScores {
  /** Average precision, mean over the thresholds 0.5 to 0.95 of intersection over union: COCO's mAP. */
  readonly averagePrecision: number;
  /** At 0.5 and at 0.75. */
  readonly averagePrecision50: number;
  readonly averagePrecision75: number;
  /** Share of boxes found, mean over the thresholds. */
  readonly averageRecall: number;
}

/** Detections of one category over all images, by falling score. */
interface RankedDetections {
  /** `[images]` true boxes of the category. */
  readonly truths: Float64Array;
  /** `[detections]` image of each detection. */
  readonly image: Int32Array;
  /** `[thresholds]` of `[detections]` 1 where it matches a true box. */
  readonly matched: readonly Uint8Array[];
}

function rankCategory(images: readonly ImageBoxes[], category: string, limit: number): RankedDetections {
  const found = images.map(({ truth, detections }) =>
    matchDetections(
      truth.filter((box) => box.category === category),
      detections.filter((box) => box.category === category),
      overlapThresholds,
      limit,
    ),
  );
  const image = Int32Array.from(found.flatMap(({ scores }, index) => scores.map(() => index)));
  const scores = found.flatMap((one) => one.scores);
  const order = allRows(image.length).sort((a, b) => scores[b]! - scores[a]!);
  return {
    truths: Float64Array.from(images, ({ truth }) => truth.filter((box) => box.category === category).length),
    image: order.map((detection) => image[detection]!),
    matched: overlapThresholds.map((_, threshold) => {
      const all = found.flatMap(({ matched }) => Array.from(matched[threshold]!));
      return Uint8Array.from(order, (detection) => all[detection]!);
    }),
  };
}

/** Average precision (over 101 recall points, precision made falling) and recall at one threshold. */
function curve(ranked: RankedDetections, threshold: number, truths: number, weights?: ArrayLike<number>) {
  const count = ranked.image.length;
  const [precision, recall] = [new Float64Array(count), new Float64Array(count)];
  let [hits, alarms] = [0, 0];
  for (let rank = 0; rank < count; rank++) {
    const weight = weights === undefined ? 1 : weights[ranked.image[rank]!]!;
    if (ranked.matched[threshold]![rank] === 1) hits += weight;
    else alarms += weight;
    recall[rank] = hits / truths;
    precision[rank] = hits + alarms === 0 ? 0 : hits / (hits + alarms);
  }
  for (let rank = count - 2; rank >= 0; rank--) precision[rank] = Math.max(precision[rank]!, precision[rank + 1]!);
  let [sum, rank] = [0, 0];
  for (let point = 0; point < recallPoints; point++) {
    while (rank < count && recall[rank]! < point / (recallPoints - 1)) rank += 1;
    if (rank < count) sum += precision[rank]!;
  }
  return { averagePrecision: sum / recallPoints, recall: hits / truths };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Detection of boxes prepared for the bootstrap over images: detections are matched and sorted once. Agrees with COCO's
 * evaluation (pycocotools, all areas), where undefined is NaN here and -1 there.
 *
 * @param images true and found boxes of each image.
 * @param options.limit best detections of each image and category that count; 100 when left out.
 * @returns the means over categories and the scores of each, for given weights of the images.
 * @throws VesaliusError `bad-data` for no images or a broken box, `not-a-number` for a score that is none.
 */
export function detectionStatistic(
  images: readonly ImageBoxes[],
  { limit = 100 }: { readonly limit?: number } = {},
): (
  weights?: ArrayLike<number>,
) => DetectionScores & { readonly perCategory: Readonly<Record<string, DetectionScores>> } {
  requireCases(images.length);
  const categories = [
    ...new Set(images.flatMap(({ truth, detections }) => [...truth, ...detections].map((box) => box.category))),
  ].sort();
  const ranked = categories.map((category) => rankCategory(images, category, limit));
  return (weights) => {
    const scores = ranked.map((one): DetectionScores => {
      const truths = one.truths.reduce((sum, n, i) => sum + n * (weights === undefined ? 1 : weights[i]!), 0);
      const curves = overlapThresholds.map((_, threshold) => curve(one, threshold, truths, weights));
      const defined = (value: number) => (truths === 0 ? NaN : value);
      return {
        averagePrecision: defined(mean(curves.map(({ averagePrecision }) => averagePrecision))),
        averagePrecision50: defined(curves[0]!.averagePrecision),
        averagePrecision75: defined(curves[5]!.averagePrecision),
        averageRecall: defined(mean(curves.map(({ recall }) => recall))),
      };
    });
    const over = (name: keyof DetectionScores) =>
      mean(scores.map((one) => one[name]).filter((value) => !Number.isNaN(value)));
    return {
      averagePrecision: over("averagePrecision"),
      averagePrecision50: over("averagePrecision50"),
      averagePrecision75: over("averagePrecision75"),
      averageRecall: over("averageRecall"),
      perCategory: Object.fromEntries(categories.map((category, i) => [category, scores[i]!])),
    };
  };
}
