import { readExamples, type Split } from "../../data/index.ts";
import { elementCount, type Tensor, type Tensors } from "../../graph/index.ts";
import type { Result } from "../task.ts";
import type { Inference, InferenceOptions, Runner } from "./inference.ts";
import { stopIfInterrupted } from "./interruption.ts";

/** One row of every output, without the batch axis. */
export function rowOf(outputs: Tensors, row: number): Record<string, Tensor> {
  return Object.fromEntries(
    [...outputs].map(([name, { dtype, shape, data }]) => {
      const rest = shape.slice(1);
      const size = elementCount(rest);
      return [name, { dtype, shape: rest, data: data.slice(row * size, (row + 1) * size) }];
    }),
  );
}

/** Every example through the network once. */
export const onePass: Inference = {
  name: "onePass",
  async *results(runner: Runner, split: Split, columns: readonly string[], { signal, onProgress }: InferenceOptions) {
    const batches = await runner.batches(split);
    // Batches are grouped by shape; results wait here until those before them have come.
    const waiting = new Map<number, Readonly<Record<string, Tensor>>>();
    let next = 0;
    try {
      for (let step = 0; step < batches.steps; step++) {
        stopIfInterrupted(signal, next, split.length);
        const batch = await batches.batch(step);
        const outputs = await runner.run(batches.inputs(batch.bucket), batches.rows(batch.bucket), batch.feeds);
        for (let row = 0; row < batch.size; row++) waiting.set(batch.rows[row]!, rowOf(outputs, row));
        const ready: number[] = [];
        while (waiting.has(next)) ready.push(next++);
        const examples = await readExamples(split, columns, ready);
        for (const [i, row] of ready.entries()) {
          const result: Result = { id: split.ids[row]!, row, example: examples[i]!, outputs: waiting.get(row)! };
          waiting.delete(row);
          yield result;
        }
        onProgress?.(next, split.length);
      }
    } finally {
      await batches.close();
    }
  },
};
