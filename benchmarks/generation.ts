import { generate, gpt2Decoder, type LanguageModel, languageModel } from "vesalius/generation";
import { Graph, initializeParameters } from "vesalius/graph";
import { gpt2, gpt2ConfigSchema } from "vesalius/models";
import type { Measure } from "./result.ts";

/** How much is measured. */
export interface GenerationEffort {
  readonly rounds: number;
  readonly promptTokens: number;
  readonly newTokens: number;
}

/** Enough for figures that hold on a quiet machine; about a minute on two cores. */
export const fullGeneration: GenerationEffort = { rounds: 2, promptTokens: 64, newTokens: 64 };

/** As little as exercises everything; the figures mean nothing. */
export const quickGeneration: GenerationEffort = { rounds: 1, promptTokens: 4, newTokens: 2 };

/** How the figures come about, for whoever reads a result. */
export const generationMethod =
  "A GPT-2 of 8 layers, width 512 and 8,000 tokens (drawn weights) goes on greedily from prompts of 64 tokens with 64 new " +
  "ones, in turns with and without kept keys and values; without them the whole text is read again for each token. " +
  "Sessions are compiled before. Tokens per second count the new tokens of all texts over the whole time, reading the " +
  "prompt included; the best of two rounds.";

const config = gpt2ConfigSchema.parse({ vocabularySize: 8000, contextLength: 512, width: 512, depth: 8, heads: 8 });

async function models(): Promise<{ readonly cached: LanguageModel; readonly uncached: LanguageModel; count: number }> {
  const graph = new Graph("weights");
  graph.output("logits", gpt2(graph.input("tokens", "int32", [1, 1]), config));
  const weights = initializeParameters(graph, 1);
  const count = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  const decoder = gpt2Decoder(config);
  return {
    cached: await languageModel(decoder, weights),
    uncached: await languageModel(decoder, weights, { cache: false }),
    count,
  };
}

/** Measures how many tokens are written each second, with and without kept keys and values. */
export async function measureGeneration(effort: GenerationEffort): Promise<Measure[]> {
  const { cached, uncached, count } = await models();
  const measures: Measure[] = [{ name: "GPT-2: parameters", value: count, unit: "parameters", ratio: null, of: null }];
  for (const texts of [1, 4]) {
    const prompts = Array.from({ length: texts }, (_, row) =>
      Array.from({ length: effort.promptTokens }, (_token, i) => (31 * i + 977 * row) % config.vocabularySize),
    );
    const rate = async (model: LanguageModel): Promise<number> => {
      const start = performance.now();
      await generate(model, prompts, { maximumNewTokens: effort.newTokens });
      return (1000 * texts * effort.newTokens) / (performance.now() - start);
    };
    const best = { cached: 0, uncached: 0 };
    // The first round compiles.
    for (let round = 0; round <= effort.rounds; round++) {
      const [withCache, without] = [await rate(cached), await rate(uncached)];
      if (round === 0) continue;
      best.cached = Math.max(best.cached, withCache);
      best.uncached = Math.max(best.uncached, without);
    }
    const label = `${texts} ${texts === 1 ? "text" : "texts"}`;
    const plain = `${label}, read again for each token`;
    measures.push(
      { name: plain, value: best.uncached, unit: "tokens/s", ratio: null, of: null },
      {
        name: `${label}, keys and values kept`,
        value: best.cached,
        unit: "tokens/s",
        ratio: best.cached / best.uncached,
        of: plain,
      },
    );
  }
  await cached.release();
  await uncached.release();
  return measures;
}
