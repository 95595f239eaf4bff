import { VesaliusError } from "../../common/errors.ts";
import { measureRegion, type RegionMeasure } from "../metrics/regions/index.ts";

/** The class of every pixel or voxel. */
export interface LabelMap {
  /** One to three extents. */
  readonly extents: readonly number[];
  /** Millimetres along the axes. */
  readonly spacing?: readonly number[] | undefined;
  /** Class indices, row-major; 0 is the background. */
  readonly data: ArrayLike<number>;
}

/** A structure that is evaluated: one class, or several together ("any tumour"). */
export interface Structure {
  readonly name: string;
  readonly classes: readonly number[];
}

/** All that is kept of one structure of a case; distances in the unit of the evaluation. */
export interface StructureMeasure extends RegionMeasure {
  /** Size of one pixel or voxel, in cubic millimetres for volumes with a spacing. */
  readonly voxel: number;
}

/** All that is kept of a case, by the order of the structures; the maps themselves are not. */
export type RegionsMeasure = readonly StructureMeasure[];

/** What is fixed about regions. */
export interface RegionsRules {
  readonly structures: readonly Structure[];
  readonly classes: number;
  readonly unit: "mm" | "pixels";
  /** Of the normalized surface Dice, in the unit. */
  readonly tolerance: number;
}

/** 1 where a map has one of some classes. */
function maskOf(data: ArrayLike<number>, classes: readonly number[]): Uint8Array {
  const mask = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) mask[i] = classes.includes(data[i]!) ? 1 : 0;
  return mask;
}

function requireClasses({ data }: LabelMap, classes: number, what: string): void {
  for (let i = 0; i < data.length; i++) {
    if (data[i]! >= 0 && data[i]! < classes && Number.isInteger(data[i])) continue;
    throw new VesaliusError("bad-data", `the map holds ${data[i]}, which is no class index from 0 to ${classes - 1}`, {
      where: what,
      fix: "give the class of every voxel, 0 for the background",
    });
  }
}

/**
 * Measures one case, structure by structure. Without an answer nothing is found.
 *
 * @throws VesaliusError `bad-data` for a value that is no class or a volume without the spacing that distances in
 * millimetres need, `shape-mismatch` for maps on different grids
 */
export function measureRegions(
  truth: LabelMap,
  answer: LabelMap | null,
  { structures, classes, unit, tolerance }: RegionsRules,
): RegionsMeasure {
  const { extents, spacing } = truth;
  if (unit === "mm" && spacing === undefined) {
    throw new VesaliusError("bad-data", "there is no spacing to measure distances in millimetres with", {
      where: "truth",
      fix: "give masks their spacing, or measure in pixels",
    });
  }
  const found = answer ?? { extents, spacing, data: new Uint8Array(truth.data.length) };
  requireClasses(truth, classes, "truth");
  requireClasses(found, classes, "answer");
  const steps = unit === "mm" ? spacing! : extents.map(() => 1);
  return structures.map((structure) => {
    const reference = { data: maskOf(truth.data, structure.classes), shape: extents, spacing: steps };
    const prediction = {
      data: maskOf(found.data, structure.classes),
      shape: found.extents,
      spacing: unit === "mm" ? (found.spacing ?? steps) : found.extents.map(() => 1),
    };
    return {
      ...measureRegion(prediction, reference, { tolerance }),
      voxel: steps.reduce((product, step) => product * step, 1),
    };
  });
}

/** Mean Dice of a case over the structures for which it is defined; NaN where it is for none. */
export function meanDice(measure: RegionsMeasure): number {
  const defined = measure.map(({ dice }) => dice).filter((dice) => !Number.isNaN(dice));
  return defined.reduce((sum, dice) => sum + dice, 0) / defined.length;
}
