import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generate, generateStream } from "./generate.ts";
import { causalReferences, countingBackend, plainLogits } from "./generation.test.helper.ts";
import { smallDecoder } from "./small-decoder.test.helper.ts";
import { type LanguageModel, languageModel } from "./language-model.ts";
import type { GenerationOptions } from "./options.ts";
import { logSoftmax } from "./probabilities.ts";
import { temperature, topK } from "./processors/index.ts";
import type { GeneratedToken } from "./write-tokens.ts";

const reference = smallDecoder();
let model: LanguageModel;
beforeAll(async () => {
  model = await languageModel(reference.definition, reference.weights);
});
afterAll(() => model.release());

/** The first sequence of the first prompt. */
const first = async (prompt: readonly number[], options: GenerationOptions) =>
  (await generate(model, [prompt], options)).sequences[0]![0]!;

describe("sampling", () => {
  test("tokens have the frequencies of the model's distribution, shaped by temperature and top-k", async () => {
    const prompt = [3, 1, 4];
    const count = 4000;
    const { sequences } = await generate(model, [prompt], {
      search: { method: "sample", temperature: 1.5, topK: 6, sequences: count },
      maximumNewTokens: 1,
      seed: 11,
    });
    const raw = (await plainLogits(reference, prompt)).at(-1)!;
    const nothing = { tokens: prompt, written: 0 };
    const expected = logSoftmax(topK(6)(temperature(1.5)(raw, nothing), nothing)).map(Math.exp);
    const counts = new Float64Array(expected.length);
    for (const { tokens } of sequences[0]!) counts[tokens[0]!]!++;
    let chiSquare = 0;
    for (const [token, probability] of expected.entries())
      if (probability === 0) expect(counts[token]).toBe(0);
      else chiSquare += (counts[token]! - count * probability) ** 2 / (count * probability);
    // 99.9% point of chi-square with 5 degrees of freedom.
    expect(chiSquare).toBeLessThan(20.52);
  });

  test("equal seeds give equal texts, other seeds others, and sequences differ from each other", async () => {
    const options = (seed: number): GenerationOptions => ({
      search: { method: "sample", temperature: 2, sequences: 3 },
      maximumNewTokens: 12,
      seed,
    });
    const texts = async (seed: number) =>
      (await generate(model, [[1, 2], [5]], options(seed))).sequences.map((of) =>
        of.map(({ tokens }) => tokens.join()),
      );
    const [a, b, c] = [await texts(1), await texts(1), await texts(2)];
    expect(b).toEqual(a);
    expect(c).not.toEqual(a);
    expect(new Set(a[0]).size).toBe(3);
  });

  test("a text does not depend on the prompts beside it", async () => {
    const options: GenerationOptions = { search: { method: "sample", topP: 0.9 }, maximumNewTokens: 10, seed: 4 };
    const alone = (await generate(model, [[1, 2]], options)).sequences[0];
    const beside = (
      await generate(
        model,
        [
          [1, 2],
          [9, 8, 7, 6, 5],
        ],
        options,
      )
    ).sequences[0];
    expect(beside![0]!.tokens).toEqual(alone![0]!.tokens);
  });

  test("a very low temperature is the greedy search", async () => {
    const greedy = await first([2, 7], { maximumNewTokens: 10 });
    const cold = await first([2, 7], { maximumNewTokens: 10, search: { method: "sample", temperature: 1e-4 } });
    expect(cold.tokens).toEqual(greedy.tokens);
  });
});

describe("the end of a text", () => {
  test("it ends with the first end token, which it keeps", async () => {
    const { tokens } = await first([1, 2, 3], { maximumNewTokens: 12 });
    const end = tokens[4]!;
    const at = tokens.indexOf(end);
    const ended = await first([1, 2, 3], { maximumNewTokens: 12, endTokens: [end] });
    expect(ended).toMatchObject({ tokens: tokens.slice(0, at + 1), finish: "endToken" });
  });

  test("it ends with the first stop sequence among the new tokens, which it keeps", async () => {
    const { tokens } = await first([1, 2, 3], { maximumNewTokens: 12 });
    const stop = tokens.slice(5, 8);
    const at = tokens.findIndex((_, i) => tokens.slice(i, i + 3).join() === stop.join());
    const stopped = await first([1, 2, 3], { maximumNewTokens: 12, stopSequences: [[11, 11, 11, 11], stop] });
    expect(stopped).toMatchObject({ tokens: tokens.slice(0, at + 3), finish: "stopSequence" });
  });

  test("a stop sequence that begins in the prompt does not count", async () => {
    const { tokens } = await first([1, 2, 3], { maximumNewTokens: 6 });
    const across = [3, tokens[0]!];
    const written = await first([1, 2, 3], { maximumNewTokens: 6, stopSequences: [across] });
    const inside = tokens.findIndex((token, i) => token === 3 && tokens[i + 1] === tokens[0]);
    expect(written.tokens).toHaveLength(inside === -1 ? 6 : inside + 2);
  });

  test("no end before the least number of tokens", async () => {
    const free = await first([1, 2, 3], { maximumNewTokens: 10 });
    const endTokens = [free.tokens[0]!];
    const text = await first([1, 2, 3], { maximumNewTokens: 10, minimumNewTokens: 4, endTokens });
    expect(text.tokens.length).toBeGreaterThan(4);
    expect(text.tokens.slice(0, 4)).not.toContain(endTokens[0]);
  });

  test("texts end at their own time, and those that go on are not touched by it", async () => {
    const prompts = [[1, 2, 3], [4], [5, 6]];
    const free = (await generate(model, prompts, { maximumNewTokens: 12 })).sequences.map(([text]) => text!.tokens);
    const end = free[0]![2]!;
    const ended = (await generate(model, prompts, { maximumNewTokens: 12, endTokens: [end] })).sequences;
    for (const [i, tokens] of free.entries()) {
      const at = tokens.indexOf(end);
      expect(ended[i]![0]!.tokens).toEqual(at === -1 ? tokens : tokens.slice(0, at + 1));
    }
  });
});

