import { describe, expect, it } from "vitest";
import { differencesOf } from "./preserved.ts";
import { readabilityOf, syllablesOf } from "./readability.ts";
import { lexicalRewriter } from "./rewriters.ts";

const found = (source: string, rewriting: string) =>
  differencesOf(source, rewriting).map(({ kind, change, what }) => `${kind} ${change}: ${what}`);

describe("differencesOf", () => {
  it.each([
    ["Take 5 mg daily.", "Take five milligrams every day."],
    ["Do not drive.", "Don't drive a car."],
    ["1,000 units were given.", "They gave 1000 units."],
    ["没有发烧，每天2次。", "没有发烧，一天两次。"],
    ["The drug helps.", "The medicine helps."],
  ])("finds nothing between %s and %s", (source, rewriting) => expect(found(source, rewriting)).toEqual([]));

  it.each([
    ["Take 5 mg daily.", "Take it daily.", ["number lost: 5 mg"]],
    ["Take 5 mg daily.", "Take 50 mg daily.", ["number lost: 5 mg", "number added: 50 mg"]],
    ["Take 5 mg daily.", "Take 5 g daily.", ["unit lost: 5 mg"]],
    ["Take it daily.", "Take it daily for 3 days.", ["number added: 3"]],
    ["There is no fever.", "There is fever.", ["negation lost: fever"]],
    ["There is fever.", "There is no fever.", ["negation added: fever"]],
    ["Do not drive.", "Stay at home.", ["negation lost: drive"]],
    ["没有发烧。", "有发烧。", ["negation lost: 发烧"]],
  ])("finds what changed between %s and %s", (source, rewriting, expected) =>
    expect(found(source, rewriting)).toEqual(expected),
  );
});

it("counts syllables and grades as the formulas have it", () => {
  const words = {
    medicine: 3,
    inflammation: 4,
    table: 2,
    stopped: 1,
    media: 3,
    blood: 1,
    disease: 2,
    the: 1,
    fluid: 2,
  };
  for (const [word, count] of Object.entries(words)) expect([word, syllablesOf(word)]).toEqual([word, count]);
  // 6 words, 6 syllables, 17 letters, one sentence.
  const easy = readabilityOf("The cat sat on the mat.")!;
  expect(easy.fleschKincaidGrade).toBeCloseTo(0.39 * 6 + 11.8 - 15.59, 6);
  expect(easy.fleschReadingEase).toBeCloseTo(206.835 - 1.015 * 6 - 84.6, 6);
  expect(easy.colemanLiauIndex).toBeCloseTo((5.88 * 17) / 6 - 29.6 / 6 - 15.8, 6);
  expect(readabilityOf("12 + 3")).toBeUndefined();
});

it("keeps case, number and articles of what it replaces, and words that contain a term", async () => {
  const plain = async (text: string) => (await lexicalRewriter().rewrite(text)).text;
  expect(await plain("Edema and seizures are acute.")).toBe("Swelling and fits are sudden.");
  expect(await plain("A myocardial infarction is an arrhythmia's friend.")).toContain(
    "A heart attack is an irregular heartbeat's",
  );
  expect(await plain("An edema, a physician.")).toBe("A swelling, a doctor.");
  expect(await plain("Nonrenal orality.")).toBe("Nonrenal orality.");
});
