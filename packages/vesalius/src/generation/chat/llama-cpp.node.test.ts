import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createTokenizer, ggufTokenizer } from "../../data/index.ts";
import { ggufNetwork, openGguf } from "../../models/checkpoints/index.node.ts";
import { architectures } from "../../models/index.ts";
import { languageModel } from "../language-model.ts";
import { llamaCppChatModel } from "./llama-cpp.node.ts";
import { ownChatModel } from "./own-model.ts";

const name = "node-llama-cpp";
const installed = await import(name).then(
  () => true,
  () => false,
);
const folder = join(import.meta.dirname, "../../../fixtures/reference/gguf/llama_q8");
const file = join(folder, "model.gguf");
const question = [{ role: "user" as const, content: "the patient has" }];

it.skipIf(installed)("says which package is missing", async () => {
  await expect(llamaCppChatModel(file)).rejects.toMatchObject({
    code: "missing-dependency",
    fix: "run: npm install node-llama-cpp",
  });
});

it("refuses what is no GGUF file before the package is asked for", async () => {
  await expect(llamaCppChatModel(join(folder, "fixture.json"))).rejects.toMatchObject({ code: "bad-file" });
  await expect(llamaCppChatModel(join(folder, "none.gguf"))).rejects.toMatchObject({ code: "missing-file" });
});

describe.skipIf(!installed)("a GGUF file in llama.cpp (with the optional package node-llama-cpp)", () => {
  it("answers, says how likely answers are, and how long a conversation may be", async () => {
    const model = await llamaCppChatModel(file, { threads: 1 });
    try {
      const answer = await model.complete(question, { maximumTokens: 4, logProbabilities: true });
      expect(answer.usage.completionTokens).toBeLessThanOrEqual(4);
      expect(await model.complete(question, { maximumTokens: 4, logProbabilities: true })).toEqual(answer);
      // The same file in our own engine, whose products are not rounded to 8 bits.
      const opened = await openGguf(file);
      const { architecture, config, weights } = ggufNetwork(opened, opened.weights, file);
      const network = architectures.create({ name: architecture, ...config });
      const tokenizer = createTokenizer(ggufTokenizer(opened.metadata, file)!);
      const own = ownChatModel("own", await languageModel(network.decoder!(), weights), tokenizer);
      const words = ["12 pat", "pain of the patient"];
      const [theirs, ours] = [await model.likelihoods!(question, words), await own.likelihoods!(question, words)];
      theirs.forEach(({ logProbability, tokens }, i) => {
        expect(tokens).toBe(ours[i]!.tokens);
        expect(Math.abs(logProbability - ours[i]!.logProbability) / tokens).toBeLessThan(0.1);
      });
      const wrote = await own.complete(question, { maximumTokens: 1, logProbabilities: true });
      const first = answer.tokens![0]!;
      if (wrote.tokens![0]!.text === first.text)
        expect(Math.abs(first.logProbability - wrote.tokens![0]!.logProbability)).toBeLessThan(0.1);
      await own.release();
      await expect(model.complete([{ role: "user", content: "pain ".repeat(100) }])).rejects.toMatchObject({
        code: "bad-data",
        message: expect.stringMatching(/there is room for/) as string,
      });
    } finally {
      await model.release();
    }
  });
});
