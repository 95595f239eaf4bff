import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failure } from "../data.test.helper.ts";
import { readTable } from "./table.node.ts";

const plain = { names: ["file", "label", "n"], rows: [["a", "x y", "1"], ["b", "z", "2"]] } as const; // prettier-ignore
const lines = (separator: string, end = "\n"): string =>
  [plain.names, ...plain.rows].map((row) => `${row.join(separator)}${end}`).join("");

describe("readTable", () => {
  it.each([
    ["commas", lines(",")],
    ["semicolons", lines(";")],
    ["tabs", lines("\t")],
    ["bars", lines("|")],
    ["ends of lines of Windows", lines(",", "\r\n")],
    ["ends of lines of old spreadsheets", lines(",", "\r")],
    ["a line sep=", `sep=;\r\n${lines(";", "\r\n")}`],
    ["a separator at the end of each line", lines(",", ",\n")],
    ["a separator at the end of each row", lines(",").replaceAll("1\n", "1,\n").replaceAll("2\n", "2,\n")],
    ["quotes", 'file,"label",n\n"a","x y",1\n"b","z","2"\n'],
  ])("reads %s", (_, text) => {
    const { names, rows, cautions } = readTable(text, "t");
    expect({ names, rows }).toEqual(plain);
    expect(cautions).toEqual([]);
  });

  it("takes a break within quotes for no end of a line", () => {
    const { names, rows } = readTable('"a\nb",c\r\n1,"x\ny"\r\n2,z\r\n', "t");
    expect(names).toEqual(["a\nb", "c"]);
    expect(rows).toEqual([["1", "x\ny"], ["2", "z"]]); // prettier-ignore
  });

  it.each([
    [
      "comments",
      `# by, hand; today\n#second\n\n${lines(",")}# the end, at last\n`,
      "3 lines of comments were left out.",
    ],
    ["empty rows", `${lines(",")},,\n,,\n`, "2 empty rows were left out."],
    ["an index", ",file,label,n\n0,a,x y,1\n1,b,z,2\n", "The first column has no name"],
    ["an index that pandas named", "Unnamed: 0,file,label,n\n0,a,x y,1\n1,b,z,2\n", "The first column has no name"],
    ["an index without a cell in the header", "file,label,n\n1,a,x y,1\n2,b,z,2\n", "The first column has no name"],
  ])("leaves %s out and says so", (_, text, caution) => {
    const { names, rows, cautions } = readTable(text, "t");
    expect({ names, rows }).toEqual(plain);
    expect(cautions).toEqual([expect.stringContaining(caution)]);
  });

  it("reads decimal commas as points where semicolons separate, and only in columns of numbers", () => {
    const read = readTable("age;weight;code;note\n1,5;1.200,25;1;1,5 mg\n2;80;2;2\nNA;-3,5e2;3;x\n", "t");
    expect(read.rows).toEqual([
      ["1.5", "1200.25", "1", "1,5 mg"],
      ["2", "80", "2", "2"],
      ["NA", "-3.5e2", "3", "x"],
    ]);
    expect(read.cautions).toEqual(["Decimal commas were read as points in age, weight."]);
    expect(readTable('a\tb\n1,5\t2\n', "t").rows).toEqual([["1,5", "2"]]); // prettier-ignore
  });

  it("takes the separator that gives each row as many cells as the header has", () => {
    expect(readTable("name, first\tage\nx\t1\ny\t2\n", "t").names).toEqual(["name, first", "age"]);
    expect(readTable("#chrom\tstart\nchr1\t5\n", "t").names).toEqual(["#chrom", "start"]);
  });

  it.each([
    ["a row that is too short", "a,b\n1,2\n3\n", "another number of cells than the header has in line 3"],
    ["the same below comments", "# x\n# y\na,b\n1,2\n3\n", "in line 5"],
    ["an open quote", 'a,b\n"1,2\n', "a quote is not closed"],
    ["a column without a name", "a,,b\n1,2,3\n", "column 2 of the table has no name"],
    ["two columns of one name", "a,A\n1,2\n", "column 2 has the name of another"],
    ["a header alone", "a,b\n", "no rows"],
    ["nothing", "", "no rows"],
    ["comments alone", "# a\n# b\n", "no rows"],
  ])("refuses %s", async (_, text, message) => {
    const error = await failure(() => readTable(text, "t.csv"));
    expect([error.code, error.where]).toEqual(["bad-data", "t.csv"]);
    expect(error.what).toContain(message);
  });

  it("gives back what was written, whatever separates it", () => {
    const cell = fc.stringMatching(/^[a-z0-9.,;| "\n-]{0,8}$/).map((text) => `x${text.trim()}`);
    const row = fc.tuple(cell, cell, cell);
    fc.assert(
      fc.property(fc.constantFrom(",", ";", "\t"), fc.array(row, { minLength: 1, maxLength: 5 }), (separator, rows) => {
        const written = [["p", "q", "r"], ...rows].map((cells) =>
          cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(separator),
        );
        expect(readTable(`${written.join("\n")}\n`, "t").rows).toEqual(rows);
      }),
    );
  });
});
