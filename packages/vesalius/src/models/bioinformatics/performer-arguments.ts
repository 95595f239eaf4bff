import { z } from "zod";
import { keysIn, readPublishedConfig } from "../layers/published-config.ts";
import { performerKernelSchema } from "./performer-attention.ts";
import { type PerformerConfig, performerConfigSchema } from "./performer.ts";

/** An option that is off here, and the reason why it cannot be on. */
const off = (reason: string) => z.literal(false, { error: reason }).optional();

const argumentsSchema = z.object({
  num_tokens: z.int(),
  max_seq_len: z.int(),
  dim: z.int(),
  depth: z.int(),
  heads: z.int(),
  dim_head: z.int().optional(),
  ff_mult: z.number().optional(),
  nb_features: z.int().nullish(),
  generalized_attention: z.boolean().default(false),
  kernel_fn: performerKernelSchema.optional(),
  no_projection: z.boolean().default(false),
  qkv_bias: z.boolean().optional(),
  ff_glu: z.boolean().optional(),
  g2v_position_emb: z.boolean().optional(),
  local_attn_heads: z
    .literal(0, { error: "heads that attend in windows, by a library of their own, are not built" })
    .optional(),
  causal: off("causal attention is not built: genes have no order"),
  reversible: off("reversible layers compute something else"),
  use_scalenorm: z.boolean().default(false),
  use_rezero: z.boolean().default(false),
  cross_attend: off("attention to another sequence is not built"),
  tie_embed: off("the token head has weights of its own"),
});

/** What acts in training only, or on memory, or belongs to heads that are off. */
const neutralKeys = keysIn(
  "feature_redraw_interval ff_chunks emb_dropout ff_dropout attn_dropout local_window_size auto_check_redraw",
);

/**
 * Configuration from the arguments of `PerformerLM` in scBERT (`performer_pytorch/performer_pytorch.py`); the kernel by the
 * name of its function, `relu`.
 *
 * @throws VesaliusError `bad-configuration` where arguments are missing or ask for what is not built
 */
export function performerFromArguments(given: unknown): PerformerConfig {
  const origin = "these arguments are no Performer that can be built";
  const read = readPublishedConfig(origin, argumentsSchema, given, { neutral: neutralKeys });
  const kernel = read.generalized_attention ? "kernel" : "softmax";
  const norm = read.use_rezero ? "rezero" : "layer";
  return readPublishedConfig(origin, performerConfigSchema, {
    vocabularySize: read.num_tokens,
    maximumLength: read.max_seq_len,
    width: read.dim,
    depth: read.depth,
    heads: read.heads,
    headWidth: read.dim_head,
    features: read.nb_features ?? undefined,
    feedForwardRatio: read.ff_mult,
    gated: read.ff_glu,
    // Without a projection there is none to apply a kernel to, as in the original.
    attention: read.no_projection ? "separateSoftmax" : kernel,
    kernel: read.kernel_fn,
    // The original takes the first where both are asked for.
    norm: read.use_scalenorm ? "scale" : norm,
    qkvBias: read.qkv_bias,
    genePositions: read.g2v_position_emb,
  });
}
