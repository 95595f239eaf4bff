import { VesaliusError } from "../../../common/errors.ts";

/** Mean and deviation of each of several numbers. */
export interface Standardization {
  readonly mean: number[];
  readonly std: number[];
}

/**
 * Mean and standard deviation of each number over rows, NaN left out. A constant has the deviation 1.
 *
 * @throws VesaliusError `bad-data` naming the numbers that no row has
 */
export function standardization(names: readonly string[], rows: readonly Float32Array[]): Standardization {
  const of = names.map((_, index) => {
    let [count, mean, squares] = [0, 0, 0];
    for (const row of rows) {
      const value = row[index]!;
      if (Number.isNaN(value)) continue;
      // Welford's update, which stays exact for large means.
      const difference = value - mean;
      mean += difference / ++count;
      squares += difference * (value - mean);
    }
    return { count, mean, std: Math.sqrt(squares / count) || 1 };
  });
  const empty = names.filter((_, index) => of[index]!.count === 0);
  if (empty.length > 0)
    throw new VesaliusError("bad-data", `no training example has a value of ${empty.join(", ")}`, {
      fix: "leave these out of the data",
    });
  return { mean: of.map(({ mean }) => mean), std: of.map(({ std }) => std) };
}

/** @throws VesaliusError `bad-configuration` where names, means and deviations are not equally many or not fitted */
export function requireFitted(
  encoder: string,
  settings: {
    readonly names?: readonly string[] | undefined;
    readonly mean?: readonly number[] | undefined;
    readonly std?: readonly number[] | undefined;
  },
): { readonly names: readonly string[]; readonly mean: readonly number[]; readonly std: readonly number[] } {
  const { names, mean, std } = settings;
  if (names === undefined || mean?.length !== names.length || std?.length !== names.length)
    throw new VesaliusError(
      "bad-configuration",
      `names, mean and std of ${encoder} are not fitted, or not equally many`,
      {
        fix: "fit the encoder on the training split first, or give all three",
      },
    );
  return { names, mean, std };
}
