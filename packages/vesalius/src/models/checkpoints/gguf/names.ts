import { isLazy, lazyTensor } from "../../../common/lazy-tensor.ts";
import type { Tensor } from "../../../graph/index.ts";

/** Names of tensors by those of the file; `#` is the number of a layer. */
export type Names = Readonly<Record<string, string>>;

/** Names of LLaMA and what is built on it. */
export const llamaNames: Names = {
  token_embd: "model.embed_tokens",
  output_norm: "model.norm",
  output: "lm_head",
  "blk.#.attn_norm": "model.layers.#.input_layernorm",
  "blk.#.attn_q": "model.layers.#.self_attn.q_proj",
  "blk.#.attn_k": "model.layers.#.self_attn.k_proj",
  "blk.#.attn_v": "model.layers.#.self_attn.v_proj",
  "blk.#.attn_output": "model.layers.#.self_attn.o_proj",
  "blk.#.attn_q_norm": "model.layers.#.self_attn.q_norm",
  "blk.#.attn_k_norm": "model.layers.#.self_attn.k_norm",
  "blk.#.ffn_norm": "model.layers.#.post_attention_layernorm",
  "blk.#.ffn_gate": "model.layers.#.mlp.gate_proj",
  "blk.#.ffn_down": "model.layers.#.mlp.down_proj",
  "blk.#.ffn_up": "model.layers.#.mlp.up_proj",
};

/** Names of GPT-2. */
export const gpt2Names: Names = {
  token_embd: "transformer.wte",
  position_embd: "transformer.wpe",
  output_norm: "transformer.ln_f",
  output: "lm_head",
  "blk.#.attn_norm": "transformer.h.#.ln_1",
  "blk.#.attn_qkv": "transformer.h.#.attn.c_attn",
  "blk.#.attn_output": "transformer.h.#.attn.c_proj",
  "blk.#.ffn_norm": "transformer.h.#.ln_2",
  "blk.#.ffn_up": "transformer.h.#.mlp.c_fc",
  "blk.#.ffn_down": "transformer.h.#.mlp.c_proj",
};

/** The name that a network has for a tensor of the file; its own where there is none, which comparing then tells of. */
export function networkName(name: string, names: Names): string {
  const [, stem, ending] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
  if (stem === undefined) return name;
  const layer = /^blk\.(\d+)\./.exec(stem)?.[1];
  const own = names[stem.replace(/^blk\.\d+\./, "blk.#.")];
  return own === undefined ? name : `${own.replace("#", layer ?? "#")}.${ending}`;
}

/** Rows of each head in the order of Hugging Face's checkpoints: llama.cpp has the two halves of a head in turns. */
export function headsInHalves(tensor: Tensor, heads: number): Tensor {
  const [rows] = tensor.shape as [number];
  if (rows % (2 * heads) !== 0) return tensor;
  const reorder = (): Float32Array => {
    const data = tensor.data as Float32Array;
    const columns = data.length / rows;
    const half = rows / heads / 2;
    const moved = new Float32Array(data.length);
    for (let head = 0; head < heads; head++)
      for (let i = 0; i < half; i++)
        for (let part = 0; part < 2; part++) {
          const from = (head * half + i) * 2 + part;
          const to = (head * 2 + part) * half + i;
          moved.set(data.subarray(from * columns, (from + 1) * columns), to * columns);
        }
    return moved;
  };
  return isLazy(tensor) ? lazyTensor(tensor, reorder) : { ...tensor, data: reorder() };
}
