import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { type Growth, growthOf } from "./expression-cost.ts";

/** A pattern of `tokenizer.json`: an exact string or a regular expression in the syntax of Oniguruma. */
export const patternSchema = z.union([
  z.strictObject({ String: z.string().min(1).max(10_000) }),
  z.strictObject({ Regex: z.string().min(1).max(10_000) }),
]);
export type Pattern = z.output<typeof patternSchema>;

/** Longest text, in UTF-16 units, that an expression is tried on whose time grows with the square of it: a second or so. */
const longestText = 20_000;

/** An expression that refuses texts on which it could take long. */
class ShortTextExpression extends RegExp {
  override exec(text: string): RegExpExecArray | null {
    if (text.length > longestText)
      throw new VesaliusError("bad-data", `a text has ${text.length} characters, the tokenizer takes ${longestText}`, {
        fix: "divide the text: the time that the tokenizer's regular expression takes grows with the square of its length",
      });
    return super.exec(text);
  }
}

const growths = new Map<string, Growth>();

/** See `growthOf`; a tokenizer is made several times, on every thread. */
function knownGrowth(source: string): Growth {
  const growth = growths.get(source) ?? growthOf(source);
  growths.set(source, growth);
  return growth;
}

const WORD = "\\p{L}\\p{M}\\p{N}\\p{Pc}";
/** Escapes that mean the same in both syntaxes. */
const SAME = /[\\^$.*+?()[\]{}|/tnrfvpPkdDuxc0-9]/;
/** Escapes that JavaScript reads otherwise or not at all. */
const OUTSIDE: Readonly<Record<string, string>> = {
  s: "\\p{White_Space}",
  S: "\\P{White_Space}",
  d: "\\p{Nd}",
  D: "\\P{Nd}",
  w: `[${WORD}]`,
  W: `[^${WORD}]`,
  b: `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`,
  A: "(?<![\\s\\S])",
  z: "(?![\\s\\S])",
};
const INSIDE: Readonly<Record<string, string>> = { ...OUTSIDE, w: WORD, b: "\\x08" };

function translate(pattern: string, refuse: (what: string) => never): string {
  let out = "";
  let inClass = false;
  /** For each open group, whether letters count in both cases. */
  const groups = [false];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    if (char === "\\") {
      const next = pattern[++at] ?? refuse("ends in a backslash");
      const mapped = (inClass ? INSIDE : OUTSIDE)[next];
      if (inClass && (next === "W" || next === "A" || next === "z")) refuse(`has \\${next} in a class`);
      const braces = /^[pPux]\{[^}]*\}/.exec(pattern.slice(at))?.[0];
      if (braces !== undefined) {
        out += `\\${braces.replace(/^x/, "u")}`;
        at += braces.length - 1;
      } else if (mapped !== undefined) out += mapped;
      else if (SAME.test(next) || (inClass && next === "-")) out += `\\${next}`;
      else if (/[A-Za-z]/.test(next)) refuse(`has the escape \\${next}`);
      else out += next;
    } else if (inClass) {
      if (char === "]") inClass = false;
      if (char === "&" && pattern[at + 1] === "&") refuse("intersects classes");
      if (char === "[") refuse("has a class in a class");
      const range = groups.at(-1) === true ? /^[A-Za-z]-[A-Za-z]/.exec(pattern.slice(at))?.[0] : undefined;
      if (range !== undefined) {
        out += range.toLowerCase() + range.toUpperCase();
        at += range.length - 1;
      } else if (groups.at(-1) === true && /\p{L}/u.test(char)) out += bothCases(char);
      else out += char;
    } else if (char === "[") {
      inClass = true;
      out += char;
      if (pattern[at + 1] === "^") out += pattern[++at]!;
      if (pattern[at + 1] === "]") {
        out += "\\]";
        at++;
      }
    } else if (char === "(") {
      const insensitive = pattern.startsWith("(?i:", at);
      groups.push(insensitive || groups.at(-1) === true);
      if (insensitive) {
        out += "(?:";
        at += 3;
      } else if (/^\(\?[a-z-]+[:)]/.test(pattern.slice(at))) refuse("sets options");
      else if (pattern.startsWith("(?>", at)) refuse("has an atomic group");
      else out += char;
    } else if (char === ")") {
      groups.pop();
      out += char;
    } else if (char === ".") out += "[^\\n]";
    else if (char === "]") out += "\\]";
    else if (char === "}" || (char === "{" && !/^\{\d+(,\d*)?\}/.test(pattern.slice(at)))) out += `\\${char}`;
    else if (char === "{") {
      const quantifier = /^\{\d+(,\d*)?\}/.exec(pattern.slice(at))![0];
      out += quantifier;
      at += quantifier.length - 1;
    } else if (char === "+" && /[?*+]/.test(pattern[at - 1] ?? "") && pattern[at - 2] !== "\\")
      refuse("has a possessive quantifier");
    else if (groups.at(-1) === true && /\p{L}/u.test(char)) out += `[${bothCases(char)}]`;
    else out += char;
  }
  return out;
}

const bothCases = (letter: string): string => [...new Set([letter.toLowerCase(), letter.toUpperCase()])].join("");

/**
 * The JavaScript expression for a pattern, with the flags `gmu`: white space, digits and letters are Unicode's, as in
 * Oniguruma, which the field's tokenizers are written for. A file from elsewhere cannot make it run for long: the time of
 * what is accepted grows linearly with a text, or with its square for texts of at most 20,000 characters.
 *
 * @throws VesaliusError `bad-file` for syntax that has no equivalent, and for expressions whose time could grow faster
 */
export function regularExpression(pattern: Pattern, where: string): RegExp {
  if ("String" in pattern) return new RegExp(escapeRegExp(pattern.String), "gu");
  const refuse = (what: string): never => {
    throw new VesaliusError("bad-file", `the regular expression ${what}, which is not implemented`, { where });
  };
  const source = translate(pattern.Regex, refuse);
  let expression: RegExp;
  try {
    expression = new RegExp(source, "gmu");
  } catch (cause) {
    throw new VesaliusError("bad-file", "the regular expression cannot be read", { where, cause });
  }
  const growth = knownGrowth(source);
  if (typeof growth === "object")
    throw new VesaliusError("bad-file", `the regular expression ${growth.refused}, and could run for very long`, {
      where,
      fix: "write it without repeated groups and without two repetitions of the same characters after each other",
    });
  return growth === "linear" ? expression : new ShortTextExpression(source, "gmu");
}

/** A pattern that matches exactly `text`. */
export const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
