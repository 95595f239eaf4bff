import { initializeParameters, type Tensors } from "../graph/index.ts";
import { gpt2ConfigSchema } from "../models/index.ts";
import { completeGraph } from "./decode-graph.ts";
import { type CausalDecoder, gpt2Decoder } from "../models/index.ts";

/** A definition and its weights. */
export interface WeightedDefinition<Definition> {
  readonly definition: Definition;
  readonly weights: Tensors;
}

/** A small GPT-2 with drawn weights, large enough in their spread for texts that are not all alike. */
export function smallDecoder(
  options: { readonly vocabularySize?: number; readonly contextLength?: number; readonly seed?: number } = {},
): WeightedDefinition<CausalDecoder> {
  const { vocabularySize = 12, contextLength = 32, seed = 1 } = options;
  const definition = gpt2Decoder(
    gpt2ConfigSchema.parse({ vocabularySize, contextLength, width: 16, depth: 2, heads: 2 }),
  );
  const weights = initializeParameters(completeGraph(definition), seed);
  for (const [name, { data, shape }] of weights)
    if (shape.length === 2 && !name.includes("wpe")) (data as Float32Array).forEach((x, i) => (data[i] = 12 * x));
  return { definition, weights };
}
