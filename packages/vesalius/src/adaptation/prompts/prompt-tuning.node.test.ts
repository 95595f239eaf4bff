import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readSafetensors } from "../../common/index.ts";
import { randomStream } from "../../common/random.ts";
import { classesColumn, type Split, textsColumn } from "../../data/index.ts";
import { evaluate } from "../../evaluation/index.ts";
import { architectures, type Backbone } from "../../models/index.ts";
import { maskedTokens, pretrain } from "../../pretraining/index.ts";
import { classification, generation } from "../../tasks/index.ts";
import { collected, measurements, recordNetwork, splitOf } from "../../tasks/learning.test.helper.ts";
import { adapt, loadModel, promptTuning, pTuning, scratch } from "../index.node.ts";

const complaints = ["cough", "fever", "nausea", "rash"];
const small = { width: 32, depth: 1, heads: 2 };
const network = (name: string, settings: object, maximumLength: number): Backbone => ({
  network: architectures.create({ name, ...small, ...settings }),
  weights: undefined,
  preparation: undefined,
  encoders: { text: { tokenizer: { name: "words" }, maximumLength } },
});

const drawn = (name: string, length: number): string[] => {
  const stream = randomStream(23, name);
  return Array.from({ length }, () => complaints[stream.integer(complaints.length)]!);
};

/** Texts of three words, of which the first tells the class. */
function notes(name: string, length: number): Split {
  const first = drawn(name, length);
  const label = classesColumn(
    ["chest", "skin"],
    first.map((word) => Number(word === "rash" || word === "nausea")),
  );
  return splitOf(name, { text: textsColumn(first.map((word) => `${word} since monday`)), label });
}

it("stands prompts in front of a text, of which nothing is lost", async () => {
  const [train, validation] = [notes("train", 64), notes("validation", 24)];
  const bert = network("bert", { hiddenWidth: 64, maximumPositions: 32, pooling: "mean" }, 32);
  const start = await pretrain(bert, maskedTokens({ maskRatio: 0.4 }), train, { epochs: 2, batchSize: 32, workers: 0 });
  const task = classification({ classes: ["chest", "skin"] });
  const options = { data: train, epochs: 15, batchSize: 16, learningRate: 0.02, workers: 0 };
  const model = await adapt(start, task, { ...options, method: promptTuning({ virtualTokens: 10 }) });
  const report = await evaluate(model, task, validation, { resamples: 20 });
  expect(report.metrics["accuracy"]!.value).toBeGreaterThan(0.9);
  expect(model.plan(4).parts["text"]!.encoder).toMatchObject({ front: 10 });
  await model.release();
}, 60_000);

/** Conversations and the notes about them. */
function visits(name: string, length: number): Split {
  const what = drawn(name, length);
  return splitOf(name, {
    dialogue: textsColumn(what.map((one) => `${one} doctor ${one}`)),
    note: textsColumn(what.map((one) => `reports ${one} ${one}`)),
  });
}

it("tunes prompts of a decoder, which writes with them token by token and when it is loaded again", async () => {
  const [train, validation] = [visits("train", 96), visits("validation", 16)];
  const task = generation({ prompt: "{dialogue}", column: "note", maximumAnswerTokens: 6 });
  const options = { data: train, batchSize: 16, workers: 0 };
  const whole = await adapt(network("gpt2", { contextLength: 32 }, 32), task, {
    ...options,
    method: scratch(),
    epochs: 20,
    learningRate: 1e-2,
  });
  const start = { ...whole.backbone, weights: whole.weights };
  const method = promptTuning({ virtualTokens: 5 });
  const model = await adapt(start, task, { ...options, method, epochs: 10, learningRate: 0.1 });
  const report = await evaluate(model, task, validation, { resamples: 20 });
  // What is said is of the patient; where it ends is at places that the decoder has not seen.
  expect(report.metrics["rougeL"]!.value).toBeGreaterThan(0.6);
  const columns = { ...validation.columns, note: visits("others", 16).columns["note"]! };
  const wrong = await evaluate(model, task, { ...validation, columns }, { resamples: 20 });
  expect(wrong.metrics["rougeL"]!.value).toBeLessThan(0.5);
  const folder = await mkdtemp(join(tmpdir(), "vesalius-prompts-"));
  await model.save(folder);
  const again = await loadModel(folder);
  expect(await collected(again.predict(validation))).toEqual(await collected(model.predict(validation)));
  await Promise.all([whole.release(), model.release(), again.release(), rm(folder, { recursive: true })]);
}, 120_000);

it("makes prompts by a perceptron in training, of which what is saved holds the vectors alone", async () => {
  const [train, validation] = [visits("train", 32), visits("validation", 8)];
  const task = generation({ prompt: "{dialogue}", column: "note", maximumAnswerTokens: 6 });
  const options = { data: train, batchSize: 16, workers: 0, epochs: 2 };
  const whole = await adapt(network("gpt2", { contextLength: 32 }, 32), task, { ...options, method: scratch() });
  const start = { ...whole.backbone, weights: whole.weights };
  const model = await adapt(start, task, { ...options, method: pTuning({ virtualTokens: 4, projectionWidth: 8 }) });
  const files = model.encode();
  const { tensors } = readSafetensors(files.get("adapter/adapter_model.safetensors") as Uint8Array, "adapter");
  expect([...tensors].map(([name, { shape }]) => [name, shape])).toEqual([["prompt_embeddings", [4, 32]]]);
  expect(JSON.parse(String(files.get("adapter/adapter_config.json")))).toMatchObject({ num_virtual_tokens: 4 });
  expect([...model.weights.keys()].filter((name) => name.includes("mlp_head"))).toEqual([]);
  const folder = await mkdtemp(join(tmpdir(), "vesalius-prompts-"));
  await model.save(folder);
  const again = await loadModel(folder);
  expect(await collected(again.predict(validation))).toEqual(await collected(model.predict(validation)));
  await Promise.all([whole.release(), model.release(), again.release(), rm(folder, { recursive: true })]);
}, 60_000);

it("is refused where prompts would stand in front of something else than the text", async () => {
  const refusal = (backbone: Backbone, data: Split, task: object) =>
    adapt(backbone, task as ReturnType<typeof classification>, { data, method: promptTuning(), workers: 0 });
  const half = { encoderDepth: 1, decoderDepth: 1, encoderHeads: 2, decoderHeads: 2, encoderHiddenWidth: 64 };
  const bart: Backbone = {
    ...network("gpt2", { contextLength: 32 }, 32),
    network: architectures.create({ name: "bart", width: 32, ...half, decoderHiddenWidth: 64, maximumPositions: 32 }),
  };
  const writing = generation({ prompt: "{dialogue}", column: "note", maximumAnswerTokens: 6 });
  await expect(refusal(bart, visits("train", 8), writing)).rejects.toThrow(/in front of both texts of bart/);
  const { record } = measurements("train", 8);
  const records = splitOf("train", { ...notes("train", 8).columns, record });
  const task = classification({ classes: ["chest", "skin"] });
  await expect(refusal(recordNetwork(), records, task)).rejects.toThrow(/reads no text/);
});
