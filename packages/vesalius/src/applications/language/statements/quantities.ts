import { chineseNumber, isNumberWord, spokenNumbers } from "./number-words.ts";

/** A number in a text, with the unit that it is said in. */
export interface Quantity {
  /** As decimal digits without separators of thousands: `0.5`, `2008`. */
  readonly value: string;
  /** In one spelling for each unit: `mg` for milligrams; undefined where none follows. */
  readonly unit: string | undefined;
  /** The number as the text has it. */
  readonly text: string;
  /** UTF-16 offsets; the end is excluded. */
  readonly start: number;
  readonly end: number;
}

const spellings: Readonly<Record<string, string>> = {
  mg: "mg|mgs|milligrams?|毫克",
  mcg: "mcg|mcgs|µg|μg|ug|micrograms?|微克",
  g: "g|gm|gms|grams?|克",
  kg: "kg|kgs|kilos?|kilograms?|公斤|千克",
  ml: "ml|mls|millilit(?:er|re)s?|cc|ccs|毫升",
  units: "units?|iu|单位",
  meq: "meq|milliequivalents?",
  "%": "%|percent",
  mmHg: "mmhg|毫米汞柱",
  cm: "cm|centimet(?:er|re)s?|厘米",
  mm: "mm|millimet(?:er|re)s?|毫米",
  in: "inch|inches",
  lb: "lbs?|pounds?",
};
const unitOf = Object.entries(spellings).map(([unit, spelling]) => [unit, new RegExp(`^(?:${spelling})$`)] as const);
const unitAfter = new RegExp(`^[\\s-]{0,2}(${Object.values(spellings).join("|")})(?![\\p{L}\\p{N}])`, "iu");

/** Units that medications are dosed in. */
const doses = new Set(["mg", "mcg", "g", "ml", "units", "meq"]);

/** Whether a quantity is a dose of a medication. */
export const isDose = ({ unit }: Quantity): boolean => unit !== undefined && doses.has(unit);

function unitBehind(text: string, at: number): string | undefined {
  const said = unitAfter.exec(text.slice(at, at + 24))?.[1]?.toLowerCase();
  return said === undefined ? undefined : unitOf.find(([, spelling]) => spelling.test(said))?.[0];
}

/** Words that count only where something is counted: "one of them", "the second time" are no statements of a number. */
const counted = /^[\s-]{0,2}(?:times?|packs?|pills?|tablets?|capsules?|days?|weeks?|months?|years?|hours?|minutes?)\b/i;
const vague = new Set(["one", "o", "oh", "couple", "half", "second", "dozen", "once"]);

const pieces = /\p{N}+(?:,\p{N}{3}(?!\p{N}))*(?:\.\p{N}+)?|[零一二三四五六七八九十百千两〇]+|[a-z]+(?:['’][a-z]+)?/giu;

/**
 * Numbers of a text in digits, English words and Chinese characters. What is spoken may have several readings, all of which
 * are given.
 *
 * @param reading `stated` leaves out words that state a number only at times (one, second), `possible` takes every one
 *
 * @example
 * quantitiesOf("Aspirin eighty one milligrams daily."); // [{ value: "81", unit: "mg", ... }]
 */
export function quantitiesOf(text: string, reading: "stated" | "possible" = "stated"): Quantity[] {
  const found: Quantity[] = [];
  let run: { readonly words: string[]; readonly start: number; end: number } | undefined;
  const close = (): void => {
    if (run === undefined) return;
    const { words, start, end } = run;
    run = undefined;
    const unit = unitBehind(text, end);
    const isVague = words.length === 1 && vague.has(words[0]!);
    if (reading === "stated" && isVague && unit === undefined && !counted.test(text.slice(end, end + 12))) return;
    for (const value of spokenNumbers(words))
      found.push({ value: String(value), unit, text: text.slice(start, end), start, end });
  };
  for (const { 0: piece, index } of text.matchAll(pieces)) {
    const word = piece.toLowerCase();
    const end = index + piece.length;
    const isNext = run !== undefined && /^[\s-]*$/.test(text.slice(run.end, index));
    if (isNumberWord(word)) {
      if (!isNext) close();
      run = { words: [...(run?.words ?? []), word], start: run?.start ?? index, end };
      continue;
    }
    if (word === "and" && isNext) {
      run!.end = end;
      continue;
    }
    close();
    const value = /^\p{N}/u.test(piece)
      ? String(Number(piece.normalize("NFKC").replaceAll(",", "")))
      : chineseNumber(piece)?.toString();
    if (value === undefined || value === "NaN") continue;
    // 一 is "one" and "a" in Chinese, as 十分 is "very".
    if (reading === "stated" && /^[一十百千两]$/u.test(piece)) continue;
    found.push({ value, unit: unitBehind(text, end), text: piece, start: index, end });
  }
  close();
  return found;
}
