import { z } from "zod";
import {
  add,
  gather,
  gelu,
  linear,
  reshape,
  slice,
  split,
  squeeze,
  transpose,
  type Graph,
  type Value,
} from "../graph/index.ts";
import { attention, layerNormLayer, linearLayer, mergeHeads, transformerInit } from "./layers/transformer.ts";

/** Configuration of a GPT-2 decoder. */
export const gpt2ConfigSchema = z.strictObject({
  vocabularySize: z.int().positive().default(50257),
  contextLength: z.int().positive().default(1024),
  width: z.int().positive().default(768),
  depth: z.int().positive().default(12),
  heads: z.int().positive().default(12),
  bias: z.boolean().default(true),
  /** GELU of the perceptrons: OpenAI's checkpoints use the tanh form, nanoGPT the exact one. */
  gelu: z.enum(["tanh", "none"]).default("tanh"),
  epsilon: z.number().positive().default(1e-5),
});

/** Configuration of a GPT-2 decoder. */
export type Gpt2Config = z.infer<typeof gpt2ConfigSchema>;

/** Numbers added to attention scores so that a position sees only itself and what came before: `[1, 1, length, length]`. */
export function causalBias(graph: Graph, length: number): Value {
  const data = new Float32Array(length * length);
  for (let i = 0; i < length; i++) data.fill(-3.4028234663852886e38, i * length + i + 1, (i + 1) * length);
  return graph.constant({ dtype: "float32", shape: [1, 1, length, length], data });
}

function block(x: Value, name: string, config: Gpt2Config, bias: Value): Value {
  const [batch, tokens, width] = x.shape as [number, number, number];
  const bare = { bias: config.bias };
  const qkv = linearLayer(layerNormLayer(x, `${name}.ln_1`, config.epsilon), `${name}.attn.c_attn`, 3 * width, bare);
  const parts = transpose(reshape(qkv, [batch, tokens, 3, config.heads, width / config.heads]), [2, 0, 3, 1, 4]);
  const [query, key, value] = split(parts, [1, 1, 1], 0).map((part) => squeeze(part, [0])) as [Value, Value, Value];
  const attended = add(
    x,
    linearLayer(mergeHeads(attention(query, key, value, bias)), `${name}.attn.c_proj`, width, bare),
  );
  const hidden = gelu(
    linearLayer(layerNormLayer(attended, `${name}.ln_2`, config.epsilon), `${name}.mlp.c_fc`, 4 * width, bare),
    config.gelu,
  );
  return add(attended, linearLayer(hidden, `${name}.mlp.c_proj`, width, bare));
}

/**
 * GPT-2 decoder (Radford et al. 2019) with nanoGPT's parameter names and layouts (`[out, in]` weights); the output
 * layer shares the token table.
 *
 * @param tokens `[batch, length]`, int32 or int64
 * @returns logits `[batch, length, vocabularySize]`
 */
export function gpt2(tokens: Value, config: Gpt2Config): Value {
  const graph = tokens.graph;
  const table = graph.parameter("transformer.wte.weight", [config.vocabularySize, config.width], transformerInit);
  const places = graph.parameter("transformer.wpe.weight", [config.contextLength, config.width], transformerInit);
  const length = tokens.shape[1]!;
  let x = add(gather(table, tokens), slice(places, 0, 0, length));
  const bias = causalBias(graph, length);
  for (let i = 0; i < config.depth; i++) x = block(x, `transformer.h.${i}`, config, bias);
  return linear(layerNormLayer(x, "transformer.ln_f", config.epsilon), table);
}
