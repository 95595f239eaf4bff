import { expect, test } from "vitest";
import { describeCounts } from "./describe-counts.ts";
import { addCounts } from "./feeds.ts";

test("counts of two sets of examples are summed by part and by what was counted", () => {
  const queries = { query: { tokens: 10, truncatedTexts: 1 } };
  const table = { query: { tokens: 3 }, document: { tokens: 50 } };
  expect(addCounts(queries, table)).toEqual({ query: { tokens: 13, truncatedTexts: 1 }, document: { tokens: 50 } });
  expect(addCounts({}, queries)).toEqual(queries);
});

test("counts are told in words, and nothing of parts of which there is nothing to tell", () => {
  const told = describeCounts({ text: { tokens: 1200, truncatedTexts: 1 }, image: {} }, (count) => `<${count}>`);
  expect(told).toEqual([["text", "tokens <1200>, truncated texts <1>"]]);
});
