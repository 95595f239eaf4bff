/** What a sentence says, and whether its source says it. */
import { assert, constantFrom, integer, nat, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { align } from "./alignment.ts";
import { answerPolarity, deniedIn } from "./polarity.ts";
import { quantitiesOf } from "./quantities.ts";
import { exchangesOf } from "./source.ts";
import { wordsSaid } from "./statement.ts";

const turns = (...said: readonly string[]) =>
  exchangesOf(said.map((text, i) => ({ kind: "turn" as const, speaker: i % 2 === 0 ? "Doctor" : "Patient", text })));
const kinds = (sentence: string, exchanges: ReturnType<typeof turns>): string[] =>
  align(sentence, exchanges).flags.map(({ kind }) => kind);

describe("quantities", () => {
  it.each([
    [
      "a 76-year-old on 81 mg",
      [
        ["76", undefined],
        ["81", "mg"],
      ],
    ],
    ["seventy six years", [["76", undefined]]],
    ["eighty one milligrams of aspirin", [["81", "mg"]]],
    [
      "1,500 ml and 0.125 mg",
      [
        ["1500", "ml"],
        ["0.125", "mg"],
      ],
    ],
    ["two hundred and five pounds", [["205", "lb"]]],
    ["每天二十五毫克", [["25", "mg"]]],
    ["one of them, the second time", [["2", undefined]]],
    ["nobody in particular", []],
  ] as const)("of %s", (text, expected) => {
    expect(quantitiesOf(text).map(({ value, unit }) => [value, unit])).toEqual(expected);
  });

  it("gives every reading of a year and a blood pressure that are spoken", () => {
    const values = (text: string): string[] => quantitiesOf(text).map(({ value }) => value);
    expect(values("nineteen ninety five")).toContain("1995");
    expect(values("one twenty over eighty")).toEqual(expect.arrayContaining(["120", "80"]));
  });

  it("finds numbers in digits wherever they stand, at their places", () => {
    assert(
      property(nat(999), constantFrom("takes ", "", "at "), constantFrom(" mg", " times", "."), (n, a, b) => {
        const [found] = quantitiesOf(`${a}${n}${b}`);
        expect(found).toMatchObject({ value: String(n), unit: b === " mg" ? "mg" : undefined, start: a.length });
      }),
    );
  });
});

describe("polarity", () => {
  const denied = (text: string): string[] => deniedIn(text).map(({ start, end }) => text.slice(start, end).trim());
  it.each([
    ["She denies fever, chills, or cough.", ["fever, chills, or cough"]],
    ["No fever, but has chills.", ["fever,"]],
    ["No, I have a cough.", []],
    ["I don't smoke, and I drink rarely.", ["smoke"]],
    ["Not only fever.", []],
    ["否认发热，有时咳嗽", ["发热，"]],
  ] as const)("of %s", (text, expected) => expect(denied(text)).toEqual(expected));

  it("reads words of patients as those of clinicians, denied or not", () => {
    expect(wordsSaid("No high blood pressure.")).toEqual(wordsSaid("Denies hypertension."));
    expect(wordsSaid("nonsmoker")).toEqual([{ word: "tobacco", denied: true }]);
  });

  it.each([
    ["Um, no, not that I know of.", "denied"],
    ["Yes, I do.", "affirmed"],
    ["Norvasc.", "open"],
    ["没有。", "denied"],
  ] as const)("of the answer %s", (answer, polarity) => expect(answerPolarity(answer)).toBe(polarity));
});

describe("alignment", () => {
  const visit = turns(
    "Any fever or chills?",
    "No.",
    "Which medicine do you take?",
    "I take eighty one milligrams of aspirin every day.",
    "Do you have high blood pressure?",
    "Yes, for ten years.",
  );

  it("links a sentence to the question and its answer", () => {
    expect(align("Denies fever or chills.", visit)).toEqual({ items: [0, 1], coverage: 1, flags: [] });
    expect(align("Aspirin 81 mg daily for hypertension.", visit).items).toEqual([2, 3, 4, 5]);
  });

  it.each([
    ["Reports fever and chills.", ["negation"]],
    ["No hypertension.", ["negation"]],
    ["Aspirin 500 mg daily.", ["dose"]],
    ["Hypertension for 12 years.", ["number"]],
    ["Scheduled for a liver biopsy.", ["words"]],
  ] as const)("flags %s", (sentence, flags) => expect(kinds(sentence, visit)).toEqual(flags));

  it("flags a dose whose unit nobody said", () => {
    expect(kinds("Metformin 500 mg.", turns("Which dose of metformin?", "Five hundred of metformin."))).toContain(
      "dose",
    );
  });

  it("understands None. by what its section is about", () => {
    const options = { topic: ["allergies", "allergic"] };
    expect(align("None.", turns("Any drug allergies?", "No."), options).flags).toEqual([]);
    expect(align("None.", turns("Any drug allergies?", "Yes, penicillin."), options).flags).toHaveLength(1);
    expect(align("None.", turns("Any drug allergies?", "No.")).flags).toHaveLength(1);
  });

  it("never supports a number in digits that the source has not, whatever else is said", () => {
    assert(
      property(integer({ min: 200, max: 9999 }), constantFrom("aspirin", "fever", "x"), (number, word) => {
        expect(kinds(`Takes ${word} ${number} mg.`, visit)).toContain("dose");
        expect(kinds(`${word} since ${number}.`, visit)).toContain("number");
      }),
    );
  });
});
