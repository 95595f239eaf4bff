import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";
import { type AlignedText, originalStart, sliceAligned } from "../aligned-text.ts";
import { component } from "../component.ts";
import { patternSchema, regularExpression } from "../regular-expression.ts";
import type { PreTokenizer } from "./pre-tokenizer.ts";

/** What becomes of the delimiter where a text is split. */
export const behaviorSchema = z.enum(["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]);
export type Behavior = z.output<typeof behaviorSchema>;

/** Calls back with `[start, end)` of what lies between matches and of the matches, in order; an empty match parts, too. */
function forEachStretch(
  text: string,
  pattern: RegExp,
  each: (start: number, end: number, matched: boolean) => void,
): void {
  let kept = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const end = pattern.lastIndex;
    if (match.index > kept) each(kept, match.index, false);
    if (end > match.index || end > kept) each(match.index, end, true);
    kept = end;
    if (end === match.index) pattern.lastIndex += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
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
  if (behavior === "Removed" || behavior === "Isolated") {
    const pieces: AlignedText[] = [];
    forEachStretch(source.text, pattern, (start, end, matched) => {
      if (end > start && (behavior === "Isolated" || matched === invert)) pieces.push(sliceAligned(source, start, end));
    });
    return pieces;
  }
  const ranges: [start: number, end: number][] = [];
  let previousDelimits = false;
  forEachStretch(source.text, pattern, (start, end, matched) => {
    const delimits = matched !== invert;
    const last = ranges.at(-1);
    switch (behavior) {
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
  return ranges.filter(([start, end]) => end > start).map(([start, end]) => sliceAligned(source, start, end));
}

/** A pre-tokenizer that splits every piece in the same way. */
export const splitBy =
  (pattern: RegExp, behavior: Behavior, invert = false): PreTokenizer =>
  (pieces) =>
    pieces.flatMap((piece) => splitAligned(piece, pattern, behavior, invert));

/** Fails where a piece has a stretch that the pattern does not match. */
const refuseUnmatched =
  (pattern: RegExp): PreTokenizer =>
  (pieces) => {
    for (const piece of pieces)
      forEachStretch(piece.text, pattern, (start, _, matched) => {
        if (!matched)
          throw new VesaliusError("bad-data", "the tokenizer's pattern does not match a symbol", {
            where: `character ${originalStart(piece, start)} of the text`,
            fix: "correct the text, or let such symbols become unknown tokens",
          });
      });
    return [...pieces];
  };

/**
 * Splits at a pattern. The key `unmatched` is Vesalius's own and means something where the pattern describes the tokens
 * (`invert` with `Removed`): `refuse` fails on what would otherwise be dropped. Other libraries leave it out.
 */
export const split = component({
  type: "Split",
  settings: z.object({
    pattern: patternSchema,
    behavior: behaviorSchema,
    invert: z.boolean().default(false),
    unmatched: z.enum(["drop", "refuse"]).default("drop"),
  }),
  create: ({ pattern, behavior, invert, unmatched }, where): PreTokenizer => {
    const expression = regularExpression(pattern, where);
    const parts = splitBy(expression, behavior, invert);
    if (unmatched === "drop") return parts;
    const check = refuseUnmatched(expression);
    return (pieces) => parts(check(pieces));
  },
});
