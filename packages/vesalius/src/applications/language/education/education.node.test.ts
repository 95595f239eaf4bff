import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { adapt, scratch } from "../../../adaptation/index.ts";
import { choicesColumn, textsColumn } from "../../../data/index.ts";
import type { ChatModel } from "../../../generation/index.ts";
import { createBackbone } from "../../../models/index.ts";
import { type ExtractedAnswer, type Model, multipleChoice } from "../../../tasks/index.ts";
import { splitOf } from "../../../tasks/learning.test.helper.ts";
import { PassageIndex } from "../consultation/passage-index.ts";
import { educate } from "./educate.ts";
import { educationEntry } from "./education.node.ts";
import { findByModel } from "./find-by-model.ts";
import { chatRewriter } from "./rewriters.ts";
import { chatTutor, type ChoiceAnswerer, choiceModel, shuffledProbabilities } from "./tutor.ts";

/** A language model that says what it is told to. */
const saying = (say: (asked: string) => string, finish: "end" | "length" = "end"): ChatModel => ({
  name: "said",
  complete: (messages) =>
    Promise.resolve({
      text: say(messages.at(-1)!.content),
      finish,
      usage: { promptTokens: null, completionTokens: null },
    }),
  release: () => Promise.resolve(),
});

describe("the tutor", () => {
  const index = new PassageIndex([
    {
      id: "1",
      title: "Scurvy",
      text: "Scurvy comes from a lack of vitamin C. Gums bleed in scurvy.",
      source: "NIH",
      date: "2024",
    },
    { id: "2", title: "Rickets", text: "Rickets comes from a lack of vitamin D.", source: "NIH" },
  ]);
  const request = { question: "Which vitamin is lacking in scurvy?", choices: ["vitamin D", "vitamin C", "zinc"] };
  const knowing: ChoiceAnswerer = {
    name: "knowing",
    probabilities: (_, choices) => Promise.resolve(choices.map((choice) => (choice === "vitamin C" ? 0.8 : 0.1))),
    release: () => Promise.resolve(),
  };

  it("answers with a reason that names the choice, word for word", async () => {
    const { status, answer, cautions } = await educate({ tutor: knowing, index }).respond(request);
    expect([status, cautions]).toEqual(["answered", []]);
    expect(answer).toMatchObject({ choice: 1, text: "vitamin C", probability: 0.8 });
    expect(answer!.rationale[0]).toMatchObject({ document: "1", source: "NIH", date: "2024" });
    expect(answer!.rationale.map(({ text }) => text).join(" ")).toContain("a lack of vitamin C");
    const unknown = { ...knowing, probabilities: () => Promise.resolve([0.1, 0.1, 0.8]) };
    const other = await educate({ tutor: unknown, index }).respond(request);
    expect(other.answer).toMatchObject({ text: "zinc", rationale: [] });
    expect(other.cautions).toEqual([expect.stringContaining("nothing there supports it")]);
    const unsure = await educate({ tutor: knowing, index, threshold: 0.9 }).respond(request);
    expect(unsure).toMatchObject({ status: "declined", reason: expect.stringContaining("probable enough") });
  });

  it("forgets where a choice stood when it is asked in many orders", async () => {
    const first: ChoiceAnswerer = {
      ...knowing,
      probabilities: (_, all) => Promise.resolve(all.map((_one, i) => Number(i === 0))),
    };
    const asked = [request.question, request.choices] as const;
    expect(await shuffledProbabilities(first, ...asked, { orders: 1, seed: 1 })).toEqual([1, 0, 0]);
    for (const share of await shuffledProbabilities(first, ...asked, { orders: 60, seed: 1 }))
      expect(Math.abs(share - 1 / 3)).toBeLessThan(0.2);
  });

  it("understands the answers of a language model, and says nothing of what it does not understand", async () => {
    const open = (text: string) => educate({ tutor: chatTutor(saying(() => text)), index }).respond(request);
    expect((await open("The answer is B.")).answer).toMatchObject({ choice: 1, probability: 1 });
    expect((await open("I cannot say")).answer!.probabilities).toEqual([1 / 3, 1 / 3, 1 / 3]);
  });

  it("learns from questions with choices, by a saved model", async () => {
    const [good, bad] = [
      ["rest", "water", "sleep"],
      ["smoke", "poison", "dust", "noise"],
    ];
    const questions = Array.from({ length: 96 }, (_, row) => `what helps patient ${row % 5}`);
    const choices = questions.map((_, row) => {
      const options = [good[row % 3]!, bad[row % 4]!, bad[(row + 1) % 4]!];
      const answer = (row >> 2) % 3;
      return { options: [0, 1, 2].map((i) => options[(i + 3 - answer) % 3]!), answer };
    });
    const data = splitOf("train", { question: textsColumn(questions), choices: choicesColumn(choices) });
    const network = createBackbone({
      name: "bert",
      preset: "nano",
      dropout: 0,
      initializerRange: 0.2,
      pooling: "meanAndMaximum",
    });
    const encoders = {
      text: {
        tokenizer: { name: "words", lowercase: true },
        features: { minimumFrequency: 1 },
        pair: true,
        lengths: [16],
      },
    };
    const backbone = { ...network, columns: { text: ["question", "choices"] }, encoders };
    const options = { seed: 1, workers: 0, epochs: 6, batchSize: 16, learningRate: 1e-2 };
    const model = await adapt(backbone, multipleChoice({ options: 3 }), { method: scratch(), data, ...options });
    const folder = await mkdtemp(join(tmpdir(), "vesalius-education-"));
    await model.save(folder);
    const application = await educationEntry.create({ model: folder, orders: 1, threshold: 0, strict: false });
    let right = 0;
    for (const [i, word] of good.entries()) {
      const asked = { question: "what helps patient 3", choices: [bad[i]!, bad[3]!, word] };
      if ((await application.respond(asked)).answer!.text === word) right++;
    }
    expect(right).toBe(3);
    await expect(application.respond({ question: "Which?", choices: ["a", "A"] })).rejects.toThrow(
      /two choices are the same/,
    );
    await expect(application.respond({ question: "Which?", choices: ["a", "b", "c", "d"] })).rejects.toThrow(
      /4 options, the model knows 3/,
    );
    expect(() => findByModel(model as unknown as Model<ExtractedAnswer>)).toThrow(
      /multipleChoice and extracts no answers/,
    );
    expect(() => choiceModel({ task: { name: "regression", settings: {} } } as never)).toThrow(/regression/);
    await application.release();
    await model.release();
    await rm(folder, { recursive: true });
  }, 60_000);
});

