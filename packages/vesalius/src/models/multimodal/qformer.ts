import { z } from "zod";
import { expand, type Value } from "../../graph/index.ts";
import { hiddenActivations, hiddenActivationSchema, publishedActivationSchema } from "../layers/hidden-activations.ts";
import { readHuggingFaceConfig } from "../layers/hugging-face.ts";
import { keysIn, readPublishedConfig } from "../layers/published-config.ts";
import { layerNormLayer } from "../layers/linear.ts";
import { paddingBias } from "../layers/masks.ts";
import { postNormAttention, postNormFeedForward } from "../layers/post-norm.ts";

/** Configuration of a Q-Former; the defaults are those of BLIP-2. */
export const qformerConfigSchema = z.strictObject({
  /** Number of learned queries. */
  queries: z.int().positive().default(32),
  width: z.int().positive().default(768),
  depth: z.int().positive().default(12),
  heads: z.int().positive().default(12),
  hiddenWidth: z.int().positive().default(3072),
  /** Every so many layers, from the first, look at the image. */
  crossAttentionFrequency: z.int().positive().default(2),
  activation: hiddenActivationSchema.default("gelu"),
  epsilon: z.number().positive().default(1e-12),
});

/** Configuration of a Q-Former. */
export type QformerConfig = z.infer<typeof qformerConfigSchema>;

const huggingFaceSchema = z.object({
  hidden_size: z.int(),
  num_hidden_layers: z.int(),
  num_attention_heads: z.int(),
  intermediate_size: z.int(),
  layer_norm_eps: z.number().default(1e-12),
  cross_attention_frequency: z.int().default(2),
  hidden_act: publishedActivationSchema("gelu"),
  position_embedding_type: z.literal("absolute").default("absolute"),
  use_qformer_text_input: z.literal(false).default(false),
});

/**
 * Configuration from the `qformer_config` in the `config.json` of a BLIP-2 checkpoint.
 *
 * @param queries the `num_query_tokens` of that `config.json`
 * @throws VesaliusError `bad-configuration` where keys are missing or ask for another architecture
 */
export function qformerConfigFromHuggingFace(config: unknown, queries: number): QformerConfig {
  const read = readHuggingFaceConfig("Q-Former", huggingFaceSchema, config, {
    types: ["blip_2_qformer"],
    classes: ["Blip2QFormer"],
    // Words, which only the text input of InstructBLIP reads, and the width that the image's features have anyway.
    neutral: keysIn(
      "vocab_size max_position_embeddings encoder_hidden_size tie_word_embeddings " +
        "classifier_dropout hidden_dropout_prob attention_probs_dropout_prob",
    ),
  });
  return readPublishedConfig("this config.json is no Q-Former that can be built", qformerConfigSchema, {
    queries,
    width: read.hidden_size,
    depth: read.num_hidden_layers,
    heads: read.num_attention_heads,
    hiddenWidth: read.intermediate_size,
    crossAttentionFrequency: read.cross_attention_frequency,
    activation: read.hidden_act,
    epsilon: read.layer_norm_eps,
  });
}

/**
 * Q-Former of BLIP-2 (Li et al. 2023) with the parameter names of Hugging Face (transformers, `modeling_blip_2.py`):
 * learned queries `query_tokens` that look at each other and at the features of an image.
 *
 * @param image features `[batch, patches, imageWidth]`
 * @param mask 1 for patches, 0 for padding, float32 `[batch, patches]`
 * @returns the queries, then the result of each layer: `[batch, queries, width]`
 */
export function qformer(image: Value, config: QformerConfig, mask?: Value): readonly Value[] {
  const { queries, width, heads, epsilon } = config;
  const bias = mask === undefined ? {} : { bias: paddingBias(mask) };
  const tokens = image.graph.parameter("query_tokens", [1, queries, width], { kind: "zeros" });
  const placed = expand(tokens, [image.shape[0]!, queries, width]);
  const hidden = [layerNormLayer(placed, "qformer.layernorm", epsilon)];
  for (let i = 0; i < config.depth; i++) {
    const layer = `qformer.encoder.layer.${i}`;
    const shared = { heads, epsilon, projections: "attention" };
    const parts = [`${layer}.intermediate_query`, `${layer}.output_query`] as const;
    const after = image.graph.block(layer, () => {
      let x = postNormAttention(hidden.at(-1)!, `${layer}.attention`, shared).output;
      if (i % config.crossAttentionFrequency === 0)
        x = postNormAttention(x, `${layer}.crossattention`, { ...shared, context: image, ...bias }).output;
      return postNormFeedForward(x, parts, {
        hidden: config.hiddenWidth,
        epsilon,
        activation: hiddenActivations[config.activation],
      });
    });
    hidden.push(after);
  }
  return hidden;
}
