import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";
import type { DatasetCard } from "../../dataset-card.ts";
import { bareName, splitNamed, usualSplit } from "../../files/names.ts";
import { namesPeople } from "../../files/people.ts";
import { chooseGroup, groupsOf, personalFields } from "./groups.ts";
import { fieldNamed, fieldsByBareName, numberOf, type Records, textOf } from "./records.ts";

/** Settings about what stands around the columns of records. */
export const roleSettings = {
  /** Column that names the split of each example; `split`, `set` and the like are found without it. */
  splitColumn: z.string().min(1).optional(),
  /** Column of identifiers; `id` and the like are found without it. */
  idColumn: z.string().min(1).optional(),
  /** Column whose examples stay together (patient, scaffold, family); found by the card or by habit without it. */
  groupColumn: z.string().min(1).optional(),
  /** Columns for subgroups; every column that could be one without it. */
  attributes: z.array(z.string().min(1)).optional(),
  /** Keep examples with these values only: `{ answer_type: CLOSED }`. */
  only: z.record(z.string(), z.union([z.string(), z.array(z.string()).min(1)])).optional(),
};

/** Settings about what stands around the columns, defaults filled in. */
export type RoleSettings = z.output<z.ZodObject<typeof roleSettings>>;

const SPLIT_NAMES = ["split", "set", "subset", "partition", "phase", "data_split", "split_name", "dataset_split"];
/** Columns that number folds more often than they name splits, and are splits only where they do. */
const FOLD_NAMES = ["fold", "folds", "usage", "dataset"];
const ID_NAMES = ["id", "_id", "qid", "uid", "uuid", "guid", "identifier", "example_id", "ecg_id", "realidx"];

/** Fields by the role that they play. */
export interface Roles {
  readonly splits: readonly string[];
  readonly ids: readonly string[];
  /** Whether the identifiers are numbers, for want of a column that names examples. */
  readonly numbered: boolean;
  readonly groups: readonly string[] | undefined;
  /** Fields that have a role, and those that name people, which must not show up anywhere. */
  readonly used: ReadonlySet<string>;
  /** Field of the groups: it may be a text or an image of the example too. */
  readonly groupField: string | undefined;
  readonly cautions: readonly string[];
}

function byHabit({ fields }: Records, names: readonly string[]): string | undefined {
  const bare = fieldsByBareName(fields);
  for (const name of names) if (bare.has(bareName(name))) return bare.get(bareName(name));
  return undefined;
}

/** A field called `mol_id`, `Compound ID` or the like, whose values are all there and all different. */
const uniqueIdentifier = (records: Records): string | undefined =>
  [...records.fields].find(
    ([name, cells]) =>
      /[_ -]id$/i.test(name) &&
      !namesPeople(name) &&
      !cells.includes(null) &&
      new Set(cells.map(textOf)).size === records.length,
  )?.[0];

function complete(records: Records, field: string, what: string): string[] {
  return records.fields.get(field)!.map((cell, row) => {
    const text = textOf(cell);
    if (text !== undefined && text !== "") return text;
    throw new VesaliusError("bad-data", `the ${what} is missing (column ${field})`, {
      where: records.whereOf(row),
      fix: `fill the cell, drop the row, or drop the column ${field}`,
    });
  });
}

/** The column that names splits: one that is called so, or one of folds or the like with nothing but usual names of splits. */
function splitField(records: Records): string | undefined {
  const called = byHabit(records, SPLIT_NAMES);
  if (called !== undefined) return called;
  const folds = byHabit(records, FOLD_NAMES);
  const names = folds === undefined ? [] : records.fields.get(folds)!.map((cell) => usualSplit(textOf(cell) ?? ""));
  return names.length > 0 && names.every((name) => name !== undefined) && names.includes("train") ? folds : undefined;
}

/** The column that numbers folds of a cross-validation: no split, and nothing to learn from. */
function foldField(records: Records): string | undefined {
  const field = byHabit(records, ["fold", "folds", "fold_id", "strat_fold", "cv_fold", "kfold"]);
  const numbered = field !== undefined && records.fields.get(field)!.every((cell) => Number.isInteger(numberOf(cell)));
  return numbered ? field : undefined;
}

/** So many rows of usual splits show that the others are meant to be so too. */
const fewestUsual = 5;

/** Refuses a split of one row beside those of the usual names: a cell in the wrong column. */
function checkSplits(records: Records, field: string, splits: readonly string[]): void {
  if (splits.filter((split) => usualSplit(split) === split).length < fewestUsual) return;
  const counts = new Map<string, number>();
  for (const split of splits) counts.set(split, (counts.get(split) ?? 0) + 1);
  const row = splits.findIndex((split) => counts.get(split) === 1 && usualSplit(split) === undefined);
  if (row < 0) return;
  throw new VesaliusError("bad-data", `no other row has what the column ${field} says of the split`, {
    where: records.whereOf(row),
    fix: "write train, validation or test; a part of another name needs several rows",
  });
}

