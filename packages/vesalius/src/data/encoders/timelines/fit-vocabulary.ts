import { VesaliusError } from "../../../common/errors.ts";
import type { Column } from "../../column.ts";
import { quantile } from "../../columns/quantile.ts";
import { codeKey, type TimelinesColumn } from "../../columns/timelines.ts";
import type { TimelineSettings } from "./settings.ts";

/** Fewest values of a code from which bounds of bins are learned. */
const fewestValues = 10;

/** In how many timelines each code occurs. */
export function timelineCounts(
  columns: readonly TimelinesColumn[],
  categories?: readonly string[],
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { codes, codeOf, offsets, length } of columns)
    for (let row = 0; row < length; row++)
      for (const code of new Set(codeOf.subarray(offsets[row], offsets[row + 1]))) {
        if (categories !== undefined && !categories.includes(codes[code]!.category)) continue;
        const key = codeKey(codes[code]!);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
  return counts;
}

/** Codes by falling number of timelines, equally frequent ones by their letters. */
export const byFrequency = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([key]) => key);

/** Values of each code in each unit. */
function valuesByCode(columns: readonly TimelinesColumn[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const { codes, codeOf, offsets, valueOffsets, valueAt, values, unitOf, units, length } of columns)
    for (let row = 0; row < length; row++)
      for (let i = valueOffsets[row]!; i < valueOffsets[row + 1]!; i++) {
        const code = codes[codeOf[offsets[row]! + valueAt[i]!]!]!;
        const key = JSON.stringify([codeKey(code), units[unitOf[i]!] ?? null]);
        const list = found.get(key);
        if (list === undefined) found.set(key, [values[i]!]);
        else list.push(values[i]!);
      }
  return found;
}

function edgesOf(columns: readonly TimelinesColumn[], bins: number, vocabulary: ReadonlySet<string>) {
  return [...valuesByCode(columns)].flatMap(([key, values]) => {
    const [code, unit] = JSON.parse(key) as [string, string | null];
    if (!vocabulary.has(code) || values.length < fewestValues) return [];
    const all = Array.from({ length: bins - 1 }, (_, i) => quantile(values, (i + 1) / bins));
    const edges = [...new Set(all)].sort((a, b) => a - b);
    return edges.length === 0 ? [] : [{ code, unit, edges }];
  });
}

/**
 * Settings with the vocabulary and the bounds of values of training timelines. What is fitted already stays as it is.
 *
 * @throws VesaliusError `bad-data` where no code occurs often enough
 */
export function fitTimelines(given: TimelineSettings, columns: readonly Column[]): TimelineSettings {
  const all = columns as readonly TimelinesColumn[];
  const counts = timelineCounts(all, given.categories);
  const frequent = byFrequency(counts).filter((key) => counts.get(key)! >= given.minimumTimelines);
  const vocabulary = given.vocabulary ?? frequent.slice(0, given.vocabularySize);
  if (vocabulary.length === 0)
    throw new VesaliusError("bad-data", `no code occurs in ${given.minimumTimelines} of the training timelines`, {
      fix: "lower minimumTimelines, or name categories of events that the data have",
    });
  const bins = given.valueBins;
  const valueEdges = given.valueEdges ?? (bins < 2 ? undefined : edgesOf(all, bins, new Set(vocabulary)));
  return { ...given, vocabulary: [...vocabulary], ...(valueEdges === undefined ? {} : { valueEdges }) };
}
