import { expect, it } from "vitest";
import { answerOverlap, checkedQuestions, findByWords, possibleQuestions } from "./passage-questions.ts";

const passage =
  "Asthma is a chronic disease of the lungs. Asthma is caused by inflammation of the airways. It affects many children. " +
  "Inhaled steroids are taken twice daily, 200 mcg each time.";

it("asks what the passage answers, and says where", async () => {
  const { questions } = await checkedQuestions(passage, 10);
  expect(questions).toContainEqual(
    expect.objectContaining({ question: "What causes asthma?", answer: "inflammation of the airways" }),
  );
  expect(questions.some(({ answer }) => answer === "200")).toBe(true);
  for (const { answer, start, end, question } of questions) {
    expect(passage.slice(start, end)).toBe(answer);
    expect(question).not.toContain("It affects");
  }
  expect(await checkedQuestions(passage, 1)).toMatchObject({ questions: [{}] });
});

it("drops what could be answered twice, or what the checker answers otherwise", async () => {
  const twice = `${passage} Asthma is caused by smoke in the airways.`;
  const { questions } = await checkedQuestions(twice, 20);
  expect(questions.map(({ question }) => question)).not.toContain("What causes asthma?");
  expect(await findByWords("What causes asthma?", passage)).toBe("inflammation of the airways");
  expect(await findByWords("What causes gout?", passage)).toBeUndefined();
  const wrong = await checkedQuestions(passage, 10, () => Promise.resolve("something else"));
  expect(wrong).toMatchObject({ questions: [], dropped: possibleQuestions(passage).length });
  expect((await checkedQuestions("Too short.", 5)).questions).toEqual([]);
});

it("fills a gap only where one word fits", async () => {
  const gap = "Take _____ mg twice. Take 5 mg now.";
  expect(await findByWords("Take _____ mg", "Take 5 mg twice. Take 6 mg now.")).toBeUndefined();
  expect(await findByWords(gap, "Take 7 mg twice. Take 5 mg now.")).toBe("7");
  expect([answerOverlap("the airways", "airways"), answerOverlap("a", "b")]).toEqual([2 / 3, 0]);
});
