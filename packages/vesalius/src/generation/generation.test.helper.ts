import { filled, Graph, type Tensors, toOnnx, type Value } from "../graph/index.ts";
import {
  bartConfigFromHuggingFace,
  gpt2ConfigFromHuggingFace,
  gpt2ConfigSchema,
  llamaConfigFromHuggingFace,
  llamaConfigSchema,
  mixtralConfigFromHuggingFace,
  t5ConfigFromHuggingFace,
} from "../models/index.ts";
import type { Backend } from "../runtime/index.ts";
import { nodeCpu } from "../runtime/index.node.ts";
import { readFixture } from "../testing/reference.node.ts";
import { completeGraph } from "./decode-graph.ts";
import {
  bartGenerator,
  type CausalDecoder,
  type EncoderDecoder,
  gpt2Decoder,
  llamaDecoder,
  mixtralDecoder,
  t5Generator,
} from "../models/index.ts";
import type { WeightedDefinition } from "./small-decoder.test.helper.ts";

/** Decoders with the weights of their fixtures; tied entries and buffers left out. */
export const causalReferences: Readonly<Record<string, () => Promise<WeightedDefinition<CausalDecoder>>>> = {
  "GPT-2": () => reference("model/gpt2_hf", (config) => gpt2Decoder(gpt2ConfigFromHuggingFace(config))),
  nanoGPT: () =>
    reference("model/gpt2_nanogpt", () =>
      gpt2Decoder(
        gpt2ConfigSchema.parse({
          vocabularySize: 65,
          contextLength: 16,
          width: 32,
          depth: 2,
          heads: 4,
          gelu: "none",
        }),
      ),
    ),
  LLaMA: () => reference("model/llama_hf", (config) => llamaDecoder(llamaConfigFromHuggingFace(config))),
  "LLaMA in Meta's layout": () =>
    reference("model/llama", () =>
      llamaDecoder(
        llamaConfigSchema.parse({
          vocabularySize: 64,
          width: 32,
          depth: 2,
          heads: 4,
          keyValueHeads: 2,
          hiddenWidth: 96,
          maximumPositions: 16,
          epsilon: 1e-5,
          tiedOutput: true,
          checkpoint: "meta",
        }),
      ),
    ),
  Mixtral: () => reference("model/mixtral", (config) => mixtralDecoder(mixtralConfigFromHuggingFace(config))),
};

/** Encoder-decoders with the weights of their fixtures. */
export const encoderDecoderReferences: Readonly<Record<string, () => Promise<WeightedDefinition<EncoderDecoder>>>> = {
  BART: () => reference("model/bart", (config) => bartGenerator(bartConfigFromHuggingFace(config))),
  T5: () => reference("model/t5", (config) => t5Generator(t5ConfigFromHuggingFace(config))),
};

async function reference<Definition extends CausalDecoder | EncoderDecoder>(
  path: string,
  define: (config: unknown) => Definition,
): Promise<WeightedDefinition<Definition>> {
  const { description, weights } = await readFixture(path);
  const definition = define(description.config);
  const { parameters } = completeGraph(definition);
  return { definition, weights: new Map([...weights].filter(([name]) => parameters.has(name))) };
}

/**
 * Logits of every position of texts of one length, from the plain graph that training uses:
 * `[text][position][vocabularySize]`. All texts of an encoder-decoder answer one prompt.
 */
export async function plainLogitsOfAll(
  { definition, weights }: WeightedDefinition<CausalDecoder | EncoderDecoder>,
  texts: readonly (readonly number[])[],
  prompt: readonly number[] = [],
): Promise<Float32Array[][]> {
  const graph = new Graph("plain");
  const feeds: Tensors = new Map(weights);
  const input = (name: string, rows: readonly (readonly number[])[]): Value => {
    const shape = [rows.length, rows[0]!.length];
    feeds.set(name, { dtype: "int32", shape, data: Int32Array.from(rows.flat()) });
    return graph.input(name, "int32", shape);
  };
  const decoderTokens = input("texts", texts);
  if (definition.kind === "causal") graph.output("logits", definition.logits(decoderTokens, {}));
  else {
    const tokens = input(
      "prompts",
      texts.map(() => prompt),
    );
    const mask = graph.constant(filled("float32", tokens.shape, 1));
    graph.output("logits", definition.logits({ tokens, mask, decoderTokens, decoding: {} }));
  }
  const session = await (await nodeCpu()).load(toOnnx(graph));
  try {
    const data = (await session.run(feeds)).get("logits")!.data as Float32Array;
    const [length, width] = [texts[0]!.length, definition.vocabularySize];
    return texts.map((text, row) =>
      text.map((_, i) => data.slice((row * length + i) * width, (row * length + i + 1) * width)),
    );
  } finally {
    await session.release();
  }
}

/** Logits of every position of one text: `[position][vocabularySize]`. */
export const plainLogits = async (
  model: WeightedDefinition<CausalDecoder | EncoderDecoder>,
  text: readonly number[],
  prompt: readonly number[] = [],
): Promise<Float32Array[]> => (await plainLogitsOfAll(model, [text], prompt))[0]!;

/**
 * The most likely token after each part of a text, from one whole pass: a greedy answer is one whose every token is the
 * most likely one after what stands before it.
 */
export async function mostLikelyNext(
  model: WeightedDefinition<CausalDecoder | EncoderDecoder>,
  context: readonly number[],
  answer: readonly number[],
  prompt: readonly number[],
): Promise<number[]> {
  const logits = await plainLogits(model, [...context, ...answer.slice(0, -1)], prompt);
  return logits.slice(context.length - 1).map((row) => row.indexOf(Math.max(...row)));
}

/** The CPU backend, with a count of the sessions that were loaded and freed. */
export async function countingBackend(): Promise<{ backend: Backend; loaded: () => number; open: () => number }> {
  const inner = await nodeCpu();
  let [loaded, released] = [0, 0];
  const backend: Backend = {
    ...inner,
    async load(model, options) {
      const session = await inner.load(model, options);
      loaded++;
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        run: (feeds, fetches) => session.run(feeds, fetches),
        release: () => {
          released++;
          return session.release();
        },
      };
    },
  };
  return { backend, loaded: () => loaded, open: () => loaded - released };
}

/** Tokens that differ from text to text, the same at every run. */
export const someTokens = (length: number, vocabularySize: number, start = 3): number[] =>
  Array.from({ length }, (_, i) => (start + 7 * i + i * i) % vocabularySize);
