import { expect, it } from "vitest";
import { VesaliusError } from "../../common/errors.ts";
import { takeRows } from "../../data/dataset/index.ts";
import {
  classesColumn,
  type FeedCounts,
  labelsColumn,
  type Message,
  type Split,
  textsColumn,
} from "../../data/index.ts";
import { evaluate } from "../../evaluation/index.ts";
import type { ChatModel, CompletionOptions } from "../../generation/index.ts";
import { backbonesOf } from "../../models/index.ts";
import { gpt2Architecture } from "../../models/language/causal-architectures.ts";
import { classification, generation, modelAsChat } from "../../tasks/index.ts";
import { collected, splitOf } from "../../tasks/learning.test.helper.ts";
import { adapt } from "../adapt.ts";
import { scratch } from "../index.ts";
import { pathsFor } from "./knowledge-paths.ts";
import { prompted } from "./prompted.ts";

const classes = ["cough", "fever"];
const task = classification({ classes });
const train = splitOf("train", {
  text: textsColumn(["hot and hot", "dry throat", "hot skin", "throat is dry"]),
  label: classesColumn(classes, [1, 0, 1, 0]),
});
const validation = splitOf("validation", {
  text: textsColumn(["very hot today", "a dry dry throat"]),
  label: classesColumn(classes, [1, 0]),
});

/** A model that answers by a rule, and remembers what it was asked. */
function speaker(rule: (messages: readonly Message[], options: CompletionOptions) => string) {
  const asked: (readonly Message[])[] = [];
  const model: ChatModel = {
    name: "rule",
    complete(messages, options = {}) {
      asked.push(messages);
      return Promise.resolve({
        text: rule(messages, options),
        finish: "end" as const,
        usage: { promptTokens: null, completionTokens: null },
      });
    },
    release: () => Promise.resolve(),
  };
  return { model, asked };
}
const last = (messages: readonly Message[]): string => messages.at(-1)!.content;
/** Answers with the letter that the right class has in the list as it was asked. */
const byLetter = (messages: readonly Message[]): string => {
  const right = /hot/.test(last(messages)) ? "fever" : "cough";
  return `Because of that. The answer is (${new RegExp(String.raw`\((.)\) ${right}`).exec(last(messages))![1]!})`;
};

const labelsOf = async (
  predictor: ReturnType<typeof prompted<number, { probabilities: ArrayLike<number> }, unknown>>,
  split: Split,
) => (await collected(predictor.predict(split))).map(({ answer }) => answer && Array.from(answer.probabilities));

it("asks in the words of the task, hears the answer, and says where there is none", async () => {
  const { model, asked } = speaker((messages) => (/hot/.test(last(messages)) ? "Fever!" : "I cannot tell."));
  const predictor = prompted(task, model, { columns: ["text"], system: "You are a doctor." });
  const answers = await collected(predictor.predict(validation));
  expect(answers[0]).toEqual({ id: "validation/0", used: ["text"], answer: { probabilities: Float32Array.of(0, 1) } });
  expect(answers[1]).toMatchObject({ answer: null, declined: expect.stringContaining("no answer") as string });
  expect(asked[0]).toEqual([
    { role: "system", content: "You are a doctor." },
    { role: "user", content: "very hot today\n\nWhich one is it?\n(A) cough\n(B) fever" },
  ]);
  const report = await evaluate(predictor, task, validation, { resamples: 20 });
  expect(report.metrics["accuracy"]!.value).toBe(0.5);
});

