import { lexicalRewriter } from "vesalius/applications";

/** A rule that makes a sentence say something else. */
interface Corruption {
  readonly name: string;
  /** @returns undefined where the rule does not apply */
  readonly corrupt: (sentence: string) => string | undefined;
}

const number = /(?<![\p{L}\p{N}.,-])(\d+)(?![\p{L}\p{N}.,-])/u;
const withUnit = /(?<![\p{L}\p{N}.,-])(\d+(?:\.\d+)?) ?(mg|mcg|g|kg|ml|mL|cm|mm)\b/u;
const other: Readonly<Record<string, string>> = {
  mg: "g",
  mcg: "mg",
  g: "mg",
  kg: "g",
  ml: "g",
  mL: "g",
  cm: "mm",
  mm: "cm",
};
const auxiliary = /\b(is|are|was|were|can|should|does|do|may|will) not\b(?! only)/i;
const affirmed =
  /^(?![^]*\b(?:not|no|never|without|nor|none)\b|[^]*n't)([^]*?\b(?:is|are|was|were|can|should|may|will))\b (?=[a-z])/i;

const replaced = (pattern: RegExp, by: (...found: string[]) => string) => (sentence: string) =>
  pattern.test(sentence) ? sentence.replace(pattern, by) : undefined;

/** What a rewriting must not do. */
export const corruptions: readonly Corruption[] = [
  { name: "number changed", corrupt: replaced(number, (all) => String(Number(all) + 3)) },
  { name: "number left out", corrupt: replaced(number, () => "some") },
  { name: "unit replaced", corrupt: replaced(withUnit, (_all, value, unit) => `${value} ${other[unit]}`) },
  { name: "negation taken out", corrupt: replaced(auxiliary, (_all, verb) => verb) },
  { name: "negation put in", corrupt: replaced(affirmed, (_all, begin) => `${begin} not `) },
];

const spelled: Readonly<Record<string, string>> = {
  mg: "milligrams",
  mcg: "micrograms",
  g: "grams",
  kg: "kilograms",
  ml: "millilitres",
  mL: "millilitres",
  cm: "centimetres",
  mm: "millimetres",
};
const digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/** What a rewriting may do. */
export const sameMeaning: readonly {
  readonly name: string;
  readonly rewrite: (sentence: string) => string | Promise<string>;
}[] = [
  {
    name: "unit spelled out",
    rewrite: (one) =>
      one.replace(withUnit, (_all: string, value: string, unit: string) => `${value} ${spelled[unit]!}`),
  },
  {
    name: "number in words",
    rewrite: (one) =>
      one.replace(/(?<![\p{L}\p{N}.,/-])([2-9])(?= (?!to\b|or\b|and\b)[a-z]{3})/u, (digit) => digits[Number(digit)]!),
  },
  { name: "not as n't", rewrite: (one) => one.replace(/\b(is|are|was|were|should|does|do) not\b/, "$1n't") },
  { name: "plain words", rewrite: async (one) => (await lexicalRewriter().rewrite(one)).text },
];