describe("plain words", () => {
  it("are written without a model, easier to read, and say the same", async () => {
    const application = await educationEntry.create({ orders: 1, threshold: 0, strict: false });
    const text = "The patient has dyspnea. Do not discontinue the diuretic. Administer 40 mg orally.";
    const { plain, ...response } = await application.respond({ text });
    expect(plain!.text).toBe("The patient has shortness of breath. Do not stop the water pill. Give 40 mg by mouth.");
    expect([response.status, plain!.faithful, plain!.differences]).toEqual(["answered", true, []]);
    expect(plain!.after.fleschKincaidGrade).toBeLessThan(plain!.before.fleschKincaidGrade! - 2);
    expect(plain!.after.colemanLiauIndex).toBeLessThan(plain!.before.colemanLiauIndex!);
    const shown = educationEntry.show({ ...response, plain });
    expect(shown).toMatch(/Flesch-Kincaid grade[^]*those of the source/);
    const chinese = (await application.respond({ text: "患者血压高，每天服药2次。" })).plain!;
    expect(chinese.before).toMatchObject({ words: 10, sentences: 1, note: expect.stringContaining("for English") });
    expect(chinese.before.fleschKincaidGrade).toBeUndefined();
  });

  it("of a language model are given with what they lost, or declined", async () => {
    const text = "Take 5 mg of the drug. Do not drive.";
    const bad = chatRewriter(saying(() => "Take 5 g of the medicine. You may drive."));
    const { status, plain, cautions } = await educate({ rewriter: bad }).respond({ text });
    expect([status, plain!.faithful]).toEqual(["answered", false]);
    expect(plain!.differences.map(({ kind, change }) => [kind, change])).toEqual([
      ["unit", "lost"],
      ["negation", "lost"],
    ]);
    expect(cautions[0]).toContain("do not use it");
    expect(await educate({ rewriter: bad, strict: true }).respond({ text })).toMatchObject({ status: "declined" });
    const good = chatRewriter(saying(() => "Take five milligrams of the medicine. Don't drive."));
    expect((await educate({ rewriter: good, strict: true }).respond({ text })).plain!.faithful).toBe(true);
    const cut = chatRewriter(saying(() => "Take", "length"));
    expect(await educate({ rewriter: cut }).respond({ text })).toMatchObject({ status: "declined", kind: "plain" });
  });

  it.each([
    [{}, /not one of/],
    [{ question: "Which?" }, /not one of/],
    [{ passage: "a b", text: "c" }, /not one of/],
    [{ question: "Which?", choices: ["a"] }, /choices/],
    [{ question: "Which?", choices: ["a", "b"] }, /no model that answers/],
    [{ text: "?!" }, /no words/],
    [{ txt: "x" }, /txt/],
  ])("refuses %j", async (request, message) => {
    await expect(educate().respond(request as never)).rejects.toThrow(message);
    await expect(educate().respond(request as never)).rejects.toMatchObject({ code: "bad-argument" });
  });

  it("refuses settings that lead nowhere", async () => {
    const settings = { orders: 5, threshold: 0, strict: false };
    await expect(educationEntry.create(settings)).rejects.toThrow(/nothing that could be asked several times/);
    await expect(educationEntry.create({ ...settings, model: "./none" })).rejects.toMatchObject({
      code: "missing-file",
    });
    const endpoint = { url: "http://remote.example/v1", model: "m" } as never;
    await expect(educationEntry.create({ ...settings, endpoint })).rejects.toThrow(/unencrypted|endpoint/);
  });
});
