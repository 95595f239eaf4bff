import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";
import { categoriesColumn } from "../../columns/categories.ts";
import { eventsColumn } from "../../columns/events.ts";
import { moleculesColumn } from "../../columns/molecules.ts";
import { smilesFault } from "../../columns/smiles-syntax.ts";
import { numbersColumn } from "../../columns/numbers.ts";
import { type SequenceAlphabet, sequencesColumn } from "../../columns/sequences.ts";
import { textsColumn } from "../../columns/texts.ts";
import type { DatasetCard } from "../../dataset-card.ts";
import type { DatasetFolder } from "../../files/dataset-folder.node.ts";
import type { ColumnMaker } from "../examples.ts";
import { imageFileColumn, imageSettings } from "../image-columns.node.ts";
import { declaredClasses, declaredLabels } from "./declared-classes.ts";
import { declaredMasks } from "./declared-masks.node.ts";
import { declaredSpans } from "./declared-spans.ts";
import { type Cell, fieldNamed, numberOf, type Records, textOf } from "./records.ts";

const field = z.string().min(1);
const fields = z.union([field, z.array(field).min(1)]);

/** How a column is made of fields of records, as recipes write it. */
export const columnDeclaration = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("texts"),
    /** One field, or several whose texts are joined by a space: a question and its answer, a title and its abstract. */
    from: fields,
  }),
  z.strictObject({ kind: z.literal("numbers"), from: fields }),
  z.strictObject({ kind: z.literal("categories"), from: fields }),
  z.strictObject({
    kind: z.literal("classes"),
    from: field,
    /** Names by class index; those that occur in training without it. */
    names: z.array(z.string().min(1)).min(1).optional(),
    ordered: z.boolean().default(false),
    /** Take names that differ in case and spaces for one class. */
    foldCase: z.boolean().default(false),
    /** Training examples that a class must have to be one of its own. */
    least: z.int().min(1).default(1),
    /** What becomes of values that are no class: refused, missing, or a class `(other)`. */
    others: z.enum(["error", "missing", "class"]).default("error"),
  }),
  z.strictObject({
    kind: z.literal("labels"),
    /** One field that lists labels, or one field of 0 and 1 for each. */
    from: fields,
    /** What separates the labels of a text (`Effusion|Mass`). */
    separator: z.string().min(1).optional(),
    names: z.array(z.string().min(1)).min(1).optional(),
    least: z.int().min(1).default(1),
  }),
  z.strictObject({
    kind: z.literal("sequences"),
    from: field,
    alphabet: z.enum(["dna", "rna", "protein"]),
  }),
  z.strictObject({ kind: z.literal("molecules"), from: field }),
  z.strictObject({ kind: z.literal("events"), time: field, event: field }),
  z.strictObject({ kind: z.literal("images"), from: field, ...imageSettings }),
  z.strictObject({
    kind: z.literal("masks"),
    from: field,
    /** Names by class index, the background first; found by the values without it. */
    classes: z.array(z.string().min(1)).min(2).optional(),
    /** Value in the files that stands for each class; the class index without it. */
    values: z.array(z.int().min(0).max(255)).min(2).optional(),
    /** Whether values number objects, which are then all of the second class. */
    instances: z.boolean().optional(),
    size: imageSettings.size,
  }),
  z.strictObject({
    kind: z.literal("spans"),
    from: field,
    /** Field of the text that the spans mark. */
    text: field.default("text"),
    /** What `start` and `end` count: characters (code points, as Python counts) or UTF-16 units (as JavaScript does). */
    offsets: z.enum(["characters", "utf16"]).default("characters"),
  }),
]);

/** How a column is made of fields of records. */
export type ColumnDeclaration = z.output<typeof columnDeclaration>;

/** What making columns needs beside the records. */
export interface ColumnContext {
  readonly records: Records;
  readonly splits: readonly string[];
  readonly card: DatasetCard;
  readonly folder: DatasetFolder;
}

/** A column before it is put into splits. */
export interface PreparedColumn {
  readonly make: ColumnMaker;
  readonly cautions?: readonly string[];
}

/** Values of a field that must be numbers. */
function numbersOf(records: Records, name: string): number[] {
  return records.fields.get(name)!.map((cell, row) => {
    const value = numberOf(cell);
    // A value beyond those of 32 bits would become infinite.
    const tooLarge = value !== undefined && Math.abs(Math.fround(value)) === Infinity;
    if (value !== undefined && !tooLarge) return value;
    const what = tooLarge ? "a number beyond 3.4e38" : "something that is no number";
    throw new VesaliusError("bad-data", `the column ${name} holds ${what}`, {
      where: records.whereOf(row),
      fix: "correct the cell, or leave it empty where the value is missing",
    });
  });
}

function numbers(records: Records, names: readonly string[]): PreparedColumn {
  const values = names.map((name) => numbersOf(records, name));
  return {
    make: (rows) =>
      numbersColumn(
        names,
        rows.length,
        rows.flatMap((row) => values.map((column) => column[row]!)),
      ),
  };
}

