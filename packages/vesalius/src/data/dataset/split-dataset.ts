import { z } from "zod";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import { kindOf } from "../columns/index.ts";
import type { Dataset, Split } from "../split.ts";
import { divideRows, linkedRows } from "./divide-rows.ts";
import { completeStrata, holdOut, otherRows } from "./hold-out.ts";
import { columnNamed, takeRows } from "./rows.ts";

/** Options of {@link splitValidation}. */
export const splitValidationOptionsSchema = z.strictObject({
  /** Share of the training examples to set aside, by number of examples. */
  fraction: z.number().gt(0).lt(1),
  seed: z.int(),
  /** Column in whose proportions to divide; see {@link strataOf}. */
  strata: z.string().min(1).optional(),
});

/** Options of {@link splitValidation}. */
export type SplitValidationOptions = z.input<typeof splitValidationOptionsSchema>;

/**
 * Strata of a split: those of the column that is named, else of a column `label`, else of the only column that has any.
 *
 * @returns `[length]` strata from 0, -1 where one is missing; undefined where nothing says which
 * @throws VesaliusError `bad-argument` where the named column has no strata
 */
export function strataOf(split: Split, name?: string): Int32Array | undefined {
  if (name !== undefined) {
    const column = columnNamed(split, name);
    const strata = kindOf(column).strata?.(column);
    if (strata !== undefined) return strata;
    throw new VesaliusError("bad-argument", `the column "${name}" holds ${column.kind}, which have no strata`, {
      where: `split ${split.name}`,
      fix: "name a column of classes or events",
    });
  }
  const found = Object.entries(split.columns).flatMap(([column, stored]) => {
    const strata = kindOf(stored).strata?.(stored);
    return strata === undefined ? [] : [{ column, strata }];
  });
  const chosen = found.find(({ column }) => column === "label") ?? (found.length === 1 ? found[0] : undefined);
  return chosen?.strata;
}

function undividable(dataset: string, units: number): VesaliusError {
  return new VesaliusError(
    "bad-data",
    `no division of ${units} groups leaves every class in training and some examples on the other side`,
    { where: dataset, fix: "choose other shares, or provide the splits" },
  );
}

/**
 * Sets part of the training examples aside for validation, for data that come without a validation split. Examples of
 * one group and those with identical content stay on one side, and both sides have the strata (classes) in proportion as
 * far as the groups allow.
 *
 * @returns the dataset with the new `train` and `validation`; row order is kept
 * @throws VesaliusError `bad-argument` where there already is a validation split or the options are wrong; `bad-data`
 * where the groups cannot be divided, for instance when there is only one
 */
export function splitValidation(dataset: Dataset, options: SplitValidationOptions): Dataset {
  const { fraction, seed, strata } = validate(splitValidationOptionsSchema, options, {
    code: "bad-argument",
    what: "options of splitValidation",
  });
  const { train, validation, ...others } = dataset.splits;
  if (validation !== undefined) {
    throw new VesaliusError("bad-argument", "the dataset already has a validation split", {
      where: dataset.name,
      fix: "use it: a second division would mix what others compare with",
    });
  }
  if (train === undefined)
    throw new VesaliusError("bad-argument", "there is no training split to divide", { where: dataset.name });
  const divided = holdOut(train, strataOf(train, strata), { fraction, seed, stream: "split-validation" });
  if (divided === undefined) throw undividable(dataset.name, linkedRows(train).length);
  const splits = { train: divided.kept, validation: { ...divided.heldOut, name: "validation" }, ...others };
  return { ...dataset, splits };
}

/** Shares of training, validation and, where there are three, test, as `80/10/10`; they may add up to anything. */
export const sharesSchema = z
  .string()
  .regex(/^\d+(\.\d+)?(\/\d+(\.\d+)?){1,2}$/, "write the shares of training, validation and test, such as 80/10/10")
  .refine((text) => text.split("/").every((part) => Number(part) > 0), "every share is more than 0");

/** Options of {@link splitDataset}. */
export const splitDatasetOptionsSchema = z.strictObject({
  shares: sharesSchema,
  seed: z.int().default(0),
  /** Column in whose proportions to divide; see {@link strataOf}. */
  strata: z.string().min(1).optional(),
});

/**
 * Divides data that come without splits into training, validation and, where three shares are given, test. Examples of
 * one group and those with identical content stay together; every part has the strata in proportion as far as the
 * groups allow. A part is named in the card, so that figures on it are not taken for those of an official split.
 *
 * @throws VesaliusError `bad-argument` where the data have splits already; `bad-data` where the groups cannot be divided
 */
export function splitDataset(dataset: Dataset, options: z.input<typeof splitDatasetOptionsSchema>): Dataset {
  const { shares, seed, strata } = validate(splitDatasetOptionsSchema, options, {
    code: "bad-argument",
    what: "options of splitDataset",
  });
  const { train, ...others } = dataset.splits;
  if (train === undefined || Object.keys(others).length > 0) {
    throw new VesaliusError(
      "bad-argument",
      `the data are divided already, into ${Object.keys(dataset.splits).join(", ")}`,
      {
        where: dataset.name,
        fix: (option) => `leave ${option("split")} out`,
      },
    );
  }
  const parts = shares.split("/").map(Number);
  const [training, validation, test = 0] = parts as [number, number, number?];
  const whole = training + validation + test;
  const units = linkedRows(train);
  const complete = completeStrata(strataOf(train, strata));
  const cut = (left: readonly (readonly number[])[], fraction: number, stream: string): number[] => {
    const rows = divideRows(left, complete, { fraction, seed, stream });
    if (rows === undefined) throw undividable(dataset.name, units.length);
    return rows;
  };
  const testRows = test === 0 ? [] : cut(units, test / whole, "split-test");
  const held = new Set(testRows);
  const left = units.filter((unit) => !held.has(unit[0]!));
  const validationRows = cut(left, validation / (whole - test), "split-validation");
  const trainRows = otherRows(train, [...testRows, ...validationRows]);
  const caution = `The data came without splits and were divided ${shares} with seed ${seed}.`;
  return {
    ...dataset,
    card: { ...dataset.card, cautions: [...dataset.card.cautions, caution] },
    splits: {
      train: takeRows(train, trainRows),
      validation: { ...takeRows(train, validationRows), name: "validation" },
      ...(test === 0 ? {} : { test: { ...takeRows(train, testRows), name: "test" } }),
    },
  };
}
