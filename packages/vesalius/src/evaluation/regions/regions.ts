import { VesaliusError } from "../../common/errors.ts";
import type { Basis, Evaluation, Metric, OverParts, Statistic, Values } from "../evaluation.ts";
import { weightedMeanDefined } from "../metrics/weighted-mean.ts";
import { describeRegions, type RegionsDetails, regionsDetailsSchema, regionsSections } from "./details.ts";
import {
  type LabelMap,
  measureRegions,
  type RegionsMeasure,
  type Structure,
  type StructureMeasure,
} from "./measure.ts";

/** What is fixed about regions. */
export interface RegionsSettings {
  /** Names by class index; the first is the background. */
  readonly classes: readonly string[];
  /** Classes that are also evaluated together, by the name of the whole: `{ "whole tumour": ["core", "oedema"] }`. */
  readonly together?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Unit of distances: millimetres, which need a spacing, or pixels. */
  readonly unit?: "mm" | "pixels" | undefined;
  /** Of the normalized surface Dice, in the unit: by how much experts differ; 1 when left out. */
  readonly tolerance?: number | undefined;
}

const overlap = { better: "higher", range: [0, 1], proportion: true } as const;

function metricsOf(unit: string, tolerance: number): Record<string, Metric> {
  const distance = { better: "lower", range: [0, Infinity], unit } as const;
  return {
    dice: {
      ...overlap,
      label: "Dice",
      aliases: ["dice", "mean dice", "mdice"],
      meaning: "Twice what both share divided by the sum of their sizes; 0 where a structure was missed.",
    },
    intersectionOverUnion: {
      ...overlap,
      label: "Intersection over union",
      aliases: ["iou", "miou", "jaccard"],
      meaning: "What both share divided by what either covers.",
    },
    surfaceDice: {
      ...overlap,
      label: "Normalized surface Dice",
      aliases: ["nsd", "surface dice"],
      meaning: `Share of both surfaces within ${tolerance} ${unit} of the other.`,
    },
    hausdorff95: {
      ...distance,
      label: "HD95",
      aliases: ["hd95"],
      meaning: "95th percentile of the distances between the surfaces; of cases in which the structure was found.",
    },
    averageSurfaceDistance: {
      ...distance,
      label: "Average surface distance",
      aliases: ["asd", "assd"],
      meaning: "Mean distance between the surfaces; of cases in which the structure was found.",
    },
    missRate: {
      better: "lower",
      range: [0, 1],
      proportion: "share",
      label: "Missed",
      meaning: "Share of the cases with the structure in which nothing of it was found.",
    },
    falseAlarmRate: {
      better: "lower",
      range: [0, 1],
      proportion: "share",
      label: "Invented",
      meaning: "Share of the cases without the structure in which it was found.",
    },
  };
}

/** Values of one structure in each case; NaN where a case does not define them. */
function columnsOf(cases: readonly StructureMeasure[]): Record<string, Float64Array> {
  const column = (value: (one: StructureMeasure) => number) => Float64Array.from(cases, value);
  const present = ({ reference }: StructureMeasure) => reference > 0;
  // A distance to nothing is no distance: those cases are counted as missed.
  const finite = (value: number) => (Number.isFinite(value) ? value : NaN);
  return {
    dice: column(({ dice }) => dice),
    intersectionOverUnion: column((one) => one.intersectionOverUnion),
    surfaceDice: column((one) => (present(one) ? one.surfaceDice : NaN)),
    hausdorff95: column((one) => finite(one.hausdorff95)),
    averageSurfaceDistance: column((one) => finite(one.averageSurfaceDistance)),
    missRate: column((one) => (present(one) ? (one.predicted === 0 ? 1 : 0) : NaN)),
    falseAlarmRate: column((one) => (present(one) ? NaN : one.predicted > 0 ? 1 : 0)),
  };
}

function statistic(measures: readonly RegionsMeasure[], structures: readonly Structure[], single: number): Statistic {
  const columns = structures.map((_, i) => columnsOf(measures.map((measure) => measure[i]!)));
  return (weights) => {
    const ofStructures = columns.map((column): Values =>
      Object.fromEntries(Object.entries(column).map(([name, values]) => [name, weightedMeanDefined(values, weights)])),
    );
    const mean = (name: string) => {
      const own = ofStructures.slice(0, single).map((values) => values[name]!);
      // No case without a structure is the usual state; then the others tell.
      const defined = name === "falseAlarmRate" ? own.filter((value) => !Number.isNaN(value)) : own;
      return defined.reduce((sum, value) => sum + value, 0) / defined.length;
    };
    return {
      metrics: Object.fromEntries(Object.keys(ofStructures[0]!).map((name) => [name, mean(name)])),
      parts: Object.fromEntries(structures.map(({ name }, i) => [name, ofStructures[i]!])),
    };
  };
}

