import { elementCount, type Tensor, type Tensors, zeros } from "../graph/index.ts";
import { decodeEncodedGraph, encodeGraph } from "./decode-graph.ts";
import { DecodingState } from "./decoding-state.ts";
import type { EncoderDecoder } from "../models/index.ts";
import { slotsFor } from "./key-value-cache.ts";
import { paddedLength, padRight, type Ready } from "./prefill.ts";
import { promptOfText, type Texts } from "./texts.ts";

/** Row i of the result is row `rows[i]` of a tensor. */
function takeRows(source: Tensor, rows: ArrayLike<number>): Tensor {
  const size = elementCount(source.shape.slice(1));
  const data = new Float32Array(rows.length * size);
  for (let i = 0; i < rows.length; i++)
    data.set((source.data as Float32Array).subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size);
  return { dtype: "float32", shape: [rows.length, ...source.shape.slice(1)], data };
}

/** Reads prompts with the encoder once, and opens texts that begin with the decoder's start tokens. */
export async function beginEncoded(
  ready: Ready<EncoderDecoder>,
  prompts: readonly (readonly number[])[],
  copies: number,
): Promise<Texts> {
  const { definition, programs } = ready;
  const length = paddedLength(prompts, definition.promptLength);
  const shape = [prompts.length, length];
  const real = padRight(
    prompts.map((prompt) => prompt.map(() => 1)),
    length,
  );
  const mask: Tensor = { dtype: "float32", shape, data: Float32Array.from(real) };
  const encoded = await programs.run(
    `encode ${prompts.length} ${length}`,
    () => ({ graph: encodeGraph(definition, prompts.length, length), states: [] }),
    new Map<string, Tensor>([
      ["prompt", { dtype: "int32", shape, data: padRight(prompts, length) }],
      ["mask", mask],
    ]),
  );
  const owners = promptOfText(prompts.length, copies);
  const rows = owners.length;
  const feeds: Tensors = new Map([["mask", takeRows(mask, owners)]]);
  for (const [name, tensor] of encoded) feeds.set(name, takeRows(tensor, owners));
  const build = (slots: number) => decodeEncodedGraph(definition, rows, slots, length);
  const slots = slotsFor(definition.startTokens.length + 1, definition.contextLength);
  const { graph, states } = build(slots);
  const texts = new DecodingState({
    ready,
    key: (count) => `decode ${rows} ${count} ${length}`,
    build,
    caches: new Map(states.map(({ read }) => [read, zeros("float32", graph.inputs.get(read)!.shape)])),
    lengths: new Int32Array(rows),
    logits: [],
    feeds,
  });
  for (const token of definition.startTokens) await texts.append(new Int32Array(rows).fill(token));
  return texts;
}
