import { z } from "zod";
import { type AlignedText, sliceAligned } from "../aligned-text.ts";
import { component } from "../component.ts";
import { patternSchema, regularExpression } from "../regular-expression.ts";
import type { PreTokenizer } from "./pre-tokenizer.ts";

/** What becomes of the delimiter where a text is split. */
export const behaviorSchema = z.enum(["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]);
export type Behavior = z.output<typeof behaviorSchema>;

/** Calls back with `[start, end)` of what lies between matches and of the matches, in order. */
function forEachStretch(
  text: string,
  pattern: RegExp,
  each: (start: number, end: number, matched: boolean) => void,
): void {
  let kept = 0;
  pattern.lastIndex = 0;
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length;
    if (end === match.index) continue;
    if (match.index > kept) each(kept, match.index, false);
    each(match.index, end, true);
    kept = end;
  }
  if (kept < text.length) each(kept, text.length, false);
}

/**
 * Splits a text at the matches of a pattern.
 *
 * @param pattern with the flag `g`
 * @param invert whether what the pattern does not match is the delimiter
 */
export function splitAligned(source: AlignedText, pattern: RegExp, behavior: Behavior, invert = false): AlignedText[] {
  const ranges: [start: number, end: number][] = [];
  let previousDelimits = false;
  forEachStretch(source.text, pattern, (start, end, matched) => {
    const delimits = matched !== invert;
    const last = ranges.at(-1);
    switch (behavior) {
      case "Removed":
        if (!delimits) ranges.push([start, end]);
        break;
      case "Isolated":
        ranges.push([start, end]);
        break;
      case "MergedWithPrevious":
        if (delimits && last !== undefined && !previousDelimits) last[1] = end;
        else ranges.push([start, end]);
        break;
      case "MergedWithNext":
        if (!delimits && last !== undefined && previousDelimits) last[1] = end;
        else ranges.push([start, end]);
        break;
      case "Contiguous":
        if (last !== undefined && delimits === previousDelimits) last[1] = end;
        else ranges.push([start, end]);
        break;
    }
    previousDelimits = delimits;
  });
  return ranges.map(([start, end]) => sliceAligned(source, start, end));
}

/** A pre-tokenizer that splits every piece in the same way. */
export const splitBy =
  (pattern: RegExp, behavior: Behavior, invert = false): PreTokenizer =>
  (pieces) =>
    pieces.flatMap((piece) => splitAligned(piece, pattern, behavior, invert));

/** Splits at a pattern. */
export const split = component({
  type: "Split",
  settings: z.object({ pattern: patternSchema, behavior: behaviorSchema, invert: z.boolean().default(false) }),
  create: ({ pattern, behavior, invert }, where) => splitBy(regularExpression(pattern, where), behavior, invert),
});
