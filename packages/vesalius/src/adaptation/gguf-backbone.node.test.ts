import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { isLazy } from "../common/lazy-tensor.ts";
import { createTokenizer } from "../data/tokenizers/index.ts";
import { generate, languageModel } from "../generation/index.ts";
import { logProbabilityOf } from "../generation/probabilities.ts";
import { ggufHeader, type GgufEntry } from "../models/checkpoints/index.ts";
import { readFixture, readFixtureJson } from "../testing/reference.node.ts";
import { loadBackbone } from "./load-model.node.ts";

const fixtureSchema = z.looseObject({
  prompt: z.array(z.int()),
  next: z.array(z.tuple([z.int(), z.number()])),
  text: z.string(),
  tokens: z.array(z.int()),
});
const pathOf = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/reference/gguf/${name}/model.gguf`, import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "vesalius-gguf-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(["llama_q8", "qwen2_q4"])("%s", (name) => {
  const fixture = fixtureSchema.parse(readFixtureJson(`gguf/${name}`));

  test("has the weights that were stored, under the names of the network, and none of them in memory", async () => {
    const { weights } = await readFixture(`gguf/${name}`);
    const backbone = await loadBackbone(pathOf(name));
    expect([...backbone.weights.keys()].sort()).toEqual([...weights.keys()].sort());
    for (const [key, tensor] of backbone.weights) {
      expect(isLazy(tensor), key).toBe(true);
      expect({ ...tensor }, key).toEqual(weights.get(key));
    }
  });

  test("gives the probabilities of llama.cpp, up to what it rounds", async () => {
    const { network, weights } = await loadBackbone(pathOf(name));
    const model = await languageModel(network.decoder!(), weights, { mayBeLeft: (key) => key.startsWith("score.") });
    const texts = await model.begin([fixture.prompt], 1);
    for (const [token, probability] of fixture.next)
      expect(Math.abs(Math.exp(logProbabilityOf(texts.logits[0]!, token)) / probability - 1)).toBeLessThan(0.03);
    texts.release();
    await model.release();
  });

  test("writes the same in 4 bits, which Q4_0 is already, and nearly so where products are rounded to 8 bits", async () => {
    const { network, weights } = await loadBackbone(pathOf(name));
    const logitsOf = async (fourBits: boolean | "exact"): Promise<Float32Array> => {
      const mayBeLeft = (key: string): boolean => key.startsWith("score.");
      const model = await languageModel(network.decoder!(), weights, { mayBeLeft, fourBits });
      const { sequences } = await generate(model, [fixture.prompt], { maximumNewTokens: 3 });
      expect(sequences[0]![0]!.tokens).toHaveLength(3);
      const texts = await model.begin([fixture.prompt], 1);
      const [logits] = texts.logits;
      texts.release();
      await model.release();
      return logits!.slice();
    };
    const [float, exact, fast] = [await logitsOf(false), await logitsOf("exact"), await logitsOf(true)];
    const apart = (other: Float32Array): number => Math.max(...other.map((x, i) => Math.abs(x - float[i]!)));
    if (name === "qwen2_q4") expect(apart(exact)).toBeLessThan(1e-4);
    expect(apart(fast)).toBeLessThan(0.3);
    expect(apart(fast)).toBeGreaterThan(0);
  });

  test("brings its tokenizer, which splits a text as llama.cpp does", async () => {
    const { encoders } = await loadBackbone(pathOf(name));
    const tokenizer = createTokenizer(encoders!["text"]!["tokenizer"] as Parameters<typeof createTokenizer>[0]);
    const encoding = tokenizer.encode(fixture.text);
    expect([...encoding.ids]).toEqual(fixture.tokens);
    expect(tokenizer.decode(encoding.ids)).toBe(fixture.text);
    const whole = [...tokenizer.wrap(encoding).ids];
    expect(whole).toEqual(name === "llama_q8" ? [1, ...fixture.tokens] : fixture.tokens);
  });
});

const base: Readonly<Record<string, GgufEntry>> = {
  "general.architecture": "llama",
  "llama.context_length": 16,
  "llama.embedding_length": 32,
  "llama.block_count": 1,
  "llama.feed_forward_length": 32,
  "llama.attention.head_count": 2,
  "llama.attention.layer_norm_rms_epsilon": { float: 1e-5 },
};

async function load(metadata: Readonly<Record<string, GgufEntry>>) {
  const { header, offsets } = ggufHeader(metadata, [{ name: "token_embd.weight", shape: [8, 32], format: "F32" }]);
  const bytes = new Uint8Array(offsets[0]! + 1024);
  bytes.set(header);
  await writeFile(join(folder, "x.gguf"), bytes);
  return loadBackbone(join(folder, "x.gguf"));
}

test.each([
  [{ "llama.rope.scaling.type": "longrope" }, "bad-configuration", /rope\.scaling\.type: longrope/],
  [{ "llama.attention.clamp_kqv": { float: 8 } }, "bad-configuration", /llama\.attention\.clamp_kqv.*not known/],
  [{ "llama.expert_count": 8 }, "bad-configuration", /llama\.expert_count: 8/],
  [{ "general.architecture": "mamba2" }, "bad-configuration", /"mamba2" is not read.*llama, qwen2/],
  [{ "split.count": 3 }, "bad-file", /split into 3 files/],
  [{ "llama.embedding_length": "wide" }, "bad-file", /llama\.embedding_length holds no number/],
  [{}, "checkpoint-mismatch", /missing: model\.layers\.0\.input_layernorm\.weight/],
])("what changes the computation and is not implemented is refused by name: %j", async (change, code, message) => {
  await expect(load({ ...base, ...change })).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
});

test("a file that is cut short is refused when it is opened", async () => {
  const whole = await readFile(pathOf("qwen2_q4"));
  await writeFile(join(folder, "cut.gguf"), whole.subarray(0, whole.length - 40));
  await expect(loadBackbone(join(folder, "cut.gguf"))).rejects.toMatchObject({ code: "bad-file" });
});