test("no sequence of three tokens occurs twice where that is forbidden", async () => {
  const prompt = [1, 2, 3, 1, 2];
  const { tokens } = await first(prompt, { maximumNewTokens: 25, noRepeatNgram: 3 });
  const text = [...prompt, ...tokens];
  const grams = text.slice(2).map((_, i) => text.slice(i, i + 3).join());
  expect(new Set(grams).size).toBe(grams.length);
});

test("the log-probability is that of the text read at once", async () => {
  const prompt = [3, 5, 8];
  const { tokens, logProbability } = await first(prompt, {
    search: { method: "sample", temperature: 2, topK: 5 },
    maximumNewTokens: 10,
    repetitionPenalty: 1.4,
  });
  const logits = await plainLogits(reference, [...prompt, ...tokens]);
  const sum = tokens.reduce((total, token, i) => total + logSoftmax(logits[prompt.length - 1 + i]!)[token]!, 0);
  expect(logProbability).toBeCloseTo(sum, 3);
});

describe("streams", () => {
  test("give every token when it is chosen, and the texts at the end", async () => {
    const options: GenerationOptions = {
      search: { method: "sample", temperature: 2, sequences: 2 },
      maximumNewTokens: 8,
      endTokens: [0, 1],
      seed: 3,
    };
    const prompts = [[1, 2], [6]];
    const stream = generateStream(model, prompts, options);
    const seen: GeneratedToken[] = [];
    let step = await stream.next();
    for (; step.done !== true; step = await stream.next()) seen.push(step.value);
    const { sequences } = step.value;
    expect(step.value).toEqual(await generate(model, prompts, options));
    for (const [prompt, of] of sequences.entries())
      for (const [sequence, text] of of.entries()) {
        const own = seen.filter((token) => token.prompt === prompt && token.sequence === sequence);
        expect(own.map(({ token }) => token)).toEqual(text.tokens);
        expect(own.map(({ finish }) => finish)).toEqual([...own.slice(1).map(() => undefined), text.finish]);
        expect(own.reduce((sum, { logProbability }) => sum + logProbability, 0)).toBeCloseTo(text.logProbability, 6);
      }
  });

  test("a reader that stops ends the work, and the model can be used again", async () => {
    const { tokens } = await first([1, 2, 3], { maximumNewTokens: 5 });
    const seen: number[] = [];
    for await (const { token } of generateStream(model, [[1, 2, 3]], { maximumNewTokens: 20 })) {
      seen.push(token);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual(tokens.slice(0, 3));
    expect((await first([1, 2, 3], { maximumNewTokens: 5 })).tokens).toEqual(tokens);
  });

  test("beam search has none", async () => {
    await expect(generateStream(model, [[1]], { search: { method: "beam" } }).next()).rejects.toMatchObject({
      code: "bad-argument",
      where: "search.method",
    });
  });
});

describe("interruption", () => {
  test("between two tokens, for every search", async () => {
    const controller = new AbortController();
    const stream = generateStream(model, [[1, 2]], { maximumNewTokens: 20, signal: controller.signal });
    await stream.next();
    controller.abort();
    await expect(stream.next()).rejects.toMatchObject({
      code: "interrupted",
      what: expect.stringContaining("1 tokens"),
    });
    for (const search of [{ method: "greedy" }, { method: "beam" }] as const)
      await expect(generate(model, [[1]], { search, signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: "interrupted",
      });
  });
});

describe("what does not fit is refused, with what would", () => {
  test.each<[string, readonly (readonly number[])[], unknown, RegExp]>([
    ["a temperature of 0", [[1]], { search: { method: "sample", temperature: 0 } }, /temperature/],
    ["top-p above 1", [[1]], { search: { method: "sample", topP: 1.1 } }, /topP/],
    ["an option of another search", [[1]], { search: { method: "greedy", topK: 3 } }, /topK/],
    ["a misspelt option", [[1]], { maxNewTokens: 3 }, /maxNewTokens/],
    [
      "more sequences than beams",
      [[1]],
      { search: { method: "beam", beams: 2, sequences: 3 } },
      /3 sequences of 2 beams/,
    ],
    ["no prompt", [], {}, /no prompt/],
    ["an empty prompt", [[1], []], {}, /empty \(prompt 1\)/],
    ["a token out of the vocabulary", [[1, 12]], {}, /token 12 is not in the vocabulary of 12 tokens \(prompt 0\)/],
    ["a token that is no whole number", [[0.5]], {}, /token 0\.5/],
    ["an end token out of the vocabulary", [[1]], { endTokens: [99] }, /token 99.*endTokens/],
    ["a prompt beyond the context", [Array.from({ length: 33 }, () => 1)], {}, /33 tokens, the model reads 32/],
    ["a prompt that fills the context", [Array.from({ length: 32 }, () => 1)], {}, /context of 32.*shorten the prompt/],
    ["more new tokens than the context has left", [[1, 2]], { maximumNewTokens: 31 }, /ask for at most 30/],
    ["a least number above the largest", [[1]], { maximumNewTokens: 3, minimumNewTokens: 4 }, /minimumNewTokens/],
  ])("%s", async (_, prompts, options, message) => {
    const asked = generate(model, prompts, options as GenerationOptions);
    await expect(asked).rejects.toMatchObject({ code: "bad-argument", message: expect.stringMatching(message) });
  });

  test("options under which no token is left", async () => {
    for (const search of [{ method: "greedy" }, { method: "sample" }, { method: "beam", beams: 2 }] as const)
      await expect(generate(model, [[1, 2]], { search, noRepeatNgram: 1, maximumNewTokens: 20 })).rejects.toThrow(
        /every token is forbidden after 10 new ones/,
      );
  });

  test("weights that do not belong to the model", async () => {
    const { definition, weights } = smallDecoder();
    const torn = new Map([...weights].filter(([name]) => name !== "transformer.ln_f.bias"));
    await expect(languageModel(definition, torn)).rejects.toMatchObject({ code: "checkpoint-mismatch" });
    const more = new Map([...weights, ["lm_head.weight", weights.get("transformer.wte.weight")!] as const]);
    await expect(languageModel(definition, more)).rejects.toThrow(/unexpected: lm_head\.weight/);
    const allowed = await languageModel(definition, more, { mayBeLeft: (name) => name === "lm_head.weight" });
    await allowed.release();
  });

  test("weights that are not all numbers", async () => {
    const { definition, weights } = smallDecoder();
    const bias = weights.get("transformer.ln_f.bias")!;
    const broken = new Map([
      ...weights,
      ["transformer.ln_f.bias", { ...bias, data: new Float32Array(16).fill(NaN) }] as const,
    ]);
    const diverged = await languageModel(definition, broken);
    await expect(generate(diverged, [[1]])).rejects.toMatchObject({ code: "not-a-number" });
    await diverged.release();
  });
});

test("without a number of tokens a text fills the context that is left, up to 128", async () => {
  expect((await first([1, 2], {})).tokens).toHaveLength(30);
});

test("300 tokens need one session for each doubled length, and a second text needs none", async () => {
  const { definition, weights } = smallDecoder({ contextLength: 400 });
  const { backend, loaded, open } = await countingBackend();
  const long = await languageModel(definition, weights, { backend });
  const options: GenerationOptions = { maximumNewTokens: 300 };
  const { sequences } = await generate(long, [[1, 2, 3]], options);
  expect(sequences[0]![0]!.tokens).toHaveLength(300);
  // One to read the prompt; 64, 128, 256 and 400 slots to go on.
  expect(loaded()).toBe(5);
  expect((await generate(long, [[1, 2, 3]], options)).sequences).toEqual(sequences);
  expect(loaded()).toBe(5);
  await long.release();
  expect(open()).toBe(0);
});

test("texts of one model that are written at the same time do not disturb each other", async () => {
  const { definition, weights } = await causalReferences["LLaMA"]!();
  const { backend, open } = await countingBackend();
  const shared = await languageModel(definition, weights, { backend });
  const ask = (length: number) =>
    generate(
      shared,
      Array.from({ length }, (_, i) => [i + 1]),
      { maximumNewTokens: 6 },
    );
  const counts = [1, 2, 3, 4, 5, 6];
  const one: unknown[] = [];
  for (const count of counts) one.push(await ask(count));
  expect(await Promise.all(counts.map(ask))).toEqual(one);
  await shared.release();
  expect(open()).toBe(0);
});
