import { groupBy } from "../../../common/group-by.ts";
import { fewOf } from "../../columns/few-of.ts";

/** Spellings of a number, such as `1` and `1.0`, that were read as one class: said where there are several. */
export function mergedNumbers(texts: readonly (string | undefined)[]): string[] {
  const spellings = new Map<string, Set<string>>();
  for (const text of texts) {
    if (text === undefined) continue;
    const number = String(Number(text));
    spellings.set(number, (spellings.get(number) ?? new Set()).add(text));
  }
  return [...spellings.values()].filter(({ size }) => size > 1).map((same) => [...same].sort().join(" and "));
}

/** A name without what people write differently: case, blanks and what stands between words, `1` and `1.0`. */
function looseName(name: string): string {
  const text = name
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, " ")
    .trim();
  return text !== "" && Number.isFinite(Number(text)) ? String(Number(text)) : text;
}

/** Says which names could be meant as one; those that single examples have alone are counted and not repeated. */
export function alikeCautions(names: readonly string[], what: string, given: Iterable<string>): string[] {
  const groups = groupBy(names, looseName);
  const counts = new Map<string, number>();
  for (const name of given) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...groups.values()]
    .filter(({ length }) => length > 1)
    .map((same) => {
      const rare = same.every((name) => counts.get(name) === 1);
      const named = rare ? fewOf(same, new Set(same)) : same.join(" and ");
      return same.every((name) => name.toLowerCase() === same[0]!.toLowerCase())
        ? `The ${what} ${named} differ in case only.`
        : `The ${what} ${named} differ in how they are written only.`;
    });
}