function restsOn(
  measures: readonly RegionsMeasure[],
  structures: readonly Structure[],
  single: number,
): OverParts<Basis> {
  const sets = structures.map((_, i) => {
    const columns = columnsOf(measures.map((measure) => measure[i]!));
    return Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [
        name,
        Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1)),
      ]),
    );
  });
  const meanOf = (name: string): Basis => {
    const own = sets.slice(0, single).map((of) => of[name]!);
    const used = name === "falseAlarmRate" ? own.filter((set) => set.includes(1)) : own;
    return { sets: used.length === 0 ? own : used, mean: true };
  };
  return {
    metrics: Object.fromEntries(Object.keys(sets[0]!).map((name) => [name, meanOf(name)])),
    parts: Object.fromEntries(
      structures.map(({ name }, i) => [
        name,
        Object.fromEntries(Object.entries(sets[i]!).map(([metric, set]) => [metric, { sets: [set] }])),
      ]),
    ),
  };
}

/** The classes beside the background, and those that are evaluated together. */
function structuresOf({ classes, together = {} }: RegionsSettings): Structure[] {
  const wholes = Object.entries(together).map(([name, members]) => ({
    name,
    classes: members.map((member) => classes.indexOf(member)),
  }));
  const structures = [...classes.slice(1).map((name, i) => ({ name, classes: [i + 1] })), ...wholes];
  const named = new Set(structures.map(({ name }) => name)).size === structures.length;
  if (
    classes.length < 2 ||
    !named ||
    wholes.some((whole) => whole.classes.length === 0 || whole.classes.some((index) => index < 1))
  ) {
    throw new VesaliusError("bad-argument", "regions need a background and structures with names of their own", {
      where: "classes, together",
      fix: "name the background first, then each structure; put together only structures that are named",
    });
  }
  return structures;
}

/**
 * Regions of images or volumes: overlap, distances between surfaces and their share within a tolerance, per structure and
 * as the mean over structures. A structure that is missed has a Dice of 0 and no distance; how often that happens, and how
 * often one is invented, stands beside them. Label maps are measured and dropped.
 *
 * @throws VesaliusError `bad-argument` for classes that do not fit
 *
 * @example
 * const evaluation = regionsEvaluation({ classes: ["background", "anterior", "posterior"] });
 * evaluateMeasures(evaluation, [evaluation.measure(truth, answer), ...]).metrics.hausdorff95; // { value: 1.4, ... } mm
 */
export function regionsEvaluation(
  settings: RegionsSettings,
): Evaluation<LabelMap, LabelMap, RegionsMeasure, RegionsDetails> {
  const { classes, unit = "mm", tolerance = 1 } = settings;
  const structures = structuresOf(settings);
  const single = classes.length - 1;
  const rules = { structures, classes: classes.length, unit, tolerance };
  const present = (measures: readonly RegionsMeasure[], i: number) =>
    measures.filter((measure) => measure[i]!.reference > 0).length;
  return {
    kind: "regions",
    metrics: metricsOf(unit, tolerance),
    headline: ["dice", "hausdorff95", "surfaceDice", "missRate"],
    ofSubgroups: ["dice", "hausdorff95", "surfaceDice", "missRate"],
    part: "structure",
    measure: (truth, answer) => measureRegions(truth, answer, rules),
    statistic: (measures) => statistic(measures, structures, single),
    restsOn: (measures) => restsOn(measures, structures, single),
    composition: (measures) => Object.fromEntries(structures.map(({ name }, i) => [name, present(measures, i)])),
    whyUndefined(measures) {
      const missing = structures.filter((_, i) => present(measures, i) === 0).map(({ name }) => name);
      if (missing.length > 0) return `no case with ${missing.join(", ")}`;
      return "no case in which it was found, or none without it";
    },
    details: regionsDetailsSchema,
    describe: (measures, ids) => describeRegions(measures, ids, structures, { unit, tolerance }),
    sections: regionsSections,
  };
}