it("a question that does not fit has no answer where others fit, and is counted; what others throw goes on", async () => {
  const { model } = speaker(byLetter);
  const narrow: ChatModel = {
    ...model,
    complete(messages, options) {
      if (last(messages).includes("very")) throw new VesaliusError("bad-data", "the conversation has 9 tokens");
      return model.complete(messages, options);
    },
  };
  const counts: FeedCounts[] = [];
  const ask = (split: Split, asked: ChatModel, method = "zeroShot") =>
    collected(
      prompted(task, asked, { columns: ["text"], train: split, method: { name: method } }).predict(split, {
        onCounts: (more) => counts.push(more),
      }),
    );
  const answers = await ask(validation, narrow);
  expect(answers[0]).toMatchObject({ answer: null, declined: expect.stringContaining("does not fit") as string });
  expect(answers[1]!.answer).not.toBeNull();
  expect(counts).toEqual([{ prompts: { asked: 2, promptTokens: 0, answerTokens: 0, tooLong: 1 } }]);
  // Solved examples that do not fit are not reasoned about either.
  expect((await ask(validation, narrow, "medprompt"))[1]!.answer).not.toBeNull();
  await expect(ask(takeRows(validation, [0]), narrow)).rejects.toThrow(/has 9 tokens/);
  const down = { ...model, complete: () => Promise.reject(new VesaliusError("service-failure", "down")) };
  await expect(ask(validation, down)).rejects.toMatchObject({ code: "service-failure" });
});

it("shows the most similar solved examples, the nearest last", async () => {
  const { model, asked } = speaker(byLetter);
  const predictor = prompted(task, model, {
    columns: ["text"],
    train,
    method: { name: "nearestExamples", examples: 2 },
  });
  expect(await labelsOf(predictor, validation)).toEqual([
    [0, 1],
    [1, 0],
  ]);
  const shown = asked[0]!.filter(({ role }) => role === "assistant").map(({ content }) => content);
  expect(shown).toEqual(["fever", "fever"]);
  expect(asked[0]!.at(-3)!.content).toContain("hot");
  await expect(
    collected(prompted(task, model, { columns: ["text"], method: { name: "nearestExamples" } }).predict(validation)),
  ).rejects.toThrow(/no examples with answers/);
});

it("votes over orders of the choices, which undoes a model that favours a place", async () => {
  // Half of the time it takes the first choice, whatever that is.
  let times = 0;
  const { model, asked } = speaker((messages) =>
    messages.length > 1 && times++ % 2 === 1 ? "The answer is (A)" : byLetter(messages),
  );
  const method = { name: "medprompt", ensemble: 21, examples: 1 };
  const predictor = prompted(task, model, { columns: ["text"], train, method, seed: 3 });
  const probabilities = await labelsOf(predictor, validation);
  expect(probabilities[0]![1]).toBeGreaterThan(0.6);
  expect(probabilities[1]![0]).toBeGreaterThan(0.6);
  // Reasoning that the model wrote for a solved example stands before the question.
  expect(asked.at(-1)!.some(({ role, content }) => role === "assistant" && content.includes("Because of that."))).toBe(
    true,
  );
  const orders = new Set(
    asked.map((messages) =>
      last(messages)
        .split("\n")
        .find((line) => line.startsWith("(A)")),
    ),
  );
  expect(orders.size).toBe(2);
});

it("lets experts discuss until they agree", async () => {
  const { model, asked } = speaker((messages) => {
    const [system, content] = [messages[0]!.content, last(messages)];
    if (/assign/.test(system)) return "1. Cardiology, 2. Virology";
    if (/Do you agree/.test(content)) return /again/.test(content) ? "Yes." : "No, write fever again.";
    if (/Changes/.test(content)) return "Report: it is fever again";
    if (/decide/.test(system)) return byLetter(messages);
    return "hot means fever";
  });
  const predictor = prompted(task, model, { columns: ["text"], method: { name: "medAgents", experts: 2, rounds: 3 } });
  expect((await labelsOf(predictor, validation))[0]).toEqual([0, 1]);
  const voted = asked.filter((messages) => /Do you agree/.test(last(messages)));
  // Two examples, two experts, and a second round in which they agree.
  expect(voted).toHaveLength(8);
});

