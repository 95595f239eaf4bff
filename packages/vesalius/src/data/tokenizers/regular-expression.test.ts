import { describe, expect, it } from "vitest";
import { regularExpression } from "./regular-expression.ts";

const matches = (pattern: string, text: string): string[] =>
  Array.from(text.matchAll(regularExpression({ Regex: pattern }, "test")), ([found]) => found);

describe("expressions in the syntax of Oniguruma", () => {
  it.each([
    ["\\s+", "a\u0085\u00a0b\ufeffc", ["\u0085\u00a0"]],
    ["\\w+", "naïve_1 é-中", ["naïve_1", "é", "中"]],
    ["[\\w-]+", "é-中 x", ["é-中", "x"]],
    ["\\d+", "1２ a", ["1２"]],
    [".", "a\n\rb", ["a", "\r", "b"]],
    ["(?i:'S|'t)x", "'sx'Tx'tX", ["'sx", "'Tx"]],
    ["(?i:[a-b]c)", "Ac bC Zc ^c", ["Ac", "bC"]],
    ["\\[[^\\]]+]|C", "[Na+]C]", ["[Na+]", "C"]],
    ["\\%[0-9]{2}|{}", "%12{}", ["%12", "{}"]],
    ["\\x{1F600}|\\u2581", "😀▁", ["😀", "▁"]],
    ["\\p{L}{2,}|\\P{L}", "ab1c", ["ab", "1"]],
    ["[]a]", "]a", ["]", "a"]],
    ["\\Aa|b\\z", "aab", ["a", "b"]],
  ])("%s", (pattern, text, expected) => {
    expect(matches(pattern, text)).toEqual(expected);
  });

  it("take a string as it is", () => {
    expect("a.b.".replace(regularExpression({ String: "." }, "test"), "-")).toBe("a-b-");
  });

  it.each([
    ["a++", /possessive/],
    ["(?>a)", /atomic/],
    ["(?x) a", /sets options/],
    ["[a[bc]]", /class in a class/],
    ["[\\W]", /\\W in a class/],
    ["\\h", /the escape \\h/],
    ["a\\", /backslash/],
    ["(a", /cannot be read/],
  ])("refuse %s", (pattern, message) => {
    expect(() => matches(pattern, "a")).toThrow(message);
  });
});
