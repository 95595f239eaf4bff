import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { fewOf } from "../columns/few-of.ts";
import { kindOf } from "../columns/index.ts";
import type { DatasetCard } from "../dataset-card.ts";
import { namesPeople } from "../files/people.ts";
import type { Dataset, Split } from "../split.ts";
import { findLeaks, type Leak, leakageError } from "./leakage.ts";
import { rareNames } from "./rare-names.ts";
import { takeRows } from "./rows.ts";

/** Splits and tables as a reader found them. */
export interface DatasetParts {
  readonly name: string;
  readonly card: DatasetCard;
  /** What one example is, in the plural. */
  readonly unit: string;
  readonly splits: Readonly<Record<string, Split>>;
  readonly tables?: Readonly<Record<string, Split>>;
}

/** What {@link assembleDataset} tolerates, as recipes write it. */
export const assemblyShape = {
  /**
   * What to do where an example shares its group or its content with an example of another split: refuse, or leave
   * such training examples out. `allow-identical` refuses shared groups only, for data whose texts repeat by nature
   * (templates of reports), and counts the others.
   */
  leakage: z.enum(["error", "drop-from-train", "allow-identical"]).default("error"),
  /** Accept classes, labels and types without a training example. */
  allowMissingClasses: z.boolean().default(false),
  /** Accept data without a training split, for evaluation only. */
  allowMissingTrain: z.boolean().default(false),
};

/** What {@link assembleDataset} tolerates. */
export type AssemblyOptions = Partial<z.output<z.ZodObject<typeof assemblyShape>>>;

/** Checks that every part of a split has its length, and that no attribute says who somebody is. */
function checkSplit(split: Split, where: string, unit: string): void {
  const { length, ids, groups, attributes, columns } = split;
  if (length === 0) throw new VesaliusError("bad-data", `the split holds no ${unit}`, { where });
  const check = (name: string, found: number): void => {
    if (found === length) return;
    throw new VesaliusError("shape-mismatch", `there are ${length} ${unit} and ${found} values of ${name}`, { where });
  };
  check("ids", ids.length);
  check("groups", groups?.length ?? length);
  for (const [name, values] of Object.entries(attributes)) check(`attribute ${name}`, values.length);
  for (const [name, column] of Object.entries(columns)) check(`column ${name}`, column.length);
}

/** What is an attribute stands in reports. */
function checkAttributes({ attributes }: Split, where: string): void {
  const personal = Object.keys(attributes).filter(namesPeople);
  if (personal.length === 0) return;
  throw new VesaliusError("bad-data", `the attributes ${personal.join(", ")} name people, and would stand in reports`, {
    where,
    fix: "make the column the groups of the split, which keep together what belongs to one person",
  });
}

function checkIds(splits: readonly Split[], dataset: string): void {
  const seen = new Map<string, { split: string; row: number }>();
  for (const { name, ids } of splits) {
    for (const [row, id] of ids.entries()) {
      const before = seen.get(id);
      if (before !== undefined) {
        throw new VesaliusError(
          "bad-data",
          `row ${before.row + 1} of ${before.split} and row ${row + 1} of ${name} have the same id`,
          { where: dataset, fix: "give every example an id of its own, or leave the column of ids out" },
        );
      }
      seen.set(id, { split: name, row });
    }
  }
}

/** Columns of one name must be of one kind and mean the same in all splits. */
function checkColumns(splits: readonly Split[], dataset: string): void {
  const first = new Map<string, { split: string; kind: string }>();
  for (const { name: split, columns } of splits) {
    for (const [name, column] of Object.entries(columns)) {
      const before = first.get(name);
      if (before === undefined) first.set(name, { split, kind: column.kind });
      else if (before.kind !== column.kind) {
        throw new VesaliusError(
          "bad-data",
          `the column ${name} holds ${before.kind} in ${before.split} and ${column.kind} in ${split}`,
          { where: dataset },
        );
      }
    }
  }
  for (const name of first.keys()) {
    const columns = splits.flatMap((split) => split.columns[name] ?? []);
    const kind = kindOf(columns[0]!);
    try {
      kind.join(columns.map((column) => kind.take(column, [])));
    } catch (error) {
      if (!(error instanceof VesaliusError)) throw error;
      throw new VesaliusError(error.code, `the column ${name} differs between the splits: ${error.what}`, {
        where: dataset,
        cause: error,
      });
    }
  }
}

/** Rows of the first few examples of classes, for classes that are not named. */
function placesOf(classes: readonly string[], all: readonly Split[], name: string): string[] {
  const places = all.flatMap(({ name: split, columns }) => {
    const column = columns[name]!;
    const kind = kindOf(column);
    const names = kind.classNames?.(column) ?? [];
    const found = Array.from(kind.strata?.(column) ?? []);
    return classes.flatMap((one) => {
      const row = found.indexOf(names.indexOf(one));
      return row < 0 ? [] : [`row ${row + 1} of ${split}`];
    });
  });
  return places.slice(0, 5);
}

