import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Trie } from "./trie.ts";

it("finds all texts that another begins with, shortest first", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "é", "😀", "▁"), minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.uniqueArray(word), fc.array(word), (texts, parts) => {
      const trie = new Trie(texts.map((text, at) => [text, at]));
      const within = parts.join("");
      for (let start = 0; start < within.length; start++) {
        const found: [number, number][] = [];
        trie.prefixes(within, start, (end, value) => found.push([end, value]));
        const expected = texts
          .map((text, value): [number, number] => [start + text.length, value])
          .filter(([, value]) => within.startsWith(texts[value]!, start))
          .toSorted(([a], [b]) => a - b);
        expect(found).toEqual(expected);
      }
    }),
  );
});
