import { platform } from "#platform";
import { encodeFourBits, fourBitProducts, type Graph, type Tensors } from "../graph/index.ts";
import { checkWeights, type WeightCheck } from "../models/index.ts";
import type { Backend } from "../runtime/index.ts";
import { beginCausal } from "./causal-texts.ts";
import { completeGraph } from "./decode-graph.ts";
import type { CausalDecoder, EncoderDecoder } from "../models/index.ts";
import { beginEncoded } from "./encoded-texts.ts";
import { Programs } from "./programs.ts";
import { beginRecomputed } from "./recomputed-texts.ts";
import type { Texts } from "./texts.ts";

/** A model with its weights that can go on with texts. */
export interface LanguageModel {
  readonly kind: "causal" | "encoder-decoder";
  readonly vocabularySize: number;
  /** Most tokens of a text: prompt and answer together for a causal decoder, the answer alone otherwise. */
  readonly contextLength: number;
  /** Most tokens of a prompt. */
  readonly promptLength: number;
  /** The tokens that the decoder has before it when it starts to write: the prompt, or its start tokens. */
  context(prompt: readonly number[]): readonly number[];
  /** Reads prompts and opens `copies` texts for each, those of one prompt next to each other. */
  begin(prompts: readonly (readonly number[])[], copies: number): Promise<Texts>;
  /** Frees the engine's sessions. The model can be used again afterwards. */
  release(): Promise<void>;
}

/** Options of `languageModel`. */
export interface LanguageModelOptions extends Pick<WeightCheck, "mayBeLeft"> {
  /** ONNX Runtime on the CPU by default. */
  readonly backend?: Backend;
  /**
   * Keep the keys and values of every token, so that a new one costs one pass of one token; true by default. Without
   * them the whole text is read again for every token: slower by its length, and no memory is held between tokens.
   * Encoder-decoders always keep them.
   */
  readonly cache?: boolean;
  /** Changes every graph before it is compiled: puts an adapter on it. */
  readonly rewrite?: (graph: Graph) => Graph;
  /**
   * Store the weights of products and tables in 4 bits: an eighth of the memory, and several times the speed where texts are
   * few. `true` rounds the other operand of products to 8 bits, as llama.cpp does; `"exact"` computes in float32. Needs a
   * backend on a processor; weights that are read from files (GGUF, folders of more than 1 GB) are so never in memory as a
   * whole.
   */
  readonly fourBits?: boolean | "exact";
}

/** Programs whose weights are stored in 4 bits, made weight by weight. */
function fourBitPrograms(
  whole: Graph,
  weights: Tensors,
  rewrite: (graph: Graph) => Graph,
  backend: Backend,
  exact: boolean,
): Programs {
  const { weights: chosen } = fourBitProducts(whole, { exact });
  const keep = backend.keepWeights?.();
  const stored: Tensors = new Map();
  for (const weight of chosen)
    for (const [name, part] of encodeFourBits(weight, weights.get(weight.name)!, keep)) stored.set(name, part);
  const names = new Set(chosen.map(({ name }) => name));
  const rest = new Map(
    [...weights].filter(([name]) => !names.has(name)).map(([name, tensor]) => [name, { ...tensor }]),
  );
  return new Programs(backend, rest, (graph) => fourBitProducts(rewrite(graph), { exact }).graph, stored);
}

/**
 * Joins a definition and its weights to a model that `generate` takes. Sessions are compiled when they are first
 * needed: one for each number of texts and doubled length.
 *
 * @param weights by the names of the checkpoint; every parameter must be there
 * @throws VesaliusError `checkpoint-mismatch` listing missing, unexpected and mis-shaped names
 *
 * @example
 * const model = await languageModel(gpt2Decoder(gpt2ConfigFromHuggingFace(config)), weights);
 * const { sequences } = await generate(model, [[464, 5827]], { maximumNewTokens: 20 });
 */
export async function languageModel(
  definition: CausalDecoder | EncoderDecoder,
  weights: Tensors,
  options: LanguageModelOptions = {},
): Promise<LanguageModel> {
  const { mayBeLeft, rewrite = (graph: Graph) => graph } = options;
  const whole = rewrite(completeGraph(definition));
  const checked = checkWeights(whole, weights, mayBeLeft === undefined ? {} : { mayBeLeft });
  const backend = options.backend ?? (await platform.defaultBackend());
  const programs = options.fourBits
    ? fourBitPrograms(whole, checked, rewrite, backend, options.fourBits === "exact")
    : new Programs(backend, checked, rewrite);
  const { vocabularySize, contextLength } = definition;
  const shared = { vocabularySize, contextLength, release: () => programs.release() };
  if (definition.kind === "encoder-decoder")
    return {
      ...shared,
      kind: "encoder-decoder",
      promptLength: definition.promptLength,
      context: () => definition.startTokens,
      begin: (prompts, copies) => beginEncoded({ definition, programs }, prompts, copies),
    };
  const begin = options.cache === false ? beginRecomputed : beginCausal;
  return {
    ...shared,
    kind: "causal",
    promptLength: contextLength,
    context: (prompt) => prompt,
    begin: (prompts, copies) => begin({ definition, programs }, prompts, copies),
  };
}
