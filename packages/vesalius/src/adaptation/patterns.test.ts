import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesAny } from "./patterns.ts";

/** What a pattern means, by a regular expression. */
const bySource = (name: string, pattern: string): boolean =>
  name === pattern ||
  name.endsWith(`.${pattern}`) ||
  new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replaceAll(".", String.raw`\.`))
      .join(".*")}$`,
  ).test(name);

const letters = (...extra: string[]): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom("a", "b", ".", ...extra), maxLength: 8 });

describe("matchesAny", () => {
  it.each([
    ["blocks.1.attn.qkv", "qkv", true],
    ["blocks.1.attn.qkv", "attn.qkv", true],
    ["blocks.1.attn.qkv", "kv", false],
    ["blocks.11.attn.proj", "blocks.1*.attn.*", true],
    ["blocks.2.attn.proj", "blocks.1*.attn.*", false],
    ["ab", "a*b*b", false],
  ])("%s by %s: %s", (name, pattern, expected) => expect(matchesAny(name, [pattern])).toBe(expected));

  it("means what a regular expression with .* means", () => {
    fc.assert(
      fc.property(letters(), letters("*"), (name, pattern) => {
        expect(matchesAny(name, [pattern])).toBe(bySource(name, pattern));
      }),
    );
  });

  it("takes no longer for many stars", () => {
    const start = performance.now();
    expect(matchesAny("a".repeat(10_000), [`${"*a".repeat(1000)}*b`])).toBe(false);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
