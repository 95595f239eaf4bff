import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatPairs, formatTable } from "./table.ts";
import { visible, visibleJson } from "./visible.ts";

test("what would act on a terminal is shown, and lines stay lines", () => {
  expect(visible("a\u001B[31mred\u0007\r\u009B2J\nnext\u202Egnp.exe")).toBe(
    String.raw`a\x1b[31mred\x07\x0d\x9b2J` + "\n" + String.raw`next\u202egnp.exe`,
  );
  expect(visible("Größe 3 µm – 患者, −1.5 (0.2–0.4)\u2009k")).toBe("Größe 3 µm – 患者, −1.5 (0.2–0.4)\u2009k");
});

test("cells of tables cannot forge rows, and columns stay aligned", () => {
  const table = formatTable(["id", "answer"], [["a\nb\u001B[2K", "x"]]);
  expect(table.split("\n")).toHaveLength(2);
  expect(table).toContain(String.raw`a\nb\x1b[2K  x`);
  expect(formatPairs([["Name", "a\u0000"]])).toBe(String.raw`Name  a\x00`);
});

test("JSON says the same, whatever it holds", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const json = visibleJson({ text });
      expect(JSON.parse(json)).toEqual({ text });
      expect(json).not.toMatch(/\p{Cc}|\u202E/u);
    }),
  );
});
