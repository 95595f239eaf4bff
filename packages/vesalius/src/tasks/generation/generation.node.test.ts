import { expect, test } from "vitest";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adapt, lora, loadModel, scratch } from "../../adaptation/index.node.ts";
import { randomStream } from "../../common/random.ts";
import { type Split, textsColumn } from "../../data/index.ts";
import { evaluate } from "../../evaluation/index.ts";
import { type Backbone, backbonesOf } from "../../models/index.ts";
import { gpt2Architecture, llamaArchitecture } from "../../models/language/causal-architectures.ts";
import { bartArchitecture, t5Architecture } from "../../models/language/encoder-decoder-architectures.ts";
import { collected, splitOf } from "../learning.test.helper.ts";
import { generation } from "./generation.ts";

const complaints = ["cough", "fever", "nausea", "rash"];

/** Short conversations and the notes about them. */
function visits(name: string, length: number, seed: number): Split {
  const stream = randomStream(seed, "visits");
  const drawn = Array.from({ length }, () => complaints[stream.integer(complaints.length)]!);
  return splitOf(name, {
    dialogue: textsColumn(drawn.map((what) => `${what} doctor ${what} then ${what}`)),
    note: textsColumn(drawn.map((what) => `reports ${what} ${what} ${what}`)),
  });
}

const train = visits("train", 96, 1);
const validation = visits("validation", 24, 2);
const encoders = { text: { tokenizer: { name: "words" }, maximumLength: 32 } } as const;
const small = { width: 32, depth: 1, heads: 2 };
const task = generation({ prompt: "{dialogue}", column: "note", maximumAnswerTokens: 8, shorten: "dialogue" });
const options = { data: train, epochs: 16, batchSize: 16, learningRate: 1e-2, workers: 0 };

const halves = { encoderHeads: 2, decoderHeads: 2, encoderHiddenWidth: 64, decoderHiddenWidth: 64 };
const networks: Readonly<Record<string, () => Backbone>> = {
  gpt2: () => backbonesOf(gpt2Architecture)({ ...small, contextLength: 32 }, { encoders }),
  bart: () =>
    backbonesOf(bartArchitecture)(
      { width: 32, encoderDepth: 1, decoderDepth: 1, ...halves, maximumPositions: 32 },
      { encoders },
    ),
  t5: () =>
    backbonesOf(t5Architecture)(
      { width: 32, headWidth: 16, heads: 2, hiddenWidth: 64, encoderDepth: 1, decoderDepth: 1 },
      { encoders },
    ),
};

test.each(Object.keys(networks))(
  "%s learns to write notes, and says the same when it is loaded again",
  async (name) => {
    const model = await adapt(networks[name]!(), task, { ...options, method: scratch() });
    const report = await evaluate(model, task, validation, { resamples: 20 });
    expect(report.metrics["rougeL"]!.value).toBeGreaterThan(0.9);
    expect(report.metrics["bleu"]!.value).toBeGreaterThan(0.5);
    expect(report.metrics["cutOff"]!.value).toBeLessThan(0.5);
    // Notes of other patients: what was learned answers the conversation, and not only how notes look.
    const others = { ...validation.columns, note: visits("others", 24, 3).columns["note"]! };
    const wrong = await evaluate(model, task, { ...validation, columns: others }, { resamples: 20 });
    expect(wrong.metrics["rougeL"]!.value).toBeLessThan(0.75);
    const folder = await mkdtemp(join(tmpdir(), "vesalius-generation-"));
    await model.save(folder);
    const again = await loadModel(folder);
    const [before, after] = [await collected(model.predict(validation)), await collected(again.predict(validation))];
    expect(after).toEqual(before);
    const files = await collected(task.files(model.predict(validation), validation));
    expect(files.map((file) => file.name)).toEqual(["predictions.csv", "predictions.jsonl"]);
    expect(String(files[0]!.content)).toMatch(/^id,reference,text,logProbability,finished\n/);
    await Promise.all([model.release(), again.release(), rm(folder, { recursive: true })]);
  },
  120_000,
);

test("LoRA adapts a pretrained decoder with an output layer of its own, which stays as it was", async () => {
  const backbone = backbonesOf(llamaArchitecture)(
    { ...small, hiddenWidth: 64, maximumPositions: 32, tiedOutput: false },
    { encoders },
  );
  const first = await adapt(backbone, task, { ...options, epochs: 2, method: scratch() });
  const pretrained = { ...first.backbone, weights: first.weights };
  const second = await adapt(pretrained, task, { ...options, epochs: 6, method: lora({ rank: 4 }) });
  expect(second.weights.get("lm_head.weight")).toEqual(first.weights.get("lm_head.weight"));
  expect(second.training!.result.history.at(-1)!.loss).toBeLessThan(second.training!.result.history[0]!.loss);
  await Promise.all([first.release(), second.release()]);
}, 120_000);

test("a prompt that is too long is refused, or shortened where the task says so, and counted", async () => {
  const long = splitOf("train", {
    dialogue: textsColumn([`doctor ${"what is wrong patient cough ".repeat(20)}`]),
    note: textsColumn(["reports cough"]),
  });
  const strict = generation({ prompt: "{dialogue}", column: "note", maximumAnswerTokens: 8 });
  const given = { ...options, data: long, epochs: 1, method: scratch() };
  await expect(adapt(networks["gpt2"]!(), strict, given)).rejects.toThrow(/has \d+ tokens, there is room for 24/);
  const model = await adapt(networks["gpt2"]!(), task, given);
  expect(model.training!.counts["text"]).toMatchObject({ shortenedPrompts: 1 });
  await model.release();
});

test("names the column that a prompt asks for and the data lack", () => {
  expect(() => generation({ prompt: "{talk}", column: "note" }).check(train, "training")).toThrow(
    expect.objectContaining({ code: "bad-data", message: expect.stringContaining("talk") as string }),
  );
});
