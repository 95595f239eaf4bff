import { describe, expect, it } from "vitest";
import { growthOf } from "./expression-cost.ts";
import { regularExpression } from "./regular-expression.ts";

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const endings = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
/** Expressions of published tokenizers as their files have them, of which several share one. */
const published: readonly (readonly [name: string, pattern: string])[] = [
  ["GPT-2", "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"],
  ["CLIP", "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"],
  ["Llama 3", `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${endings}`],
  ["Qwen 2", `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${endings}`],
  [
    "GPT-4o",
    `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+${contractions}?|` +
      `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*${contractions}?|` +
      `\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${endings}`,
  ],
  [
    "DeepSeek V3",
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|" +
      endings,
  ],
  ["Falcon", "[0-9][0-9][0-9]"],
  ["SentencePiece as a tokenizer file", " {2,}"],
  ["words", "\\w+|[^\\w\\s]+"],
  ["boundaries of words", "\\b"],
  ["twelve-mers", "[ACGT]{12}|[\\s\\S]"],
];

/** Texts on which going back is dear. */
const hard = [" ", "a", "A", "1", "!", "\u00a0", "é", "aA", " \t", "'"].flatMap((piece) =>
  [60_000 / piece.length].flatMap((times) => [piece.repeat(times), `${piece.repeat(times)}\u0000`]),
);

describe("the time that an expression takes", () => {
  it.each(published)("grows linearly for %s, which goes through long texts", (_, Regex) => {
    const expression = regularExpression({ Regex }, "test");
    expect(growthOf(expression.source)).toBe("linear");
    for (const text of hard) {
      let covered = 0;
      for (const [found] of text.matchAll(expression)) covered += found.length;
      expect(covered).toBeLessThanOrEqual(text.length);
    }
  });

  it.each([["x*y"], ["\\d+\\.\\d+"], ["\\[[^\\]]+]|C"], ["\\s*\\d+x|\\s+"], ["x{1000,}"], ["[a-c]+d|[a-b]+"]])(
    "grows with the square of the length for %s, whose texts may not be long",
    (Regex) => {
      const expression = regularExpression({ Regex }, "test");
      expect(growthOf(expression.source)).toBe("quadratic");
      const short = "C".repeat(20_000);
      for (const use of [() => short.replace(expression, "-"), () => [...short.matchAll(expression)]]) use();
      for (const use of [
        () => `${short}C`.replace(expression, "-"),
        () => [...`${short}C`.matchAll(expression)],
        () => expression.exec(`${short}C`),
      ])
        expect(use).toThrow("a text has 20001 characters, the tokenizer takes 20000");
    },
  );

  it.each([
    ["(a+)+b", /repeats a group/],
    ["(a|a)*b", /repeats a group/],
    ["(?:a|aa)+$", /repeats a group/],
    ["(?:a*){2,}b", /repeats a group/],
    ["a*a*b", /several places/],
    [".*.*x", /several places/],
    ["\\s*\\n*\\s*x", /several places/],
    ["a{0,1000}a{0,1000}b", /several places/],
    [`${"a?".repeat(30)}${"a".repeat(30)}`, /too many ways/],
    ["(?:a|b)".repeat(12), /too many ways/],
    ["(?=.*x)a", /looks ahead or back/],
    ["(?<=a+)b", /looks ahead or back/],
    ["(a)\\1+", /refers back/],
  ])("could grow faster for %s, which is refused with the file", (Regex, message) => {
    expect(() => regularExpression({ Regex }, "tokenizer.json")).toThrow(message);
    expect(() => regularExpression({ Regex }, "tokenizer.json")).toThrow(/could run for very long.*tokenizer\.json/s);
  });

  it("is not asked of strings, which match as they are", () => {
    expect("(a+)+b".replace(regularExpression({ String: "(a+)+" }, "test"), "-")).toBe("-b");
  });
});
