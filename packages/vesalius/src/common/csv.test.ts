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

  it("writes what a spreadsheet would run so that it does not, and leaves numbers alone", () => {
    const names = ["=1+1.png", "+SUM(A1)", "-2+3|cmd", "@x", "\t=1", "\r=1", "＝1", "a=b", "'x"];
    expect(formatCsv(names.map((name) => [name]))).toBe(
      "'=1+1.png\n'+SUM(A1)\n'-2+3|cmd\n'@x\n'\t=1\n\"'\r=1\"\n'＝1\na=b\n'x\n",
    );
    expect(formatCsv([[-1.5, "-1.5", "+2e-7", "-.5", "-", "−1"]])).toBe("-1.5,-1.5,+2e-7,-.5,'-,−1\n");
  });

  it("is read back to the same by csv-parse, but for apostrophes", () => {
    const rows = fc.integer({ min: 1, max: 4 }).chain((columns) =>
      fc.array(fc.array(fc.string({ minLength: 1 }), { minLength: columns, maxLength: columns }), {
        minLength: 1,
        maxLength: 6,
      }),
    );
    fc.assert(
      fc.property(rows, (table) => {
        const read = parse(formatCsv(table), { recordDelimiter: "\n" });
        const bare = read.map((row) => row.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, "")));
        const given = table.map((row) => row.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, "")));
        expect(bare).toEqual(given);
        for (const cell of read.flat()) expect(cell).not.toMatch(/^[=@\t\r\n＝＠]/);
      }),
    );
  });
});
