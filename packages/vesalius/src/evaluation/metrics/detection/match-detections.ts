import { boxOverlap, type DetectedBox, requireBoxes, type TrueBox } from "./boxes.ts";

/** Detections of one image and category, best first. */
export interface MatchedDetections {
  /** `[detections]` falling. */
  readonly scores: readonly number[];
  /** `[thresholds]` of `[detections]` 1 where the detection matches a true box. */
  readonly matched: readonly Uint8Array[];
}

/**
 * Matches detections with true boxes: in the order of their scores, each takes the true box that it overlaps most among
 * those not yet taken, if the overlap reaches the threshold (COCO's greedy matching).
 *
 * @param limit how many detections count, best first.
 */
export function matchDetections(
  truth: readonly TrueBox[],
  detections: readonly DetectedBox[],
  thresholds: readonly number[],
  limit: number,
): MatchedDetections {
  requireBoxes(truth, "truth");
  requireBoxes(detections, "detections");
  const best = [...detections].sort((a, b) => b.score - a.score).slice(0, limit);
  const overlaps = best.map(({ box }) => truth.map((other) => boxOverlap(box, other.box)));
  const matched = thresholds.map((threshold) => {
    const taken = new Set<number>();
    return Uint8Array.from(overlaps, (ofDetection) => {
      // An overlap that misses the threshold by rounding alone reaches it.
      let [choice, reached] = [-1, threshold - 1e-10];
      for (const [index, overlap] of ofDetection.entries()) {
        if (taken.has(index) || overlap < reached) continue;
        [choice, reached] = [index, overlap];
      }
      if (choice < 0) return 0;
      taken.add(choice);
      return 1;
    });
  });
  return { scores: best.map(({ score }) => score), matched };
}
