import type { z } from "zod";
import { ask } from "./measuring/child.ts";
import { compared, mebibytes, median, plain } from "./measuring/figures.ts";
import { memoryAnswerSchema, type memoryQuestionSchema } from "./recomputation/messages.ts";
import type { Measure } from "./result.ts";

/** How much is measured. */
export type RecomputationEffort = Omit<z.output<typeof memoryQuestionSchema>, "blocks">;

/** Enough for figures that hold on a quiet machine; about two minutes on two cores. */
export const fullRecomputation: RecomputationEffort = { depth: 12, batchSize: 32, steps: 8 };

/** As little as exercises everything; the figures mean nothing. */
export const quickRecomputation: RecomputationEffort = { depth: 3, batchSize: 2, steps: 1 };

/** How the figures come about, for whoever reads a result. */
export const recomputationMethod =
  "Training steps of a BERT encoder of 12 layers (width 256, 128 tokens, 32 texts, AdamW), each way in a process of its own: " +
  "with all activations kept, and with those inside one layer, or three layers at a time, computed again in the backward " +
  "pass. Memory is the largest resident size of the process without what it held before weights and session were made; " +
  "weights, gradients and optimizer state are in it. Times are medians.";

const ways = [
  { label: "activations kept", blocks: 0 },
  { label: "every layer recomputed", blocks: 1 },
  { label: "three layers recomputed at a time", blocks: 3 },
] as const;

/** Measures what the recomputation of activations saves and costs. */
export async function measureRecomputation(effort: RecomputationEffort): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const { label, blocks } of ways) {
    const answer = await ask("recomputation/measure-memory", { ...effort, blocks }, memoryAnswerSchema);
    const memory = plain(`${label}: memory of the step`, mebibytes(answer.peakMemory - answer.before), "MiB");
    const process = plain(`${label}: peak memory of the process`, mebibytes(answer.peakMemory), "MiB");
    const time = plain(`${label}: step, median`, median(answer.steps), "ms");
    const against = (measure: Measure): Measure => {
      const kept = measures.find(({ name }) => name === measure.name.replace(label, ways[0].label));
      return kept === undefined ? measure : compared(measure.name, measure.value, measure.unit, kept);
    };
    measures.push(...[memory, process, time].map(against));
  }
  return measures;
}
