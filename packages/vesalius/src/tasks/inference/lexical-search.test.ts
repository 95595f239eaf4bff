import { expect, it } from "vitest";
import { textsColumn } from "../../data/index.ts";
import { splitOf } from "../learning.test.helper.ts";
import { lexicalSearcher, lexicalSearchSchema } from "./lexical-search.ts";

/** Concepts, each with its names. */
const concepts = splitOf("concepts", {
  names: textsColumn([
    "hypertension\nhigh blood pressure",
    "hypotension\nlow blood pressure",
    "gout\npodagra",
    "糖尿病",
  ]),
});
const search = (grams?: number) =>
  lexicalSearcher(
    concepts,
    ["names"],
    lexicalSearchSchema.parse({ name: "bm25", ...(grams === undefined ? {} : { grams }) }),
  );

it("links names in other spellings and with mistakes by pieces of words, which whole words do not find", () => {
  const [words, pieces] = [search(), search(3)];
  for (const [mention, concept] of [
    ["hypertensive", 0],
    ["hypotenssion", 1],
    ["gouty", 2],
  ] as const) {
    expect(words(mention, 4), mention).toEqual([]);
    expect(pieces(mention, 4)[0], mention).toBe(concept);
  }
});

it("finds whole names, short ones and Chinese ones too, and nothing where no piece is shared", () => {
  const pieces = search(3);
  expect(pieces("high blood pressure", 1)).toEqual([0]);
  expect(pieces("low pressure", 1)).toEqual([1]);
  expect(pieces("糖尿病", 1)).toEqual([3]);
  expect(pieces("zzz", 4)).toEqual([]);
});

it.each([1, 7, 2.5])("refuses pieces of %s letters", (grams) => {
  expect(() => lexicalSearchSchema.parse({ name: "bm25", grams })).toThrow(/grams/);
});
