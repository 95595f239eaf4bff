import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generate } from "./generate.ts";
import { plainLogits, plainLogitsOfAll } from "./generation.test.helper.ts";
import { smallDecoder } from "./small-decoder.test.helper.ts";
import { type LanguageModel, languageModel } from "./language-model.ts";
import type { GenerationOptions } from "./options.ts";
import { logSoftmax } from "./probabilities.ts";

const reference = smallDecoder({ vocabularySize: 4, contextLength: 8, seed: 3 });
let model: LanguageModel;
beforeAll(async () => {
  model = await languageModel(reference.definition, reference.weights);
});
afterAll(() => model.release());

const prompt = [2, 1];
const longest = 4;

interface Candidate {
  readonly tokens: readonly number[];
  readonly logProbability: number;
}

/** Every sequence of a number of tokens. */
const everySequence = (length: number): number[][] =>
  length === 0 ? [[]] : everySequence(length - 1).flatMap((start) => [0, 1, 2, 3].map((token) => [...start, token]));

/** Every text that ends with its first end token or has all its tokens, from one whole pass over all of them. */
async function everyText(endToken: number | undefined): Promise<Candidate[]> {
  const sequences = everySequence(longest);
  const logits = await plainLogitsOfAll(
    reference,
    sequences.map((tokens) => [...prompt, ...tokens]),
  );
  const texts = new Map<string, Candidate>();
  for (const [i, sequence] of sequences.entries()) {
    const end = sequence.indexOf(endToken ?? -1);
    const tokens = end === -1 ? sequence : sequence.slice(0, end + 1);
    const logProbability = tokens.reduce(
      (sum, token, t) => sum + logSoftmax(logits[i]![prompt.length - 1 + t]!)[token]!,
      0,
    );
    texts.set(tokens.join(), { tokens, logProbability });
  }
  return [...texts.values()];
}

async function compare(endToken: number | undefined, lengthPenalty: number): Promise<void> {
  const all = (await everyText(endToken))
    .map((text) => ({ ...text, score: text.logProbability / text.tokens.length ** lengthPenalty }))
    .sort((a, b) => b.score - a.score);
  const { sequences } = await generate(model, [prompt], {
    // As many beams as texts of one token less: nothing is ever left out.
    search: { method: "beam", beams: 64, lengthPenalty, earlyStopping: "never", sequences: 5 },
    maximumNewTokens: longest,
    endTokens: endToken === undefined ? [] : [endToken],
  });
  expect(sequences[0]!.map(({ tokens }) => tokens)).toEqual(all.slice(0, 5).map(({ tokens }) => tokens));
  for (const [i, { score, logProbability }] of sequences[0]!.entries()) {
    expect(score).toBeCloseTo(all[i]!.score, 3);
    expect(logProbability).toBeCloseTo(all[i]!.logProbability, 3);
  }
}

describe("a beam wide enough finds what an exhaustive search finds", () => {
  test("among texts of one length", () => compare(undefined, 1));
  test("among texts that end early, valued by their log-probability", () => compare(0, 0));
  test("among texts that end early, valued by length too", () => compare(0, 1));
  test("among texts that end early, when long ones are favoured", () => compare(3, 2));
});

test("one beam is the greedy search", async () => {
  for (const seed of [1, 2, 3, 4]) {
    const { definition, weights } = smallDecoder({ seed });
    const other = await languageModel(definition, weights);
    const options: GenerationOptions = {
      maximumNewTokens: 12,
      endTokens: [5],
      noRepeatNgram: 3,
      minimumNewTokens: 2,
    };
    const prompts = [[1], [2, 3, 4], [7, 7]];
    const greedy = await generate(other, prompts, options);
    const beam = await generate(other, prompts, {
      ...options,
      search: { method: "beam", beams: 1 },
    });
    const written = ({ sequences }: typeof beam) => sequences.map(([first]) => [first!.tokens, first!.finish]);
    expect(written(beam)).toEqual(written(greedy));
    await other.release();
  }
});

test("prompts of other lengths beside it do not change a search, and beams are reordered in their own prompt", async () => {
  const { definition, weights } = smallDecoder({ vocabularySize: 9 });
  const other = await languageModel(definition, weights);
  const options: GenerationOptions = {
    search: { method: "beam", beams: 4, sequences: 4 },
    maximumNewTokens: 10,
    endTokens: [0],
  };
  const prompts = [[1, 2, 3, 4, 5], [6], [8, 2]];
  const together = await generate(other, prompts, options);
  for (const [i, one] of prompts.entries()) {
    const alone = await generate(other, [one], options);
    expect(together.sequences[i]!.map(({ tokens }) => tokens)).toEqual(alone.sequences[0]!.map(({ tokens }) => tokens));
  }
  // The log-probability that the reordered caches gave is that of the text read at once.
  for (const { tokens, logProbability } of together.sequences[0]!) {
    const logits = await plainLogits({ definition, weights }, [...prompts[0]!, ...tokens]);
    const sum = tokens.reduce((total, token, t) => total + logSoftmax(logits[prompts[0]!.length - 1 + t]!)[token]!, 0);
    expect(logProbability).toBeCloseTo(sum, 3);
  }
  await other.release();
});

test("stopping early takes the first texts that end", async () => {
  const options = { maximumNewTokens: longest, endTokens: [0] };
  const search = { method: "beam", beams: 2, sequences: 2 } as const;
  const early = await generate(model, [prompt], { ...options, search: { ...search, earlyStopping: true } });
  const late = await generate(model, [prompt], { ...options, search: { ...search, earlyStopping: "never" } });
  expect(late.sequences[0]![0]!.score).toBeGreaterThanOrEqual(early.sequences[0]![0]!.score!);
});
