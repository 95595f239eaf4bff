import { namesPeople } from "../files/people.ts";
import { tellsApart } from "../telling-apart.ts";

/**
 * Summary of an attribute column: range and mean of numbers, counts of a few text values, only the number of distinct
 * values where there are many, since those can be names or identifiers.
 */
export type AttributeSummary =
  | {
      readonly kind: "categories";
      readonly counts: Readonly<Record<string, number>>;
      /** Values that one example has, which are not repeated. */
      readonly rare?: number;
      readonly missing: number;
    }
  | { readonly kind: "text"; readonly distinct: number; readonly missing: number }
  | {
      readonly kind: "numbers";
      readonly min: number;
      readonly max: number;
      readonly mean: number;
      readonly missing: number;
    };

/** Texts of which there are more than this are not listed: they can be names. */
const MOST_CATEGORIES = 20;

/** Summarises one attribute without giving away who it is about. */
export function summariseAttribute(name: string, column: readonly (string | number | null)[]): AttributeSummary {
  const values = column.filter((value) => value !== null);
  const missing = column.length - values.length;
  if (namesPeople(name) || tellsApart(column)) return { kind: "text", distinct: new Set(values).size, missing };
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length > 0 && numbers.length === values.length) {
    const min = numbers.reduce((a, b) => Math.min(a, b));
    const max = numbers.reduce((a, b) => Math.max(a, b));
    return { kind: "numbers", min, max, mean: numbers.reduce((a, b) => a + b, 0) / numbers.length, missing };
  }
  const counts = new Map<string, number>();
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  if (counts.size > MOST_CATEGORIES) return { kind: "text", distinct: counts.size, missing };
  const several = [...counts].filter(([, count]) => count > 1).sort(([a], [b]) => (a < b ? -1 : 1));
  const rare = counts.size - several.length;
  return { kind: "categories", counts: Object.fromEntries(several), ...(rare === 0 ? {} : { rare }), missing };
}
