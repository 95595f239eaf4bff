import { VesaliusError } from "../../common/errors.ts";
import type { Basis, Evaluation, Metric, OverParts } from "../evaluation.ts";
import { classificationDetailsSchema, describeClassification, type ClassificationDetails } from "./details.ts";
import {
  measureClassification,
  type ClassificationAnswer,
  type ClassificationMeasure,
  type ClassRoles,
} from "./measure.ts";
import { metricDescriptions, metricNames, type MetricName } from "./metrics.ts";
import { classificationDetailSections } from "./sections.ts";
import { classificationFloors, classificationStatistic } from "./statistic.ts";

/** What is fixed about a classification. */
export interface ClassificationSettings {
  /** Names; the position is the class index. */
  readonly classes: readonly string[];
  /**
   * Name or index of the class that a clinician would call positive. The second class where there are two and nothing is
   * said; none where there are more.
   */
  readonly positiveClass?: string | number | undefined;
  /** Whether the order of the classes means something (grades of a disease). */
  readonly ordered?: boolean | undefined;
}

/** Metrics of the class that is singled out, not of all. */
const ofPositiveClass: readonly MetricName[] = [
  "sensitivity",
  "specificity",
  "sensitivityAtSpecificity",
  "precision",
  "f1",
];

/** Metrics of classes whose order means something. */
const onlyOrdered: readonly MetricName[] = ["quadraticKappa", "meanClassError", "meanClassErrorMacro"];

/** Metrics that are means over the classes where there are several. */
const meansOverClasses: readonly MetricName[] = [
  "rocAuc",
  "rocAucWeighted",
  "rocAucOneVsOne",
  "averagePrecision",
  "balancedAccuracy",
  "macroPrecision",
  "macroRecall",
  "macroF1",
  "meanClassErrorMacro",
];

const headline: readonly MetricName[] = [
  "rocAuc",
  "averagePrecision",
  "balancedAccuracy",
  "sensitivityAtSpecificity",
  "expectedCalibrationError",
];

/**
 * Index of the positive class, given by name or index; the second of two where nothing is said.
 *
 * @throws VesaliusError `bad-argument` for a class that is not there
 */
export function indexOfPositiveClass(
  positiveClass: string | number | undefined,
  classNames: readonly string[],
): number | undefined {
  if (positiveClass === undefined) return classNames.length === 2 ? 1 : undefined;
  const index = typeof positiveClass === "number" ? positiveClass : classNames.indexOf(positiveClass);
  if (classNames[index] === undefined) {
    throw new VesaliusError("bad-argument", `there is no class ${positiveClass}`, {
      where: "positiveClass",
      fix: `choose one of ${classNames.join(", ")}`,
    });
  }
  return index;
}

function requireNames(classes: readonly string[]): void {
  if (classes.length < 2) {
    throw new VesaliusError("bad-argument", `a classification needs at least two classes, not ${classes.length}`, {
      where: "classes",
      fix: "name every class that the model can answer",
    });
  }
  if (classes.some((name) => name === "") || new Set(classes).size !== classes.length) {
    throw new VesaliusError("bad-argument", "class names are empty or occur twice", {
      where: "classes",
      fix: "give every class its own name",
    });
  }
}

/** The metrics that these classes define, by the names of a report. */
function metricsOf({ classes, positiveClass, ordered }: ClassRoles): Record<string, Metric> {
  const binary = classes.length === 2;
  const onlySeveral: readonly MetricName[] = [
    "rocAucWeighted",
    "rocAucOneVsOne",
    "macroPrecision",
    "macroRecall",
    "macroF1",
    "weightedPrecision",
    "weightedF1",
  ];
  const names = metricNames.filter(
    (name) => (ordered || !onlyOrdered.includes(name)) && !(binary && onlySeveral.includes(name)),
  );
  return Object.fromEntries(
    names.map((name): [string, Metric] => {
      const metric: Metric = metricDescriptions[name];
      // Of several classes, the name must say which one is meant.
      const open = !binary && positiveClass !== undefined && ofPositiveClass.includes(name);
      return [
        name,
        {
          ...metric,
          ...(open ? { of: classes[positiveClass]! } : {}),
          ...(name === "brierScore" && binary ? { range: [0, 1] as const } : {}),
          ...(name.startsWith("meanClassError") ? { range: [0, classes.length] as const, unit: "grades" } : {}),
        },
      ];
    }),
  );
}

