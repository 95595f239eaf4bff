import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatPlain, parsePlain } from "./plain-json.ts";

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.float32Array(),
    fc.float64Array(),
    fc.int32Array(),
    fc.uint8Array(),
    fc.int8Array(),
    fc.array(tie("value")),
    // Keys that begin with a dollar are those of the format itself.
    fc.dictionary(fc.stringMatching(/^[a-z]\w*$/), tie("value")),
  ),
})).value;

test("reads back what it wrote, to the bit", () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(parsePlain(formatPlain(value))).toStrictEqual(
        JSON.stringify(value) === undefined ? value : withoutMinusZero(value),
      );
    }),
  );
});

/** JSON knows one zero. */
function withoutMinusZero(value: unknown): unknown {
  if (typeof value === "number") return value === 0 ? 0 : value;
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value)) return (value as Float64Array).map((item) => (item === 0 ? 0 : item));
  if (Array.isArray(value)) return value.map(withoutMinusZero);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutMinusZero(item)]));
}

test("refuses arrays of other kinds", () => {
  expect(() => formatPlain({ count: BigInt64Array.of(1n) })).toThrow(/BigInt64Array/);
});
