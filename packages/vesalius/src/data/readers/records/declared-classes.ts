import { VesaliusError } from "../../../common/errors.ts";
import { cardClassNames, classIndex, distinctClassNames } from "../../class-names.ts";
import { classesColumn, OTHER_CLASS } from "../../columns/classes.ts";
import { labelsColumn } from "../../columns/labels.ts";
import { alikeCautions, mergedNumbers } from "./class-spellings.ts";
import type { ColumnDeclaration } from "./column-declaration.node.ts";
import type { ColumnContext, PreparedColumn } from "./declared-columns.node.ts";
import { numberOf, type Records, textOf } from "./records.ts";

type Classes = Extract<ColumnDeclaration, { kind: "classes" }>;
type Labels = Omit<Extract<ColumnDeclaration, { kind: "labels" }>, "from"> & { readonly from: readonly string[] };

/** Names that occur at least so often in training; everywhere, where there is no training split. */
function frequentNames(values: readonly (readonly string[])[], splits: readonly string[], least: number): string[] {
  const training = splits.includes("train");
  const counts = new Map<string, number>();
  for (const [row, names] of values.entries()) {
    if (training && splits[row] !== "train") continue;
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return distinctClassNames([...counts].filter(([, count]) => count >= least).map(([name]) => name));
}

/** Values of a field as class names; `1.0` and `1` are one where all are numbers, which is said. */
function classTexts(
  records: Records,
  field: string,
  foldCase: boolean,
): { readonly texts: (string | undefined)[]; readonly cautions: string[] } {
  const texts = records.fields.get(field)!.map((cell) => {
    const text = textOf(cell)?.trim();
    return foldCase ? text?.toLowerCase().replace(/\s+/g, " ") : text;
  });
  const whole = texts.every((text) => text === undefined || (text !== "" && Number.isInteger(Number(text))));
  if (!whole) return { texts, cautions: [] };
  return {
    texts: texts.map((text) => (text === undefined ? undefined : String(Number(text)))),
    cautions: mergedNumbers(texts).map((same) => `The labels ${same} were read as one class.`),
  };
}

/** What {@link preparedClasses} makes classes of. */
export interface ClassTexts {
  /** Class of each row as the data write it; undefined where one is missing. */
  readonly texts: readonly (string | undefined)[];
  /** Split of each row: where others are allowed, training decides which classes there are. */
  readonly splits: readonly string[];
  /** Names by class index, where they are known. */
  readonly stated: readonly string[] | undefined;
  whereOf(row: number): string;
}

/**
 * Prepares a column of classes.
 *
 * @throws VesaliusError `bad-data` with the row of a value that is no class
 */
export function preparedClasses(
  { texts, splits, stated, ...place }: ClassTexts,
  { ordered, least, others }: Pick<Classes, "ordered" | "least" | "others">,
): PreparedColumn {
  const all = texts.map((text) => (text === undefined ? [] : [text]));
  const found = stated ?? frequentNames(all, others === "error" ? [] : splits, least);
  const names = others === "class" && !found.includes(OTHER_CLASS) ? [...found, OTHER_CLASS] : found;
  const known = new Set(found);
  const indices = texts.map((text, row) => {
    if (text === undefined) return null;
    if (others !== "error" && !known.has(text)) return others === "class" ? names.indexOf(OTHER_CLASS) : null;
    return classIndex(text, names, place.whereOf(row));
  });
  return {
    make: (rows) =>
      classesColumn(
        names,
        rows.map((row) => indices[row]!),
        { ordered },
      ),
    cautions: alikeCautions(
      names,
      "classes",
      texts.filter((text) => text !== undefined),
    ),
  };
}

/** Classes of one field. Without names they are the card's, or those that occur. */
export function declaredClasses(
  { records, splits, card }: Pick<ColumnContext, "records" | "splits" | "card">,
  declaration: Classes,
): PreparedColumn {
  const { from, foldCase } = declaration;
  const { texts, cautions } = classTexts(records, from, foldCase);
  const prepared = preparedClasses(
    {
      texts,
      splits,
      stated: declaration.names ?? (from.toLowerCase() === "label" ? cardClassNames(card) : undefined),
      whereOf: (row) => `${records.whereOf(row)}, column ${from}`,
    },
    declaration,
  );
  return { ...prepared, cautions: [...cautions, ...(prepared.cautions ?? [])] };
}

/** Classes of one field as they are written, every value a class. */
export const declaredClassesOf = (
  context: Pick<ColumnContext, "records" | "splits" | "card">,
  from: string,
  names?: readonly string[],
): PreparedColumn =>
  declaredClasses(context, {
    kind: "classes",
    from,
    ...(names === undefined ? {} : { names: [...names] }),
    ordered: false,
    foldCase: false,
    least: 1,
    others: "error",
  });

/** Several labels at once: one field of 0 and 1 for each, or one field that lists those that are given. */
export function declaredLabels(context: ColumnContext, declaration: Labels): PreparedColumn {
  return declaration.from.length > 1 ? flagLabels(context, declaration) : listedLabels(context, declaration);
}

function flagLabels({ records }: ColumnContext, { from, names: given }: Labels): PreparedColumn {
  const names = given ?? from;
  if (names.length !== from.length) {
    throw new VesaliusError(
      "bad-configuration",
      `${names.length} names are given for ${from.length} columns of labels`,
    );
  }
  const flags = from.map((field) =>
    records.fields.get(field)!.map((cell, row) => {
      const value = numberOf(cell);
      if (value === 0 || value === 1) return value;
      if (Number.isNaN(value)) return -1;
      throw new VesaliusError("bad-data", `the column ${field} holds something else than 0, 1 and nothing`, {
        where: records.whereOf(row),
      });
    }),
  );
  return {
    make: (rows) =>
      labelsColumn(names, rows.length, Int8Array.from(rows.flatMap((row) => flags.map((column) => column[row]!)))),
  };
}

function listedLabels({ records, splits }: ColumnContext, declaration: Labels): PreparedColumn {
  const field = declaration.from[0]!;
  const { separator, least } = declaration;
  const given = records.fields.get(field)!.map((cell) => {
    if (cell === null) return undefined;
    const parts = Array.isArray(cell) ? cell.map(String) : String(cell).split(separator ?? "|");
    return parts.flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
  });
  const names =
    declaration.names ??
    frequentNames(
      given.map((labels) => labels ?? []),
      splits,
      least,
    );
  const index = new Map(names.map((name, i) => [name, i]));
  let dropped = 0;
  for (const labels of given) for (const label of labels ?? []) if (!index.has(label)) dropped++;
  return {
    make: (rows) => {
      const values = new Int8Array(rows.length * names.length);
      for (const [i, row] of rows.entries()) {
        const labels = given[row];
        if (labels === undefined) values.fill(-1, i * names.length, (i + 1) * names.length);
        for (const label of labels ?? []) if (index.has(label)) values[i * names.length + index.get(label)!] = 1;
      }
      return labelsColumn(names, rows.length, values);
    },
    cautions: [
      ...alikeCautions(
        names,
        "labels",
        given.flatMap((labels) => labels ?? []),
      ),
      ...(dropped === 0 ? [] : [`${dropped} labels of ${field} are none of the ${names.length} and were left out.`]),
    ],
  };
}