/** What the metrics of one class against the rest rest on. */
function basesOfClass(measures: readonly ClassificationMeasure[], index: number): Record<string, Basis> {
  const has = Uint8Array.from(measures, ({ label }) => (label === index ? 1 : 0));
  const hasNot = has.map((one) => 1 - one);
  const answered = Uint8Array.from(measures, ({ predicted }) => (predicted === index ? 1 : 0));
  return {
    rocAuc: { sets: [has, hasNot] },
    averagePrecision: { sets: [has] },
    sensitivity: { sets: [has] },
    specificity: { sets: [hasNot] },
    sensitivityAtSpecificity: { sets: [has, hasNot] },
    precision: { sets: [answered] },
    f1: { sets: [has] },
  };
}

function restsOn(measures: readonly ClassificationMeasure[], { classes, positiveClass }: ClassRoles): OverParts<Basis> {
  const ofClasses = classes.map((_, index) => basesOfClass(measures, index));
  const sets = ofClasses.map(({ sensitivity }) => sensitivity!.sets[0]!);
  const overClasses = Object.fromEntries(meansOverClasses.map((name) => [name, { sets, mean: true }]));
  const binary = classes.length === 2;
  const both = { sets };
  return {
    metrics: {
      ...(positiveClass === undefined ? {} : ofClasses[positiveClass]),
      ...(binary
        ? { balancedAccuracy: { sets, mean: true }, matthewsCorrelation: both, cohenKappa: both }
        : overClasses),
    },
    parts: Object.fromEntries(classes.map((name, index) => [name, ofClasses[index]!])),
  };
}

const countsOf = (measures: readonly ClassificationMeasure[], classes: readonly string[]): number[] => {
  const counts = classes.map(() => 0);
  for (const { label } of measures) counts[label]! += 1;
  return counts;
};

/**
 * One of several classes for each case: discrimination, calibration and agreement, overall and for each class against the
 * rest. The classes are strata of the bootstrap.
 *
 * @throws VesaliusError `bad-argument` for class names or a positive class that do not fit
 *
 * @example
 * const evaluation = classificationEvaluation({ classes: ["normal", "pneumonia"] });
 * evaluateMeasures(evaluation, [evaluation.measure(1, { probabilities: [0.2, 0.8] }), ...]);
 */
export function classificationEvaluation(
  settings: ClassificationSettings,
): Evaluation<number, ClassificationAnswer, ClassificationMeasure, ClassificationDetails> {
  const { classes, ordered = false } = settings;
  requireNames(classes);
  const roles: ClassRoles = { classes, ordered, positiveClass: indexOfPositiveClass(settings.positiveClass, classes) };
  const metrics = metricsOf(roles);
  const second: MetricName = roles.positiveClass === undefined ? "balancedAccuracy" : "sensitivity";
  const ofSubgroups = ["rocAuc", second, "balancedAccuracy", "specificity", "brierScore", "expectedCalibrationError"];
  return {
    kind: "classification",
    metrics,
    headline: headline.filter((name) => metrics[name] !== undefined),
    ofSubgroups: [...new Set(ofSubgroups)],
    part: "class",
    measure: (label, answer) => measureClassification(label, answer, roles),
    statistic: (measures) => classificationStatistic(measures, roles),
    restsOn: (measures) => restsOn(measures, roles),
    composition(measures) {
      const counts = countsOf(measures, classes);
      return Object.fromEntries(classes.map((name, index) => [name, counts[index]!]));
    },
    whyUndefined(measures) {
      const counts = countsOf(measures, classes);
      const missing = classes.filter((_, index) => counts[index] === 0);
      return missing.length > 0 ? `no case of ${missing.join(", ")}` : undefined;
    },
    strata: (measures) => Int32Array.from(measures, ({ label }) => label),
    floors: (measures) => classificationFloors(countsOf(measures, classes), roles.positiveClass),
    details: classificationDetailsSchema,
    describe: (measures, ids) => describeClassification(measures, ids, roles),
    sections: classificationDetailSections,
  };
}
