import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import { openDataset } from "../../data/index.node.ts";
import { readExamples, type Split, textsColumn } from "../../data/index.ts";
import { createBackbone } from "../../models/index.ts";
import { maskedTokens, nextToken, type Objective, pretrain } from "../index.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vesalius-corpus-"));
  const words = ["heart", "rate", "was", "low", "and", "blood", "pressure", "high", "since", "monday"];
  const random = randomStream(1, "corpus");
  const documents = Array.from({ length: 400 }, () => {
    const start = random.integer(words.length);
    return Array.from({ length: 3 + random.integer(30) }, (_, i) => words[(start + i) % words.length]!).join(" ");
  });
  await writeFile(join(folder, "train.jsonl"), documents.map((text) => `${JSON.stringify({ text })}\n`).join(""));
});
afterAll(() => rm(folder, { recursive: true }));

/** A split of the same texts in memory. */
async function inMemory(split: Split): Promise<Split> {
  const rows = Int32Array.from({ length: split.length }, (_, row) => row);
  const texts = (await readExamples(split, ["text"], rows)).map((example) => example["text"] as string);
  return { ...split, columns: { text: textsColumn(texts) } };
}

test.each([
  ["bert", maskedTokens({ dropout: false })],
  ["gpt2", nextToken()],
] as const)("%s learns from texts in files what it learns from them in memory", async (name, objective: Objective) => {
  const { train } = (await openDataset(folder, { reader: "corpus", length: 24 })).splits;
  const learned = async (split: Split) => {
    const backbone = createBackbone({ name, preset: "nano" });
    const encoders = { text: { tokenizer: { name: "words" }, lengths: [32] } };
    const { pretraining } = await pretrain({ ...backbone, encoders }, objective, split, {
      steps: 40,
      batchSize: 16,
      learningRate: 5e-3,
      sampler: { name: "sharded", shard: 64, buffer: 128 },
      workers: 0,
      recordEvery: 10,
    });
    return pretraining;
  };
  const [filed, held] = [await learned(train!), await learned(await inMemory(train!))];
  expect(filed.result.history.map(({ loss }) => loss)).toEqual(held.result.history.map(({ loss }) => loss));
  expect(filed.result.history.at(-1)!.loss).toBeLessThan(0.93 * filed.result.history[0]!.loss);
  expect(filed.counts["text"]).toMatchObject({ sampledExamples: train!.length });
});
