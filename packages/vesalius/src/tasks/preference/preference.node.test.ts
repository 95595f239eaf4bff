import { expect, test } from "vitest";
import { adapt, lora, scratch } from "../../adaptation/index.ts";
import { randomStream } from "../../common/random.ts";
import { numbersColumn, type Split, textsColumn } from "../../data/index.ts";
import { evaluate } from "../../evaluation/index.ts";
import { Graph } from "../../graph/index.ts";
import { backbonesOf } from "../../models/index.ts";
import { gpt2Architecture } from "../../models/language/causal-architectures.ts";
import { runGraph } from "../../testing/reference.node.ts";
import { generation } from "../generation/generation.ts";
import { collected, splitOf } from "../learning.test.helper.ts";
import { directPreferenceLoss, preference } from "./preference.ts";

const words = ["cough", "fever", "rash", "nausea"];

/** Questions with a polite and a rude answer. */
function pairs(name: string, length: number, seed: number): Split {
  const stream = randomStream(seed, "pairs");
  const asked = Array.from({ length }, () => words[stream.integer(words.length)]!);
  return splitOf(name, {
    prompt: textsColumn(asked.map((word) => `what about ${word}`)),
    chosen: textsColumn(asked.map((word) => `please rest with ${word}`)),
    rejected: textsColumn(asked.map((word) => `go away with ${word}`)),
    // Half of what the first model learns from is rude.
    answer: textsColumn(
      asked.map((word, row) => (row % 2 === 0 ? `please rest with ${word}` : `go away with ${word}`)),
    ),
  });
}

test("the loss is that of the paper, computed by hand", async () => {
  const policy = [-3, -4, -2, -1.5];
  const reference = [-3.5, -3, -2.5, -1];
  const graph = new Graph("dpo");
  const input = (name: string) => graph.input(name, "float32", [2, 2]);
  const { loss, margin } = directPreferenceLoss(input("policy"), input("reference"), {
    beta: 0.3,
    labelSmoothing: 0.1,
  });
  graph.output("loss", loss);
  graph.output("margin", margin);
  const outputs = await runGraph(
    graph,
    new Map([
      ["policy", { dtype: "float32" as const, shape: [2, 2], data: Float32Array.from(policy) }],
      ["reference", { dtype: "float32" as const, shape: [2, 2], data: Float32Array.from(reference) }],
    ]),
  );
  const lost = (x: number): number => -Math.log(1 / (1 + Math.exp(-x)));
  const margins = [0.3 * (0.5 - -1), 0.3 * (0.5 - -0.5)];
  const byHand = margins.reduce((sum, x) => sum + 0.9 * lost(x) + 0.1 * lost(-x), 0) / 2;
  expect(outputs.get("loss")!.data[0]).toBeCloseTo(byHand, 5);
  expect(outputs.get("margin")!.data[0]).toBeCloseTo((margins[0]! + margins[1]!) / 2, 5);
});

test("a model that answers either way learns to prefer, from where its reference is", async () => {
  const [train, validation] = [pairs("train", 48, 1), pairs("validation", 24, 2)];
  const encoders = { text: { tokenizer: { name: "words" }, maximumLength: 24 } } as const;
  const backbone = backbonesOf(gpt2Architecture)({ width: 32, depth: 1, heads: 2, contextLength: 24 }, { encoders });
  const options = { data: train, epochs: 6, batchSize: 16, learningRate: 1e-2, workers: 0 };
  const writing = { prompt: "{prompt}", maximumAnswerTokens: 8 };
  const first = await adapt(backbone, generation({ ...writing, column: "answer" }), { ...options, method: scratch() });
  const start = { ...first.backbone, weights: first.weights };
  const task = preference({ ...writing, beta: 0.5 });
  const model = await adapt(start, task, { ...options, method: lora({ rank: 4 }) });
  const { history } = model.training!.result;
  // Before the first step the adapter does nothing: neither answer has gained on the reference.
  expect(history[0]!.loss).toBeCloseTo(Math.log(2), 4);
  expect(history[0]!.terms!["margin"]).toBeCloseTo(0, 4);
  expect(history.at(-1)!.loss).toBeLessThan(0.4);
  const marginOf = async (answers: AsyncIterable<{ readonly answer: { chosen: number; rejected: number } | null }>) =>
    (await collected(answers)).reduce((sum, { answer }) => sum + answer!.chosen - answer!.rejected, 0) / 24;
  const before = await adapt(start, task, { ...options, steps: 1, learningRate: 1e-9, method: lora({ rank: 4 }) });
  const gained = (await marginOf(model.predict(validation))) - (await marginOf(before.predict(validation)));
  expect(gained).toBeGreaterThan(1);
  const report = await evaluate(model, task, validation, { resamples: 20 });
  expect(report.metrics["accuracy"]!.value).toBe(1);
  await Promise.all([first.release(), model.release(), before.release()]);
}, 120_000);

test("needs a model to start from, and both answers", async () => {
  const data = pairs("train", 4, 1);
  const encoders = { text: { tokenizer: { name: "words" }, maximumLength: 24 } } as const;
  const backbone = backbonesOf(gpt2Architecture)({ width: 16, depth: 1, heads: 2, contextLength: 24 }, { encoders });
  const task = preference({ maximumAnswerTokens: 8 });
  await expect(adapt(backbone, task, { data, method: scratch(), workers: 0 })).rejects.toMatchObject({
    code: "bad-configuration",
    message: expect.stringMatching(/starts from a pretrained backbone/) as string,
  });
  const { rejected: _, ...columns } = data.columns;
  expect(() => task.check({ ...data, columns }, "training")).toThrow(/rejected/);
  expect(() =>
    task.check({ ...data, columns: { ...columns, rejected: numbersColumn(["a"], 4, [1, 2, 3, 4]) } }, "training"),
  ).toThrow(/numbers/);
});