/** Levels in number order where all are numbers. */
export function levelsOf(cells: readonly Cell[]): string[] {
  const texts = [...new Set(cells.flatMap((cell) => textOf(cell) ?? []))];
  const numeric = texts.every((text) => Number.isFinite(Number(text)));
  return numeric ? texts.sort((a, b) => Number(a) - Number(b)) : texts.sort();
}

function categories(records: Records, names: readonly string[]): PreparedColumn {
  const cells = names.map((name) => records.fields.get(name)!);
  const levels = cells.map(levelsOf);
  const index = levels.map((texts) => new Map(texts.map((text, level) => [text, level])));
  return {
    make: (rows) =>
      categoriesColumn(
        names,
        levels,
        rows.length,
        rows.flatMap((row) => cells.map((column, i) => index[i]!.get(textOf(column[row]!) ?? "") ?? -1)),
      ),
  };
}

function events(records: Records, time: string, event: string): PreparedColumn {
  const times = numbersOf(records, time);
  const marks = numbersOf(records, event);
  for (const [row, mark] of marks.entries()) {
    const missing = Number.isNaN(mark) !== Number.isNaN(times[row]);
    if (!missing && (Number.isNaN(mark) || ((mark === 0 || mark === 1) && times[row]! >= 0))) continue;
    throw new VesaliusError(
      "bad-data",
      missing ? "time or event is missing" : "the time is negative, or the event is neither 1 (observed) nor 0",
      { where: records.whereOf(row) },
    );
  }
  return {
    make: (rows) =>
      eventsColumn(
        rows.map((row) => times[row]!),
        rows.map((row) => marks[row]!),
      ),
  };
}

const strings = (
  records: Records,
  name: string,
  make: (values: (string | null)[]) => ReturnType<ColumnMaker>,
): PreparedColumn => {
  const values = records.fields.get(name)!.map((cell) => textOf(cell) ?? null);
  return { make: (rows) => make(rows.map((row) => values[row]!)) };
};

async function images(context: ColumnContext, name: string, settings: z.output<z.ZodObject<typeof imageSettings>>) {
  const { records, folder } = context;
  const cells = records.fields.get(name)!;
  const missing = cells.findIndex((cell) => typeof cell !== "string");
  if (missing >= 0) {
    throw new VesaliusError("bad-data", `the column ${name} names no image`, {
      where: records.whereOf(missing),
      fix: "name a file in every row, or read the column as another kind",
    });
  }
  const paths = await Promise.all(cells.map((cell, row) => folder.place(String(cell), records.whereOf(row))));
  return imageFileColumn(paths, settings, folder.budget, folder.path);
}

/** Texts of several fields of a record as one; null where all are missing. */
function joinedTexts(records: Records, names: readonly string[]): PreparedColumn {
  const columns = names.map((name) => records.fields.get(name)!);
  const values = columns[0]!.map((_, row) => {
    const parts = columns.flatMap((column) => textOf(column[row]!) ?? []);
    return parts.length === 0 ? null : parts.join(" ");
  });
  return { make: (rows) => textsColumn(rows.map((row) => values[row]!)) };
}

/** Refuses a molecule whose notation is not well-formed, with its row. */
function checkMolecules(records: Records, name: string): void {
  for (const [row, cell] of records.fields.get(name)!.entries()) {
    const fault = smilesFault(textOf(cell) ?? "");
    if (fault === undefined) continue;
    throw new VesaliusError("bad-data", `the SMILES is not well-formed: ${fault}`, {
      where: `${records.whereOf(row)}, column ${name}`,
      fix: (option) =>
        `correct the cell or leave it empty; what the column holds otherwise is said with ${option("columns")}`,
    });
  }
}

/**
 * Prepares a column as it is declared.
 *
 * @throws VesaliusError `bad-data` for an absent field or a value that does not fit, with its row
 */
export async function declaredColumn(context: ColumnContext, declaration: ColumnDeclaration): Promise<PreparedColumn> {
  const { records } = context;
  const named = (name: string): string => fieldNamed(records, name);
  const all = (from: string | readonly string[]): string[] => (typeof from === "string" ? [from] : from).map(named);
  switch (declaration.kind) {
    case "texts":
      return joinedTexts(records, all(declaration.from));
    case "molecules":
      checkMolecules(records, named(declaration.from));
      return strings(records, named(declaration.from), moleculesColumn);
    case "sequences": {
      const alphabet: SequenceAlphabet = declaration.alphabet;
      return strings(records, named(declaration.from), (values) => sequencesColumn(alphabet, values));
    }
    case "numbers":
      return numbers(records, all(declaration.from));
    case "categories":
      return categories(records, all(declaration.from));
    case "events":
      return events(records, named(declaration.time), named(declaration.event));
    case "classes":
      return declaredClasses(context, { ...declaration, from: named(declaration.from) });
    case "labels":
      return declaredLabels(context, { ...declaration, from: all(declaration.from) });
    case "images":
      return images(context, named(declaration.from), declaration);
    case "masks":
      return declaredMasks(context, { ...declaration, from: named(declaration.from) });
    case "spans":
      return declaredSpans(context, { ...declaration, from: named(declaration.from), text: named(declaration.text) });
    default:
      throw new VesaliusError("bad-configuration", "this kind of column is not made of records");
  }
}
