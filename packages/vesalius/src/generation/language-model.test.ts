import { describe, expect, test } from "vitest";
import { bartConfigFromHuggingFace } from "../models/index.ts";
import { readFixture } from "../testing/reference.node.ts";
import { bartGenerator } from "../models/index.ts";
import { generate } from "./generate.ts";
import {
  causalReferences,
  encoderDecoderReferences,
  mostLikelyNext,
  plainLogits,
  someTokens,
} from "./generation.test.helper.ts";
import { languageModel } from "./language-model.ts";
import { smallDecoder } from "./small-decoder.test.helper.ts";

/** Largest difference of two rows. */
const distance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

const references = { ...causalReferences, ...encoderDecoderReferences };

describe.each(Object.keys(references))("%s", (name) => {
  test("each cached step gives the logits of a whole pass", async () => {
    const reference = await references[name]!();
    const { definition, weights } = reference;
    const model = await languageModel(definition, weights);
    const prompt = someTokens(5, definition.vocabularySize);
    const answer = someTokens(9, definition.vocabularySize, 11);
    const context = [...model.context(prompt)];
    const expected = await plainLogits(reference, [...context, ...answer], prompt);
    const texts = await model.begin([prompt], 1);
    const differences = [distance(texts.logits[0]!, expected[context.length - 1]!)];
    for (const [i, token] of answer.entries()) {
      await texts.append([token]);
      differences.push(distance(texts.logits[0]!, expected[context.length + i]!));
    }
    expect(differences).toHaveLength(10);
    expect(Math.max(...differences)).toBeLessThan(1e-4);
    await model.release();
  });

  test("greedy texts are those of whole passes, and of each prompt alone when prompts of other lengths stand beside it", async () => {
    const reference = await references[name]!();
    const { definition, weights } = reference;
    const model = await languageModel(definition, weights);
    const prompts = [4, 1, 7].map((length) => someTokens(length, definition.vocabularySize, length));
    const { sequences } = await generate(model, prompts, { maximumNewTokens: 8 });
    for (const [i, prompt] of prompts.entries()) {
      const { tokens } = sequences[i]![0]!;
      expect(tokens).toHaveLength(8);
      expect(tokens).toEqual(await mostLikelyNext(reference, model.context(prompt), tokens, prompt));
      const alone = await generate(model, [prompt], { maximumNewTokens: 8 });
      expect(sequences[i]![0]!.tokens).toEqual(alone.sequences[0]![0]!.tokens);
      expect(sequences[i]![0]!.logProbability).toBeCloseTo(alone.sequences[0]![0]!.logProbability, 4);
    }
    await model.release();
  });
});

test("a decoder with several start tokens begins with all of them, and needs one", async () => {
  const { weights } = await encoderDecoderReferences["BART"]!();
  const config = bartConfigFromHuggingFace((await readFixture("model/bart")).description.config);
  const definition = bartGenerator(config, { startTokens: [2, 0] });
  const model = await languageModel(definition, weights);
  const prompt = someTokens(6, definition.vocabularySize);
  const { tokens } = (await generate(model, [prompt], { maximumNewTokens: 5 })).sequences[0]![0]!;
  expect(tokens).toEqual(await mostLikelyNext({ definition, weights }, [2, 0], tokens, prompt));
  await model.release();
  expect(() => bartGenerator(config, { startTokens: [] })).toThrow(/startTokens.*decoder_start_token_id/);
});

test("without kept keys and values the texts are the same", async () => {
  const { definition, weights } = smallDecoder();
  const cached = await languageModel(definition, weights);
  const recomputed = await languageModel(definition, weights, { cache: false });
  const prompts = [[1, 2, 3], [4]];
  for (const search of [
    { method: "greedy" } as const,
    { method: "sample", sequences: 2 } as const,
    { method: "beam", beams: 3 } as const,
  ]) {
    const options = { search, maximumNewTokens: 10, endTokens: [0] };
    const [a, b] = [await generate(cached, prompts, options), await generate(recomputed, prompts, options)];
    expect(a.sequences.map((of) => of.map(({ tokens }) => tokens))).toEqual(
      b.sequences.map((of) => of.map(({ tokens }) => tokens)),
    );
  }
  await cached.release();
  await recomputed.release();
});
