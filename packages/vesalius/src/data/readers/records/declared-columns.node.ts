import type { z } from "zod";
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
import { imageFileColumn, type imageSettings } from "../image-columns.node.ts";
import type { ColumnDeclaration } from "./column-declaration.node.ts";
import { declaredChoices } from "./declared-choices.ts";
import { declaredClasses, declaredLabels } from "./declared-classes.ts";
import { declaredDialogues } from "./declared-dialogues.ts";
import { declaredMasks } from "./declared-masks.node.ts";
import { declaredSpans } from "./declared-spans.ts";
import { type Cell, fieldNamed, fieldsUnder, numberOf, type Records, textOf } from "./records.ts";

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

/**
 * Values of a category by its name: of a field, or of a key of the objects that are named (`{ fever: true }`). What several
 * objects have under one key is one category, which each of them may state.
 *
 * @throws VesaliusError `bad-data` where two of them state different values of one row
 */
function categoryCells(records: Records, from: readonly string[]): ReadonlyMap<string, readonly Cell[]> {
  const found = new Map<string, readonly Cell[]>();
  for (const name of from) {
    const under = fieldsUnder(records, name);
    const fields = under.length > 0 ? under : [fieldNamed(records, name)];
    for (const field of fields) {
      const key = under.length > 0 ? field.slice(name.length + 1) : field;
      const [before, cells] = [found.get(key), records.fields.get(field)!];
      if (before === undefined) found.set(key, cells);
      else
        found.set(
          key,
          cells.map((cell, row) => {
            const other = before[row]!;
            if (cell === null || other === null || cell === other) return other ?? cell;
            throw new VesaliusError(
              "bad-data",
              `two different values of one category are stated in ${from.join(" and ")}`,
              {
                where: records.whereOf(row),
                fix: "correct one of them, or read one of the fields only",
              },
            );
          }),
        );
    }
  }
  return found;
}

function categories(records: Records, from: readonly string[]): PreparedColumn {
  const found = categoryCells(records, from);
  const [names, cells] = [[...found.keys()], [...found.values()]];
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

/** Fields of the flags that an object of the records holds under one name: `{ fever: true, cough: false }`. */
function flagsOf(
  records: Records,
  { from, names }: Extract<ColumnDeclaration, { kind: "labels" }>,
): { readonly from: string[]; readonly names?: string[] } {
  const under = typeof from === "string" ? fieldsUnder(records, from) : [];
  if (under.length === 0) return { from: [from].flat().map((name) => fieldNamed(records, name)) };
  return { from: under, names: names ?? under.map((field) => field.slice(from.length + 1)) };
}

/** The fields of the records that a declaration reads, those of an object by its name. */
export function declaredFields(records: Records, declaration: ColumnDeclaration): string[] {
  if (declaration.kind === "events") return [declaration.time, declaration.event];
  const more = [
    ...("answer" in declaration && declaration.answer !== undefined ? [declaration.answer] : []),
    ...(declaration.kind === "choices" && declaration.text !== undefined ? [declaration.text] : []),
    ...("reply" in declaration && declaration.reply !== undefined ? [declaration.reply] : []),
  ];
  return [declaration.from, ...more].flat().flatMap((name) => {
    if (records.fields.has(name)) return name;
    const under = fieldsUnder(records, name);
    return under.length > 0 ? under : [fieldNamed(records, name)];
  });
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
      return categories(records, [declaration.from].flat());
    case "events":
      return events(records, named(declaration.time), named(declaration.event));
    case "classes":
      return declaredClasses(context, { ...declaration, from: named(declaration.from) });
    case "labels":
      return declaredLabels(context, { ...declaration, ...flagsOf(records, declaration) });
    case "images":
      return images(context, named(declaration.from), declaration);
    case "masks":
      return declaredMasks(context, { ...declaration, from: named(declaration.from) });
    case "choices":
      return declaredChoices(context, {
        ...declaration,
        ...(declaration.answer === undefined ? {} : { answer: named(declaration.answer) }),
        ...(declaration.text === undefined ? {} : { text: named(declaration.text) }),
      });
    case "dialogues":
      return declaredDialogues(context, {
        ...declaration,
        from: all(declaration.from),
        ...(declaration.reply === undefined ? {} : { reply: named(declaration.reply) }),
      });
    case "spans":
      return declaredSpans(context, { ...declaration, from: named(declaration.from), text: named(declaration.text) });
    default:
      throw new VesaliusError("bad-configuration", "this kind of column is not made of records");
  }
}
