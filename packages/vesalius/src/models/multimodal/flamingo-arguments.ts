import { z } from "zod";
import { keysIn, readPublishedConfig } from "../layers/published-config.ts";
import {
  type GatedCrossAttentionConfig,
  gatedCrossAttentionConfigSchema,
  type PerceiverConfig,
  perceiverConfigSchema,
} from "./flamingo.ts";

const sizes = {
  dim_head: z.int().optional(),
  heads: z.int().optional(),
  ff_mult: z.int().optional(),
};

const perceiverSchema = z.object({
  ...sizes,
  dim: z.int(),
  depth: z.int().optional(),
  num_latents: z.int().optional(),
  max_num_media: z.int().nullish(),
  max_num_frames: z.int().nullish(),
  // flamingo-pytorch's word for `max_num_media`.
  num_media_embeds: z.int().optional(),
});

/**
 * Configuration from the arguments of `PerceiverResampler` in OpenFlamingo or flamingo-pytorch.
 *
 * @throws VesaliusError `bad-configuration` where arguments are missing or unknown
 */
export function perceiverFromArguments(given: unknown): PerceiverConfig {
  const origin = "these arguments are no perceiver resampler";
  const read = readPublishedConfig(origin, perceiverSchema, given);
  return readPublishedConfig(origin, perceiverConfigSchema, {
    width: read.dim,
    depth: read.depth,
    heads: read.heads,
    headWidth: read.dim_head,
    latents: read.num_latents,
    feedForwardRatio: read.ff_mult,
    maximumFrames: read.max_num_frames ?? undefined,
    maximumMedia: read.num_media_embeds ?? read.max_num_media ?? undefined,
    mediaEmbedding: read.num_media_embeds === undefined ? "media_time_embs" : "media_pos_emb",
  });
}

const crossAttentionSchema = z.object({ ...sizes, only_attend_immediate_media: z.boolean().optional() });

/**
 * Configuration from the arguments of `GatedCrossAttentionBlock` in OpenFlamingo or flamingo-pytorch; the widths of text and
 * images follow from what the block is given.
 *
 * @throws VesaliusError `bad-configuration` where arguments are unknown
 */
export function gatedCrossAttentionFromArguments(given: unknown): GatedCrossAttentionConfig {
  const origin = "these arguments are no gated cross-attention";
  const read = readPublishedConfig(origin, crossAttentionSchema, given, { neutral: keysIn("dim dim_visual") });
  return readPublishedConfig(origin, gatedCrossAttentionConfigSchema, {
    heads: read.heads,
    headWidth: read.dim_head,
    feedForwardRatio: read.ff_mult,
    onlyImmediateMedia: read.only_attend_immediate_media,
  });
}