it("puts paths of a graph and findings of detectors in front of the question", async () => {
  const triples = [
    ["hot", "suggests", "fever"],
    ["fever", "needs", "rest today"],
    ["snow", "is", "cold"],
  ] as const;
  expect(pathsFor("very hot today", triples, 2, 5)).toEqual([
    "hot → suggests → fever → needs → rest today",
    "hot → suggests → fever",
  ]);
  const graph = speaker(byLetter);
  const method = { name: "knowledgePaths", triples };
  await collected(prompted(task, graph.model, { columns: ["text"], method }).predict(validation));
  expect(last(graph.asked[0]!)).toMatch(/^Knowledge that may help:\nhot → suggests/);
  expect(last(graph.asked[1]!)).toMatch(/^a dry dry throat/);
  const seen = speaker(byLetter);
  const columns = { ...validation.columns, found: labelsColumn(["opacity", "effusion"], 2, Int8Array.of(1, 0, 0, 0)) };
  const found = { name: "findings", columns: ["found"], names: { found: ["opacity", "effusion"] } };
  await collected(prompted(task, seen.model, { columns: ["text"], method: found }).predict({ ...validation, columns }));
  expect(last(seen.asked[0]!)).toMatch(/^Findings:\nfound: certainly opacity \(1\.00\)\n/);
  expect(last(seen.asked[1]!)).toMatch(/^Findings:\nfound: nothing found\n/);
});

it("simplifies in two steps: what matters, then in plain words", async () => {
  const { model, asked } = speaker((messages) => (/numbers, parted/.test(last(messages)) ? "2" : "Take 5 mg."));
  const writing = generation({ prompt: "{text}", column: "plain" });
  const split = splitOf("test", { text: textsColumn(["The trial ran in 1999. The dose is 5 mg. It was funded."]) });
  const method = { name: "twoStepSimplification" };
  const [answer] = await collected(prompted(writing, model, { columns: ["text"], method }).predict(split));
  expect(answer!.answer).toEqual({ text: "Take 5 mg." });
  expect(last(asked[0]!)).toContain("2. The dose is 5 mg.");
  expect(last(asked[1]!)).toMatch(/^The dose is 5 mg\.\n\nWrite this/);
});

it("our own small model answers by the likelihood of verbalizers; a prior is divided out", async () => {
  const encoders = { text: { tokenizer: { name: "words" }, maximumLength: 32 } } as const;
  const backbone = backbonesOf(gpt2Architecture)({ width: 32, depth: 1, heads: 2, contextLength: 32 }, { encoders });
  // Three of four examples are of one class, so that the model expects it before it has read anything.
  const words = ["hot hot hot", "dry dry dry", "dry dry dry", "dry dry dry"];
  const texts = Array.from({ length: 64 }, (_, row) => `${words[row % 4]!} Which one is it ?`);
  const said = Array.from({ length: 64 }, (_, row) => (row % 4 === 0 ? "fever" : "cough"));
  const data = splitOf("train", { question: textsColumn(texts), answer: textsColumn(said) });
  const writing = generation({ prompt: "{question}", column: "answer", maximumAnswerTokens: 4 });
  const trained = await adapt(backbone, writing, {
    data,
    method: scratch(),
    epochs: 12,
    batchSize: 16,
    learningRate: 1e-2,
    workers: 0,
  });
  const chat = await modelAsChat(trained, { name: "own" });
  const test = splitOf("validation", {
    text: textsColumn(["hot hot hot", "dry dry dry"]),
    label: classesColumn(classes, [1, 0]),
  });
  const predictor = prompted(task, chat, { columns: ["text"], method: { name: "verbalizers" } });
  const [hot, dry] = await labelsOf(predictor, test);
  expect(hot![1]).toBeGreaterThan(0.9);
  expect(dry![0]).toBeGreaterThan(0.5);
  const raw = prompted(task, chat, { columns: ["text"], method: { name: "verbalizers", calibrate: false } });
  // What is expected anyway counts for less once it is divided out.
  expect((await labelsOf(raw, test))[1]![0]).toBeGreaterThan(dry![0]!);
  await expect(
    collected(
      prompted(task, speaker(byLetter).model, { columns: ["text"], method: { name: "verbalizers" } }).predict(test),
    ),
  ).rejects.toThrow(/does not say how likely an answer is/);
  await Promise.all([trained.release(), predictor.release()]);
}, 120_000);
