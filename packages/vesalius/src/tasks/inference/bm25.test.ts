import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildBm25Index, searchBm25, wordsOf } from "./bm25.ts";
import { reciprocalRankFusion } from "./rank-fusion.ts";

const texts = fc
  .array(fc.array(fc.constantFrom("fever", "cough", "rash", "measles", "of", "the"), { maxLength: 12 }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((drawn) => drawn.map((words, i) => ({ id: `d${i}`, text: words.join(" ") })));

/** BM25 from its definition, document by document. */
function scoreByDefinition(documents: readonly { text: string }[], position: number, query: string): number {
  const [k1, b] = [1.2, 0.75];
  const all = documents.map(({ text }) => wordsOf(text));
  const meanLength = all.reduce((sum, words) => sum + words.length, 0) / all.length;
  const words = all[position]!;
  let score = 0;
  for (const term of new Set(wordsOf(query))) {
    const inDocuments = all.filter((other) => other.includes(term)).length;
    const frequency = words.filter((other) => other === term).length;
    if (frequency === 0) continue;
    const rarity = Math.log(1 + (all.length - inDocuments + 0.5) / (inDocuments + 0.5));
    score += (rarity * frequency * (k1 + 1)) / (frequency + k1 * (1 - b + (b * words.length) / meanLength));
  }
  return score;
}

describe("BM25", () => {
  test("scores as the definition does, and finds exactly the documents that share a word", () => {
    fc.assert(
      fc.property(
        texts,
        fc.constantFrom("fever", "the rash of measles", "Fever, fever!", "nothing"),
        (documents, query) => {
          const found = searchBm25(buildBm25Index(documents), query);
          const expected = documents
            .map(({ id }, position) => ({ id, score: scoreByDefinition(documents, position, query) }))
            .filter(({ score }) => score > 0);
          expect(found.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
          for (const { id, score } of found) {
            expect(score).toBeCloseTo(expected.find((one) => one.id === id)!.score, 12);
          }
          for (const [rank, { score }] of found.entries()) {
            expect(score).toBeLessThanOrEqual(found[rank - 1]?.score ?? Infinity);
          }
          for (const limit of [1, 2, 5]) {
            expect(searchBm25(buildBm25Index(documents), query, limit)).toEqual(found.slice(0, limit));
          }
        },
      ),
    );
  });

  test("ranks a rare word above a frequent one, and a short document above a long one", () => {
    const index = buildBm25Index([
      { id: "long", text: "measles is a disease of the airways that the measles virus of the family causes" },
      { id: "short", text: "the measles virus, measles" },
      { id: "other", text: "the the the" },
      { id: "empty", text: "" },
    ]);
    expect(searchBm25(index, "the measles").map(({ id }) => id)).toEqual(["short", "long", "other"]);
    expect(searchBm25(index, "")).toEqual([]);
    expect(searchBm25(buildBm25Index([]), "measles")).toEqual([]);
    expect(searchBm25(buildBm25Index([{ id: "empty", text: "" }]), "measles")).toEqual([]);
  });

  test("splits text into words: case, punctuation, width, accents, Chinese", () => {
    expect(wordsOf("IL-2's β-Blocker, ＦＥＶＥＲ; Ménière 高血压 x2")).toEqual([
      "il",
      "2",
      "s",
      "β",
      "blocker",
      "fever",
      "ménière",
      "高",
      "血",
      "压",
      "x2",
    ]);
    expect(wordsOf("Me\u0301nie\u0300re")).toEqual(["ménière"]);
  });

  test("refuses parameters out of range and an identifier that occurs twice", () => {
    for (const options of [{ k1: -1 }, { b: 2 }, { b: NaN }]) {
      expect(() => buildBm25Index([], options)).toThrow(expect.objectContaining({ code: "bad-argument" }));
    }
    const twice = [
      { id: "a", text: "x" },
      { id: "a", text: "y" },
    ];
    expect(() => buildBm25Index(twice)).toThrow(expect.objectContaining({ code: "bad-data" }));
    expect(() => searchBm25(buildBm25Index([]), "x", 0)).toThrow(expect.objectContaining({ code: "bad-argument" }));
  });
});

describe("reciprocalRankFusion", () => {
  test("sums reciprocal ranks, as in the paper", () => {
    const fused = reciprocalRankFusion([
      ["a", "b", "c"],
      ["b", "d"],
    ]);
    expect(fused.map(({ id }) => id)).toEqual(["b", "a", "d", "c"]);
    expect(fused[0]!.score).toBeCloseTo(1 / 62 + 1 / 61, 15);
  });

  test("one ranking keeps its order, equal rankings too, and the order of the rankings is a matter of ties only", () => {
    const ranking = fc.shuffledSubarray(["a", "b", "c", "d", "e"]);
    fc.assert(
      fc.property(ranking, ranking, (first, second) => {
        expect(reciprocalRankFusion([first]).map(({ id }) => id)).toEqual(first);
        expect(reciprocalRankFusion([first, first]).map(({ id }) => id)).toEqual(first);
        const scores = (rankings: string[][]) =>
          new Map(reciprocalRankFusion(rankings).map(({ id, score }) => [id, score.toFixed(12)]));
        expect(scores([first, second])).toEqual(scores([second, first]));
      }),
    );
  });

  test("weighs rankings", () => {
    const rankings = [
      ["a", "b"],
      ["b", "a"],
    ];
    const first = (weights: readonly number[]) => reciprocalRankFusion(rankings, { weights })[0]!.id;
    expect(first([0.6, 0.4])).toBe("a");
    expect(first([0.4, 0.6])).toBe("b");
    expect(reciprocalRankFusion(rankings, { weights: [1, 1] })).toEqual(reciprocalRankFusion(rankings));
    expect(() => reciprocalRankFusion(rankings, { weights: [1] })).toThrow(/weight/);
    expect(() => reciprocalRankFusion(rankings, { weights: [1, -1] })).toThrow(/weight/);
  });

  test("refuses a document ranked twice and a negative constant", () => {
    expect(() => reciprocalRankFusion([["a", "a"]])).toThrow(expect.objectContaining({ code: "bad-data" }));
    expect(() => reciprocalRankFusion([], { constant: -1 })).toThrow(expect.objectContaining({ code: "bad-argument" }));
  });
});
