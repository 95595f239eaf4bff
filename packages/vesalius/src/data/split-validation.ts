import { z } from "zod";
import { VesaliusError } from "../common/errors.ts";
import { randomStream } from "../common/random.ts";
import type { ImageDataset, ImageSplit } from "./image-dataset.ts";
import { subset } from "./subset.ts";
import { validate } from "../common/check.ts";

/** Options of {@link splitValidation}. */
export const splitValidationOptionsSchema = z.strictObject({
  /** Share of the training images to set aside, by number of images. */
  fraction: z.number().gt(0).lt(1),
  seed: z.int(),
});

/** Options of {@link splitValidation}. */
export type SplitValidationOptions = z.input<typeof splitValidationOptionsSchema>;

/** Rows that must stay together: linked by a common group or by identical content, directly or through others. */
function linkedRows(split: ImageSplit): number[][] {
  const parent = Array.from({ length: split.length }, (_, row) => row);
  const root = (row: number): number => {
    let at = row;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  for (const keys of [split.groups, split.fingerprints]) {
    const first = new Map<string, number>();
    keys?.forEach((key, row) => {
      const earlier = first.get(key);
      if (earlier === undefined) first.set(key, row);
      else parent[root(row)] = root(earlier);
    });
  }
  const units = new Map<number, number[]>();
  for (let row = 0; row < split.length; row++) {
    const unit = units.get(root(row));
    if (unit === undefined) units.set(root(row), [row]);
    else unit.push(row);
  }
  return [...units.values()];
}

/** Number of each class among rows; unlabelled data are one class. */
function classCounts(rows: readonly number[], labels: Int32Array | undefined, classes: number): number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (const row of rows) counts[labels?.[row] ?? 0]!++;
  return counts;
}

/** Images of each class to set aside: the fraction, but at least one where the class has two or more units. */
function targets(units: readonly (readonly number[])[], totals: readonly number[], fraction: number): number[] {
  return totals.map((total, label) => {
    const spread = units.filter((counts) => counts[label]! > 0).length;
    return spread < 2 ? 0 : Math.min(Math.max(total * fraction, 1), total - 1);
  });
}

/**
 * Sets part of the training images aside for validation, for data that come without a validation split. Images of one
 * group and byte-identical images stay on one side. Units are taken in a seeded random order, each one if it brings
 * the classes nearer to their share, so both sides have the classes in proportion as far as the groups allow.
 *
 * @returns The dataset with the new `train` and `validation`; row order is kept.
 * @throws VesaliusError `bad-argument` where there already is a validation split or the options are wrong; `bad-data`
 * where the groups cannot be divided, for instance when there is only one.
 */
export function splitValidation(dataset: ImageDataset, options: SplitValidationOptions): ImageDataset {
  const { fraction, seed } = validate(splitValidationOptionsSchema, options, {
    code: "bad-argument",
    what: "options of splitValidation",
  });
  if (dataset.validation !== undefined) {
    throw new VesaliusError("bad-argument", "the dataset already has a validation split", {
      where: dataset.name,
      fix: "use it: a second division would mix what others compare with",
    });
  }
  const { train } = dataset;
  const classes = Math.max(dataset.labels.length, 1);
  const units = linkedRows(train);
  const counts = units.map((rows) => classCounts(rows, train.labels, classes));
  const totals = counts.reduce(
    (sum, unit) => sum.map((value, label) => value + unit[label]!),
    Array<number>(classes).fill(0),
  );
  const target = targets(counts, totals, fraction);
  const taken = Array<number>(classes).fill(0);
  const aside: number[] = [];
  const distance = (label: number, added: number): number => (taken[label]! + added - target[label]!) ** 2;
  for (const unit of randomStream(seed, "split-validation").permutation(units.length)) {
    const change = counts[unit]!.reduce((sum, added, label) => sum + distance(label, added) - distance(label, 0), 0);
    if (change >= 0) continue;
    for (const row of units[unit]!) aside.push(row);
    counts[unit]!.forEach((added, label) => (taken[label]! += added));
  }
  const emptied = taken.some((count, label) => totals[label]! > 0 && count === totals[label]);
  if (aside.length === 0 || emptied) {
    throw new VesaliusError(
      "bad-data",
      `no division of ${units.length} groups leaves every class in training and some images for validation`,
      {
        where: dataset.name,
        fix: "choose another fraction, or provide a validation split",
      },
    );
  }
  const validation = new Set(aside);
  const rows = Array.from({ length: train.length }, (_, row) => row);
  return {
    ...dataset,
    train: subset(
      train,
      rows.filter((row) => !validation.has(row)),
    ),
    validation: {
      ...subset(
        train,
        rows.filter((row) => validation.has(row)),
      ),
      name: "validation",
    },
  };
}
