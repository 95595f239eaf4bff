import { expect, it } from "vitest";
import { chatEncoder, createTokenizer, wordFile } from "../../data/index.ts";
import { languageModel } from "../language-model.ts";
import { logProbabilityOf } from "../probabilities.ts";
import { smallDecoder } from "../small-decoder.test.helper.ts";
import { ownChatModel } from "./own-model.ts";

const words = "[PAD] [UNK] [CLS] [SEP] [MASK] : User Assistant fever cough no yes".split(" ");
const tokenizer = createTokenizer(wordFile(words));
const question = [{ role: "user" as const, content: "fever cough" }];

it("answers as generation does, and tells how likely an answer is", async () => {
  const { definition, weights } = smallDecoder({ vocabularySize: words.length });
  const model = await languageModel(definition, weights);
  const chat = ownChatModel("small", model, tokenizer);
  const answer = await chat.complete(question, { maximumTokens: 4, logProbabilities: true });
  expect(await chat.complete(question, { maximumTokens: 4, logProbabilities: true })).toEqual(answer);
  expect(answer.usage).toEqual({ promptTokens: 4, completionTokens: answer.tokens!.length });
  expect(answer.finish).toBe(answer.tokens!.at(-1)!.text === "[SEP]" ? "end" : "length");
  // The likelihood of answers, by reading prompt and answer as one text.
  const [one, two] = await chat.likelihoods!(question, ["no", "yes fever"]);
  const { ids } = chatEncoder(tokenizer).encode(question, true);
  const byHand = async (answered: readonly number[]): Promise<number> => {
    let sum = 0;
    for (const [place, token] of answered.entries()) {
      const texts = await model.begin([[...ids, ...answered.slice(0, place)]], 1);
      sum += logProbabilityOf(texts.logits[0]!, token);
      texts.release();
    }
    return sum;
  };
  expect(one).toMatchObject({ tokens: 1 });
  expect(one!.logProbability).toBeCloseTo(await byHand([10]), 4);
  expect(two!.logProbability).toBeCloseTo(await byHand([11, 8]), 4);
  await chat.release();
});

it("ends an answer at a stop text, and refuses a conversation that does not fit", async () => {
  const { definition, weights } = smallDecoder({ vocabularySize: words.length });
  const chat = ownChatModel("small", await languageModel(definition, weights), tokenizer);
  const free = await chat.complete(question, { maximumTokens: 8, temperature: 1, seed: 3 });
  const first = free.text.split(" ")[0]!;
  const stopped = await chat.complete(question, { maximumTokens: 8, temperature: 1, seed: 3, stop: [first] });
  expect(stopped).toMatchObject({ text: "", finish: "end" });
  const long = [{ role: "user" as const, content: "fever ".repeat(40) }];
  await expect(chat.complete(long)).rejects.toMatchObject({
    code: "bad-data",
    message: expect.stringMatching(/has 42 tokens, there is room for 16/) as string,
  });
  await chat.release();
});
