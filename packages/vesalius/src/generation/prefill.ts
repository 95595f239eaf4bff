import type { Tensors } from "../graph/index.ts";
import { prefillGraph } from "./decode-graph.ts";
import type { CausalDecoder } from "../models/index.ts";
import type { Programs } from "./programs.ts";
import type { LogitRows } from "./texts.ts";

/** A definition with its compiled programs, which hold the weights. */
export interface Ready<Definition> {
  readonly definition: Definition;
  readonly programs: Programs;
}

/** Fewest tokens that prompts are padded to. */
const shortestPadded = 16;

/** Length that prompts are padded to: doubled until they fit, so that few sessions serve all of them. */
export function paddedLength(prompts: readonly (readonly number[])[], most: number): number {
  const longest = prompts.reduce((length, prompt) => Math.max(length, prompt.length), 1);
  let length = shortestPadded;
  while (length < longest) length *= 2;
  return Math.min(length, most);
}

/** Prompts side by side with zeros on the right, `[prompts, length]`. */
export function padRight(prompts: readonly (readonly number[])[], length: number): Int32Array {
  const data = new Int32Array(prompts.length * length);
  prompts.forEach((prompt, row) => data.set(prompt, row * length));
  return data;
}

/** Rows of the logits that a graph gave. */
export function logitRows(outputs: Tensors): LogitRows {
  const { shape, data } = outputs.get("logits")!;
  const width = shape[1]!;
  return Array.from({ length: shape[0]! }, (_, row) => (data as Float32Array).subarray(row * width, (row + 1) * width));
}

/**
 * Reads whole texts.
 *
 * @param keep whether to return the keys and values of every layer beside the logits
 */
export async function prefill(
  { definition, programs }: Ready<CausalDecoder>,
  texts: readonly (readonly number[])[],
  keep: boolean,
): Promise<{ readonly logits: LogitRows; readonly caches: Tensors }> {
  const rows = texts.length;
  const length = paddedLength(texts, definition.contextLength);
  const last = Int32Array.from(texts, (text, row) => row * length + text.length - 1);
  const outputs = await programs.run(
    `prefill ${rows} ${length} ${keep}`,
    () => ({ graph: prefillGraph(definition, rows, length, keep), states: [] }),
    new Map([
      ["tokens", { dtype: "int32", shape: [rows, length], data: padRight(texts, length) }],
      ["last", { dtype: "int32", shape: [rows], data: last }],
    ]),
  );
  const logits = logitRows(outputs);
  outputs.delete("logits");
  return { logits, caches: outputs };
}
