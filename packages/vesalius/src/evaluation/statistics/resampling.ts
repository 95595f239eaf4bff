import { VesaliusError } from "../../common/errors.ts";
import { randomStream } from "../../common/random.ts";

/** How resamples are drawn. */
export interface ResamplingOptions {
  /** Number of cases. */
  readonly count: number;
  /** Seed of the draw; 0 when left out. The same seed gives the same resamples on every machine. */
  readonly seed?: number;
  /** Number of resamples; 1000 when left out. */
  readonly resamples?: number;
  /**
   * `[count]` class of each case. When given, every resample holds as many cases (or groups) of each class as the data
   * do, so that no class is ever empty.
   */
  readonly strata?: ArrayLike<number>;
  /**
   * `[count]` patient, lesion or site of each case. When given, whole groups are drawn, since the cases of one patient
   * are not independent and an interval that ignores this is too narrow.
   */
  readonly groups?: readonly string[];
}

/** The default number of resamples. */
export const defaultResamples = 1000;

/** What is drawn together: a case, or all cases of a group. */
interface Units {
  /** `[units + 1]` where the members of each unit start. */
  readonly starts: Int32Array;
  /** `[count]` case positions, unit after unit. */
  readonly members: Int32Array;
  /** `[units]` stratum from which the unit is drawn. */
  readonly stratum: Int32Array;
}

function unitsOf({ count, strata, groups }: ResamplingOptions): Units {
  const rowsOfUnit = new Map<string | number, number[]>();
  for (let row = 0; row < count; row++) {
    const key = groups === undefined ? row : groups[row]!;
    const rows = rowsOfUnit.get(key);
    if (rows === undefined) rowsOfUnit.set(key, [row]);
    else rows.push(row);
  }
  const frequency = new Map<number, number>();
  if (strata !== undefined) {
    for (let row = 0; row < count; row++) frequency.set(strata[row]!, (frequency.get(strata[row]!) ?? 0) + 1);
  }
  const units = [...rowsOfUnit.values()];
  const starts = new Int32Array(units.length + 1);
  for (const [unit, rows] of units.entries()) starts[unit + 1] = starts[unit]! + rows.length;
  return {
    starts,
    members: Int32Array.from(units.flat()),
    // A group with cases of several classes goes with its rarest class (a patient with one malignant lesion counts as
    // malignant), because that is the class a resample would most easily lose.
    stratum: Int32Array.from(units, (rows) =>
      strata === undefined
        ? 0
        : rows.map((row) => strata[row]!).reduce((a, b) => (frequency.get(b)! < frequency.get(a)! ? b : a)),
    ),
  };
}

function check({ count, resamples = defaultResamples, strata, groups }: ResamplingOptions): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new VesaliusError("bad-data", "there are no cases to resample", {
      where: "count",
      fix: "check that the split is not empty",
    });
  }
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new VesaliusError(
      "bad-argument",
      `the number of resamples must be a whole number above 0, not ${resamples}`,
      {
        where: "resamples",
        fix: `leave it out for ${defaultResamples}`,
      },
    );
  }
  for (const [name, column] of Object.entries({ strata, groups })) {
    if (column !== undefined && column.length !== count) {
      throw new VesaliusError("shape-mismatch", `${name} has ${column.length} entries for ${count} cases`, {
        where: name,
        fix: "pass one entry per case",
      });
    }
  }
}

/**
 * Draws bootstrap resamples (Efron and Tibshirani 1993), each as the number of times that every case is drawn. Counting
 * instead of copying lets a metric that sorts by score sort once for all resamples.
 *
 * @returns `[count]` weights per resample; the array is overwritten by the next one.
 * @throws VesaliusError `bad-data` for no cases, `bad-argument` for the number of resamples, `shape-mismatch` where
 * strata or groups do not have one entry per case.
 */
export function bootstrapWeights(options: ResamplingOptions): Generator<Float64Array, void, void> {
  check(options);
  return drawWeights(options);
}

function* drawWeights(options: ResamplingOptions): Generator<Float64Array, void, void> {
  const { count, seed = 0, resamples = defaultResamples } = options;
  const { starts, members, stratum } = unitsOf(options);
  const unitsOfStratum = new Map<number, number[]>();
  for (const [unit, key] of stratum.entries()) {
    const units = unitsOfStratum.get(key);
    if (units === undefined) unitsOfStratum.set(key, [unit]);
    else units.push(unit);
  }
  const pools = [...unitsOfStratum.values()].map((units) => Int32Array.from(units));
  const random = randomStream(seed, "bootstrap");
  const weights = new Float64Array(count);
  for (let resample = 0; resample < resamples; resample++) {
    weights.fill(0);
    for (const pool of pools) {
      for (let draw = 0; draw < pool.length; draw++) {
        const unit = pool[random.integer(pool.length)]!;
        for (let i = starts[unit]!; i < starts[unit + 1]!; i++) weights[members[i]!]! += 1;
      }
    }
    yield weights;
  }
}
