import { describe, expect, it } from "vitest";
import { answersTable } from "./answers-table.ts";

describe("answersTable", () => {
  it("gives each field of an answer a column, and says where there is none", () => {
    const answers = [
      { id: "a", answer: { class: "ill", probabilities: { ill: 0.912345, well: 0.087655 } } },
      { id: "b", answer: null },
    ];
    expect(answersTable(answers).split("\n")).toEqual([
      "id  class  ill     well",
      "a   ill    0.9123  0.08765",
      "b   –      –       –",
    ]);
  });

  it("writes measured things with their unit, and lists as they are", () => {
    const [header, row] = answersTable([
      { id: "x", answer: { risk: { value: 1.5, unit: "years" }, extents: [2, 3], note: null } },
    ]).split("\n");
    expect(header).toMatch(/^id +risk +extents +note$/);
    expect(row).toMatch(/^x +1\.5, unit years +\[2,3\] +–$/);
  });

  it("gives each of a list of objects a line, and an empty list a line that says so", () => {
    const answers = [
      {
        id: "t",
        answer: [
          { text: "gout", type: "Disease" },
          { text: "flu", type: "Disease" },
        ],
      },
      { id: "u", answer: [] },
    ];
    expect(answersTable(answers).split("\n")).toEqual([
      "id  text  type",
      "t   gout  Disease",
      "t   flu   Disease",
      "u   –     –",
    ]);
  });

  it("shows the highest of many scores in place of a column for each", () => {
    const probabilities = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`c${i}`, (i % 7) / 100 + i / 1000]));
    const table = answersTable([{ id: "x", answer: { class: "c13", probabilities } }]).split("\n");
    expect(table[0]).toMatch(/^id +class +probabilities$/);
    expect(table[1]).toMatch(/^x +c13 +c13 0\.073, c19 0\.069, c6 0\.066 \.\.\.$/);
  });

  it("counts what a long list holds in place of showing it", () => {
    const [, row] = answersTable([{ id: "x", answer: { risk: 1, curve: Array.from({ length: 9 }, () => 0.5) } }]).split(
      "\n",
    );
    expect(row).toMatch(/^x +1 +9 values$/);
  });
});