/** FLIP's tables say in a second column which training rows are for validation. */
function splitsOf(records: Records, field: string | undefined, used: Set<string>): string[] {
  if (field === undefined) return records.splitOfFile.map((split) => split ?? "train");
  used.add(field);
  const splits = complete(records, field, "split").map(splitNamed);
  checkSplits(records, field, splits);
  const validation = byHabit(records, ["validation"]);
  const flags = validation === undefined ? undefined : records.fields.get(validation)!.map(numberOf);
  if (
    validation === undefined ||
    !flags!.every((flag) => flag === undefined || Number.isNaN(flag) || [0, 1].includes(flag))
  )
    return splits;
  used.add(validation);
  return splits.map((split, row) => (split === "train" && flags![row] === 1 ? "validation" : split));
}

/**
 * Finds split, identifier and group of records. Whatever names people (patient, mrn, name) is never handed on but as the
 * group; see {@link chooseGroup}.
 *
 * @param files field that names files
 * @throws VesaliusError `bad-data` for a column that is named and absent, or a missing split or identifier
 */
export function rolesOf(records: Records, settings: RoleSettings, card: DatasetCard, files?: string): Roles {
  const used = new Set<string>();
  const given = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : fieldNamed(records, name);
  const people = personalFields(records, files);
  const idField = given(settings.idColumn) ?? byHabit(records, ID_NAMES) ?? uniqueIdentifier(records);
  const splits = splitsOf(records, given(settings.splitColumn) ?? splitField(records), used);
  const folds = foldField(records);
  if (folds !== undefined && !used.has(folds)) used.add(folds);
  const { field: groupField, cautions } = chooseGroup(records, people, settings.groupColumn, card, splits);
  for (const field of people) used.add(field);
  if (idField !== undefined) used.add(idField);
  const named = idField !== undefined && !people.includes(idField);
  const ids = named ? identifiers(records, idField, splits) : numbered(records, splits);
  // One group for each example says nothing.
  const single = groupField === undefined || (named && groupField === idField);
  const grouped = single ? undefined : groupsOf(records, groupField, ids);
  return {
    splits,
    ids,
    numbered: !named,
    groups: grouped?.groups,
    groupField,
    used,
    cautions: [
      ...cautions,
      ...(folds === undefined || settings.splitColumn !== undefined
        ? []
        : [`The column ${folds} numbers folds and names no split: it was left out.`]),
      ...(idField === undefined || named
        ? []
        : [`The column ${idField} names people: examples are numbered in place of it.`]),
      ...(grouped === undefined || grouped.without === 0
        ? []
        : [`${grouped.without} examples have no ${groupField} and are groups of their own.`]),
    ],
  };
}

/** What the card of a dataset is told of the groups. */
export const groupedBy = ({ groups, groupField }: Roles): { readonly groupedBy?: string } =>
  groups === undefined || groupField === undefined ? {} : { groupedBy: groupField };

/** Identifiers of a field. Files that each count from 0 are told apart by their split. */
function identifiers(records: Records, field: string, splits: readonly string[]): string[] {
  const ids = complete(records, field, "identifier");
  const named = ids.map((id, row) => `${splits[row]}/${id}`);
  return new Set(ids).size < ids.length && new Set(named).size === ids.length ? named : ids;
}

/**
 * Names of the examples' files, where each has one of its own: what a person knows them by.
 *
 * @param field that names files
 */
export function ownFiles(records: Records, field: string | undefined): string[] | undefined {
  if (field === undefined || namesPeople(field)) return undefined;
  const names = records.fields.get(fieldNamed(records, field))!.map((cell) => textOf(cell) ?? "");
  return names.length > 0 && !names.includes("") && new Set(names).size === names.length ? names : undefined;
}

/** Examples by the file and the row that they stand in; by split and position where files have one name. */
function numbered(records: Records, splits: readonly string[]): string[] {
  const places = splits.map((_, row) =>
    records
      .whereOf(row)
      .replace(/^.*[\\/]/, "")
      .replace(", row ", " row "),
  );
  if (new Set(places).size === places.length) return places;
  const next = new Map<string, number>();
  return splits.map((split) => {
    const index = next.get(split) ?? 0;
    next.set(split, index + 1);
    return `${split}/${index}`;
  });
}

/** Rows that have the values asked for. */
export function rowsOnly(records: Records, only: RoleSettings["only"]): number[] | undefined {
  if (only === undefined) return undefined;
  const wanted = Object.entries(only).map(([name, values]) => ({
    cells: records.fields.get(fieldNamed(records, name))!,
    values: new Set(Array.isArray(values) ? values : [values]),
  }));
  return Array.from({ length: records.length }, (_, row) => row).filter((row) =>
    wanted.every(({ cells, values }) => values.has(textOf(cells[row]!) ?? "")),
  );
}
