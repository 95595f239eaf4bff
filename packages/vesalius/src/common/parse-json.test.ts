import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson } from "./parse-json.ts";

test("reads what JSON.parse reads", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
  expect(parseJson(`"${"[".repeat(1000)}\\"${"{".repeat(1000)}"`)).toBe(`${"[".repeat(1000)}"${"{".repeat(1000)}`);
});

test("refuses what nests deeper than 256 levels, whatever the depth", () => {
  for (const depth of [257, 1_000_000])
    expect(() => parseJson(`${"[".repeat(depth)}${"]".repeat(depth)}`)).toThrow(SyntaxError);
  expect(() => parseJson('{"a":'.repeat(300))).toThrow("deeper than 256 levels");
  expect(parseJson(`${"[".repeat(256)}${"]".repeat(256)}`)).toBeInstanceOf(Array);
});
