import type { z } from "zod";
import { ask } from "./measuring/child.ts";
import { compared, mebibytes, median, plain } from "./measuring/figures.ts";
import { productMeasure } from "./measuring/product.ts";
import {
  adaptationAnswerSchema,
  type adaptationQuestionSchema,
  generationAnswerSchema,
  type generationQuestionSchema,
} from "./quantized/messages.ts";
import type { Measure } from "./result.ts";

type Adaptation = z.input<typeof adaptationQuestionSchema>;
type Generation = z.input<typeof generationQuestionSchema>;

/** What is measured. */
export interface QuantizedEffort {
  readonly adaptations: readonly Adaptation[];
  readonly generation: Generation;
}

/** TinyLlama and LLaMA-7B on a text of 256 tokens, LLaMA-3.2-1B going on with one; half an hour on two quiet cores. */
export const fullQuantized: QuantizedEffort = {
  adaptations: [
    { shape: "tinyLlama", format: "nf4", length: 256, steps: 10 },
    { shape: "llama7b", format: "nf4", length: 256, steps: 3 },
  ],
  generation: { shape: "llama1b", promptTokens: 32, newTokens: 32, rounds: 3 },
};

/** As little as exercises everything; the figures mean nothing. */
export const quickQuantized: QuantizedEffort = {
  adaptations: [{ shape: "smallest", format: "nf4", length: 16, steps: 3 }],
  generation: { shape: "smallest", promptTokens: 4, newTokens: 2, rounds: 1 },
};

const labels = { tinyLlama: "TinyLlama", llama7b: "LLaMA-7B", llama1b: "LLaMA-3.2-1B", smallest: "smallest" } as const;

/** How the figures come about, for whoever reads a result. */
export const quantizedMethod =
  "A LLaMA of TinyLlama's shape (22 layers, width 2048, 32 heads, 4 key-value heads, 32,000 tokens) with drawn weights, " +
  "projections and output layer in NF4 with double quantisation, table of vectors in float16, learns one text of 256 " +
  "tokens through low-rank updates of rank 16 on all projections, activations of the layers recomputed. The text is the " +
  "same at every step. Operations are those of the matrix products with recomputation, dequantisation not counted. " +
  "Memory is the largest resident size of the process, Node and the making of the weights included. LLaMA-7B is 32 layers of " +
  "width 4096 with 32 heads and perceptrons of 11008, 256 drawn rows of each weight repeated; its stored weights lie in a file " +
  "that the engine maps. LLaMA-3.2-1B (16 layers, width 2048, 32 heads, 8 key-value heads, 128,256 tokens, output layer tied) " +
  "is a GGUF file in Q4_0 with drawn codes that this library and node-llama-cpp, where it is installed, read and go on with " +
  "in turns, one text, 32 tokens before, 32 new ones; the best of three rounds.";

/** Measures training beside a base of 4 bits: memory, speed, and whether the loss falls. */
async function measureAdaptation(question: Adaptation): Promise<Measure[]> {
  const answer = await ask("quantized/measure-adaptation", question, adaptationAnswerSchema);
  const label = labels[question.shape];
  const isFirst = question.shape !== "llama7b";
  const measured = productMeasure(answer.products);
  const product = isFirst ? measured : { ...measured, name: `${measured.name}, beside ${label}` };
  const seconds = median(answer.stepSeconds);
  return [
    product,
    plain(`${label}: parameters of the base`, answer.parameters, "parameters"),
    plain(`${label}: trained parameters`, answer.trainedParameters, "parameters"),
    plain(`${label}: base as stored`, mebibytes(answer.storedBytes), "MiB"),
    plain(`${label}: peak memory`, mebibytes(answer.peakMemory), "MiB"),
    plain(`${label}: step, median`, seconds, "s"),
    plain(`${label}: tokens${isFirst ? ", median" : ""}`, question.length / seconds, "tokens/s"),
    compared(`${label}: rate, median`, answer.operations / seconds / 1e9, "GFLOP/s", product),
    plain(`${label}: loss at the first step`, answer.losses[0]!, ""),
    plain(`${label}: loss at the last of ${question.steps} steps`, answer.losses.at(-1)!, ""),
  ];
}

/** Measures how fast a model of 4 bits goes on with a text, beside llama.cpp where it is installed. */
async function measureWriting(question: Generation): Promise<Measure[]> {
  const answer = await ask("quantized/measure-generation", question, generationAnswerSchema);
  const label = labels[question.shape];
  const rate = 1 / Math.min(...answer.own);
  const name = `${label}: tokens written`;
  const other =
    answer.llamaCpp.length === 0
      ? undefined
      : plain(`${name}, node-llama-cpp`, 1 / Math.min(...answer.llamaCpp), "tokens/s");
  return [
    plain(`${label}: file to 4 bits`, answer.loading, "s"),
    plain(`${label}: peak memory of writing`, mebibytes(answer.peakMemory), "MiB"),
    ...(other === undefined ? [plain(name, rate, "tokens/s")] : [other, compared(name, rate, "tokens/s", other)]),
  ];
}

/** Measures what 4 bits allow: training beside a frozen base, and writing. */
export async function measureQuantized({ adaptations, generation }: QuantizedEffort): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const question of adaptations) measures.push(...(await measureAdaptation(question)));
  return [...measures, ...(await measureWriting(generation))];
}
