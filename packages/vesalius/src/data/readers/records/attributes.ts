import { refusePersonal } from "./groups.ts";
import { bareName } from "../../files/names.ts";
import { SUBGROUPS } from "./infer-labels.ts";
import { fieldNamed, numberOf, type Records, textOf } from "./records.ts";

/** Texts of which there are more different ones than this, and nearly as many as rows, are no subgroups. */
const MOST_LEVELS = 20;

/** Of more fields than this nobody compares subgroups; only those that are usually subgroups become attributes then. */
const MOST_ATTRIBUTES = 200;

/**
 * Which fields become attributes where nobody names them, and what is said of the others.
 *
 * @param suggested fields that by their values could make subgroups
 */
export function usualAttributes(suggested: readonly string[]): {
  readonly fields: readonly string[];
  readonly cautions: readonly string[];
} {
  if (suggested.length <= MOST_ATTRIBUTES) return { fields: suggested, cautions: [] };
  const fields = suggested.filter((field) => SUBGROUPS.has(bareName(field))).slice(0, MOST_ATTRIBUTES);
  const left = suggested.length - fields.length;
  return {
    fields,
    cautions: [
      `${left} columns that could make subgroups are no attributes; the option attributes names those that are.`,
    ],
  };
}

/** A field for subgroups: numbers where every value is one, else texts. */
export function attributeOf(records: Records, field: string): (string | number | null)[] {
  const cells = records.fields.get(field)!;
  const numbers = cells.map((cell) => (typeof cell === "boolean" ? undefined : numberOf(cell)));
  if (numbers.every((value) => value !== undefined))
    return numbers.map((value) => (Number.isNaN(value) ? null : value));
  return cells.map((cell) => textOf(cell) ?? null);
}

/** Whether the values of a field are nearly all different, so that they name examples and not groups of them. */
export function isIdentifying(values: readonly (string | number | null)[]): boolean {
  const found = values.filter((value) => value !== null);
  const distinct = new Set(found).size;
  return distinct > MOST_LEVELS && distinct > found.length / 2;
}

/**
 * Attributes of records, and which fields could not be one.
 *
 * @param named fields that are asked for; all candidates without it
 * @param candidates fields that play no other role
 * @throws VesaliusError `bad-argument` for a named field that says who somebody is
 */
export function attributesOf(
  records: Records,
  named: readonly string[] | undefined,
  candidates: readonly string[],
): { readonly attributes: Record<string, (string | number | null)[]>; readonly leftOut: readonly string[] } {
  const attributes: Record<string, (string | number | null)[]> = {};
  const leftOut: string[] = [];
  for (const field of named?.map((name) => fieldNamed(records, name)) ?? candidates) {
    refusePersonal(field, "an attribute: its values would stand in reports");
    const values = attributeOf(records, field);
    const plain = records.fields.get(field)!.every((cell) => !Array.isArray(cell));
    const texts = values.some((value) => typeof value === "string");
    const empty = values.every((value) => value === null);
    if (plain && !empty && !(texts && isIdentifying(values))) attributes[field] = values;
    else leftOut.push(field);
  }
  return { attributes, leftOut };
}
