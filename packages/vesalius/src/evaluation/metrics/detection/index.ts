export { boxOverlap, type DetectedBox, type ImageBoxes, type TrueBox } from "./boxes.ts";
export { type DetectionScores, detectionStatistic } from "./detection.ts";