function checkUnused(train: Split, all: readonly Split[], { name: dataset, unit, card }: DatasetParts): void {
  for (const [name, column] of Object.entries(train.columns)) {
    const missing = kindOf(column).unused?.(column) ?? [];
    if (missing.length === 0) continue;
    const rare = rareNames(all, name, card);
    const places = placesOf(
      missing.filter((one) => rare.has(one)),
      all,
      name,
    );
    throw new VesaliusError("bad-data", `none of the training ${unit} has the class ${fewOf(missing, rare)}`, {
      where: [`${dataset}, column ${name}`, ...places].join(", "),
      fix: (option) =>
        `add examples, take the class out of the list, or accept that with ${option("allowMissingClasses", "true")}`,
    });
  }
}

function withoutLeaks(train: Split, leaks: readonly Leak[]): Split {
  const leaking = new Set(leaks.map(({ index }) => index));
  return takeRows(
    train,
    Array.from({ length: train.length }, (_, row) => row).filter((row) => !leaking.has(row)),
  );
}

/**
 * Puts splits together into a dataset after the checks that every dataset must pass, whoever made it: no empty split, no
 * id twice, columns that mean the same in every split, a training example of every class, and no group and no identical
 * content in two splits. The training split is the one called `train`.
 *
 * @throws VesaliusError `bad-data`, `shape-mismatch` or `data-leakage`; leaks between other splits than training are
 * never dropped, since that would change what is measured
 */
export function assembleDataset(parts: DatasetParts, options: AssemblyOptions = {}): Dataset {
  const { name, unit, tables = {} } = parts;
  const { train, ...others } = parts.splits;
  const held = Object.values(others);
  if (train === undefined && !(options.allowMissingTrain && held.length > 0)) {
    throw new VesaliusError("bad-data", "there is no training split", {
      where: held.length === 0 ? name : `${name}, which has the splits ${held.map((split) => split.name).join(", ")}`,
      fix: (option) =>
        `call one train, or open the data for evaluation only with ${option("allowMissingTrain", "true")}`,
    });
  }
  for (const split of Object.values(parts.splits)) {
    checkSplit(split, `${name}, split ${split.name}`, unit);
    checkAttributes(split, `${name}, split ${split.name}`);
  }
  for (const table of Object.values(tables)) {
    checkSplit(table, `${name}, table ${table.name}`, "entries");
    checkIds([table], `${name}, table ${table.name}`);
  }
  const all = [...(train === undefined ? [] : [train]), ...held];
  checkIds(all, name);
  checkColumns(all, name);
  const allowed = new Map<string, number>();
  const between = (split: Split, other: Split): Leak[] => {
    const leaks = findLeaks(split, other);
    if (options.leakage !== "allow-identical") return leaks;
    const counted = leaks.filter(({ reason }) => reason === "identical content").length;
    if (counted > 0) allowed.set(`${split.name} and ${other.name}`, counted);
    // A shared group counts where the content is the same too.
    return findLeaks({ ...split, columns: {} }, { ...other, columns: {} });
  };
  for (const [index, split] of held.entries()) {
    const leaks = held.slice(index + 1).flatMap((other) => between(split, other));
    if (leaks.length > 0) throw leakageError(leaks, name, unit, parts.card.groupingKey);
  }
  const leaks = train === undefined ? [] : held.flatMap((other) => between(train, other));
  const cautions = [...allowed].map(([pair, count]) => `${count} ${unit} of ${pair} have identical content.`);
  const carded = (more: readonly string[]): DatasetCard => ({
    ...parts.card,
    cautions: [...parts.card.cautions, ...cautions, ...more],
  });
  if (train === undefined) return { name, card: carded([]), unit, splits: others, tables };
  if (leaks.length > 0 && options.leakage !== "drop-from-train")
    throw leakageError(leaks, name, unit, parts.card.groupingKey);
  const kept = leaks.length === 0 ? train : withoutLeaks(train, leaks);
  if (kept.length === 0)
    throw new VesaliusError("bad-data", `none of the training ${unit} is left without leakage`, {
      where: name,
      fix: "correct the splits: keep a group (such as a patient) in one",
    });
  if (!options.allowMissingClasses) checkUnused(kept, all, parts);
  const dropped = train.length - kept.length;
  const said = `${dropped} training ${unit} were left out because their group or content is in another split.`;
  return { name, card: carded(dropped === 0 ? [] : [said]), unit, splits: { train: kept, ...others }, tables };
}
