/** Faults of metrics and statistics. */
export default [
  {
    name: "ties-count-as-wrong",
    file: "evaluation/metrics/roc.ts",
    find: "area += ((falsePositives[tie]! - lastFalse) * (truePositives[tie]! + lastTrue)) / 2;",
    replace: "area += (falsePositives[tie]! - lastFalse) * lastTrue;",
    tests: ["evaluation/metrics/roc.test.ts"],
  },
  {
    name: "confusion-transposed",
    file: "evaluation/metrics/confusion.ts",
    find: "counts[labels[row]! * classes + predicted[row]!]!",
    replace: "counts[predicted[row]! * classes + labels[row]!]!",
    tests: ["evaluation/metrics/confusion.test.ts"],
  },
  {
    name: "calibration-gaps-cancel",
    file: "evaluation/metrics/calibration.ts",
    find: "Math.abs(bin.meanProbability - bin.observedRate)",
    replace: "(bin.meanProbability - bin.observedRate)",
    tests: ["evaluation/metrics/reference.test.ts"],
  },
  {
    name: "bootstrap-without-groups",
    file: "evaluation/statistics/resampling.ts",
    find: "const key = groups === undefined ? row : groups[row]!;",
    replace: "const key = row;",
    tests: ["evaluation/statistics/bootstrap.test.ts"],
    ci: true,
  },
  {
    name: "bootstrap-without-strata",
    file: "evaluation/statistics/resampling.ts",
    find: "strata === undefined\n        ? 0",
    replace: "strata !== undefined\n        ? 0",
    tests: ["evaluation/statistics/bootstrap.test.ts"],
  },
  {
    name: "deviation-of-the-population",
    file: "evaluation/statistics/mean-interval.ts",
    find: "Math.sqrt(squares / (count - 1))",
    replace: "Math.sqrt(squares / count)",
    tests: ["evaluation/statistics/mean-interval.test.ts"],
  },
  {
    name: "groups-not-passed-on",
    file: "evaluation/classifier/evaluate-classifier.ts",
    find: "...(split.groups === undefined ? {} : { groups: split.groups }),",
    replace: "",
    tests: ["evaluation/classifier/evaluate-classifier.test.ts"],
  },
];
