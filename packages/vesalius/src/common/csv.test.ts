import { parse } from "csv-parse/sync";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCsv } from "./csv.ts";

describe("formatCsv", () => {
  it("quotes only what needs it", () => {
    expect(
      formatCsv([
        ["a", 1.5],
        ["b, c", 'say "x"'],
      ]),
    ).toBe('a,1.5\n"b, c","say ""x"""\n');
  });

  it("is read back to the same by csv-parse", () => {
    const rows = fc.integer({ min: 1, max: 4 }).chain((columns) =>
      fc.array(fc.array(fc.string({ minLength: 1 }), { minLength: columns, maxLength: columns }), {
        minLength: 1,
        maxLength: 6,
      }),
    );
    fc.assert(
      fc.property(rows, (table) => {
        expect(parse(formatCsv(table), { recordDelimiter: "\n" })).toEqual(table);
      }),
    );
  });
});
