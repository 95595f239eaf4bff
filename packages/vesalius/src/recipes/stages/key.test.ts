import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "../../common/canonical-json.ts";
import { contentKey } from "./key.ts";

test("does not depend on the order of keys, nor on keys without a value", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson({ ...reversed, absent: undefined })).toBe(canonicalJson(value));
      expect(contentKey(reversed)).toBe(contentKey(value));
    }),
  );
});

test("reads back as the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("tells values apart that differ in one place", () => {
  const one = { seed: 1, list: [1, [2]], text: "1" };
  for (const other of [
    { ...one, seed: 2 },
    { ...one, list: [[1], 2] },
    { ...one, text: 1 },
    { ...one, more: null },
  ])
    expect(contentKey(other)).not.toBe(contentKey(one));
});
