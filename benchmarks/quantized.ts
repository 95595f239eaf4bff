import type { z } from "zod";
import { ask } from "./measuring/child.ts";
import { compared, mebibytes, median, plain } from "./measuring/figures.ts";
import { productMeasure } from "./measuring/product.ts";
import { adaptationAnswerSchema, type adaptationQuestionSchema } from "./quantized/messages.ts";
import type { Measure } from "./result.ts";

type Question = z.input<typeof adaptationQuestionSchema>;

/** TinyLlama on a text of 256 tokens; some minutes on two cores. */
export const fullAdaptation: Question = { shape: "tinyLlama", format: "nf4", length: 256, steps: 10 };

/** As little as exercises everything; the figures mean nothing. */
export const quickAdaptation: Question = { shape: "smallest", format: "nf4", length: 16, steps: 3 };

/** How the figures come about, for whoever reads a result. */
export const quantizedMethod =
  "A LLaMA of TinyLlama's shape (22 layers, width 2048, 32 heads, 4 key-value heads, 32,000 tokens) with drawn weights, " +
  "projections and output layer in NF4 with double quantisation, table of vectors in float16, learns one text of 256 " +
  "tokens through low-rank updates of rank 16 on all projections, activations of the layers recomputed. The text is the " +
  "same at every step. Operations are those of the matrix products with recomputation, dequantisation not counted. " +
  "Memory is the largest resident size of the process, Node and the making of the weights included.";

/** Measures training beside a base of 4 bits: memory, speed, and whether the loss falls. */
export async function measureQuantized(question: Question): Promise<Measure[]> {
  const answer = await ask("quantized/measure-adaptation", question, adaptationAnswerSchema);
  const product = productMeasure(answer.products);
  const seconds = median(answer.stepSeconds);
  const label = question.shape === "tinyLlama" ? "TinyLlama" : "smallest";
  return [
    product,
    plain(`${label}: parameters of the base`, answer.parameters, "parameters"),
    plain(`${label}: trained parameters`, answer.trainedParameters, "parameters"),
    plain(`${label}: base as stored`, mebibytes(answer.storedBytes), "MiB"),
    plain(`${label}: peak memory`, mebibytes(answer.peakMemory), "MiB"),
    plain(`${label}: step, median`, seconds, "s"),
    plain(`${label}: tokens, median`, question.length / seconds, "tokens/s"),
    compared(`${label}: rate, median`, answer.operations / seconds / 1e9, "GFLOP/s", product),
    plain(`${label}: loss at the first step`, answer.losses[0]!, ""),
    plain(`${label}: loss at the last of ${question.steps} steps`, answer.losses.at(-1)!, ""),
  ];
}
