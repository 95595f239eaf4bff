import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import {
  add,
  cast,
  concat,
  cumulativeSum,
  equal,
  expand,
  gelu,
  greater,
  matMul,
  multiply,
  reshape,
  slice,
  softmax,
  split,
  subtract,
  tanh,
  transpose,
  type Value,
  where,
} from "../../graph/index.ts";
import { mergeHeads, splitHeads } from "../layers/attention.ts";
import { layerNormLayer, linearLayer } from "../layers/linear.ts";
import { maskedScore } from "../layers/masks.ts";

/** Configuration of a perceiver resampler; the defaults are those of OpenFlamingo with CLIP ViT-L/14. */
export const perceiverConfigSchema = z.strictObject({
  width: z.int().positive().default(1024),
  depth: z.int().positive().default(6),
  heads: z.int().positive().default(8),
  headWidth: z.int().positive().default(64),
  /** Number of vectors that an image becomes. */
  latents: z.int().positive().default(64),
  feedForwardRatio: z.int().positive().default(4),
  /** Most frames of an image or film, each with a vector `frame_embs`; none where it is left out. */
  maximumFrames: z.int().positive().optional(),
  /** Most images of a text, each with a vector of its place among them; none where it is left out. */
  maximumMedia: z.int().positive().optional(),
  /** Name of the vectors of images: OpenFlamingo's `media_time_embs` or flamingo-pytorch's `media_pos_emb`. */
  mediaEmbedding: z.enum(["media_time_embs", "media_pos_emb"]).default("media_time_embs"),
});

/** Configuration of a perceiver resampler. */
export type PerceiverConfig = z.infer<typeof perceiverConfigSchema>;

/** Configuration of a gated cross-attention; the defaults are those of OpenFlamingo. */
export const gatedCrossAttentionConfigSchema = z.strictObject({
  heads: z.int().positive().default(8),
  headWidth: z.int().positive().default(64),
  feedForwardRatio: z.int().positive().default(4),
  /** Look at the last image before a token alone; else at all images before it. */
  onlyImmediateMedia: z.boolean().default(true),
});

/** Configuration of a gated cross-attention. */
export type GatedCrossAttentionConfig = z.infer<typeof gatedCrossAttentionConfigSchema>;

const epsilon = 1e-5;

/** Attention with `to_q`, one `to_kv` for keys and values, and `to_out`, all without biases. */
function pairedAttention(
  x: Value,
  context: Value,
  name: string,
  { heads, headWidth }: { heads: number; headWidth: number },
  adjust: { readonly seen?: Value; readonly probabilities?: Value } = {},
): Value {
  const inner = heads * headWidth;
  const bare = { bias: false };
  const query = splitHeads(linearLayer(x, `${name}.to_q`, inner, bare), heads);
  const both = linearLayer(context, `${name}.to_kv`, 2 * inner, bare);
  const [key, value] = split(both, [inner, inner], 2).map((part) => splitHeads(part, heads)) as [Value, Value];
  const scores = matMul(multiply(query, headWidth ** -0.5), transpose(key, [0, 1, 3, 2]));
  // Chosen and not added, as `masked_fill`: a token that sees nothing has no gradient by the scores.
  const visible = adjust.seen === undefined ? scores : where(adjust.seen, scores, x.graph.scalar(maskedScore));
  const probabilities = softmax(visible);
  const kept = adjust.probabilities === undefined ? probabilities : multiply(probabilities, adjust.probabilities);
  return linearLayer(mergeHeads(matMul(kept, value)), `${name}.to_out`, x.shape.at(-1)!, bare);
}

/** `linear(gelu(linear(norm(x))))` without biases, the parts numbered 0, 1 and 3. */
function feedForward(x: Value, name: string, ratio: number): Value {
  const width = x.shape.at(-1)!;
  const up = linearLayer(layerNormLayer(x, `${name}.0`, epsilon), `${name}.1`, ratio * width, { bias: false });
  return linearLayer(gelu(up), `${name}.3`, width, { bias: false });
}

/** The first rows of a table of learned vectors `[maximum, ...shape]`, one for each frame or image. */
function placeVectors(media: Value, name: string, maximum: number, count: number, shape: readonly number[]): Value {
  if (count > maximum)
    throw new VesaliusError("shape-mismatch", `there are vectors for ${maximum} places, and ${count} are to be read`, {
      where: name,
      fix: "give fewer images or frames, or raise the maximum of a network that is trained anew",
    });
  const table = media.graph.parameter(name, [maximum, ...shape], { kind: "normal", standardDeviation: 1 });
  return slice(table, 0, 0, count);
}

/**
 * Perceiver resampler of Flamingo (Alayrac et al. 2022) with the parameter names of mlfoundations/open_flamingo
 * (`open_flamingo/src/helpers.py`): any number of image tokens becomes a fixed number of vectors.
 *
 * @param media `[batch, images, frames, tokens, width]`
 * @param name prefix of the parameters
 * @returns `[batch, images, latents, width]`
 * @throws VesaliusError `shape-mismatch` where there are more images or frames than vectors for their places
 */
export function perceiverResampler(media: Value, config: PerceiverConfig, name = "perceiver"): Value {
  const [batch, images, frames, tokens, width] = media.shape as [number, number, number, number, number];
  const { latents, maximumFrames, maximumMedia } = config;
  const framed =
    maximumFrames === undefined
      ? media
      : add(
          media,
          reshape(placeVectors(media, `${name}.frame_embs`, maximumFrames, frames, [width]), [frames, 1, width]),
        );
  const joined = reshape(framed, [batch, images, frames * tokens, width]);
  const placed =
    maximumMedia === undefined
      ? joined
      : add(joined, placeVectors(media, `${name}.${config.mediaEmbedding}`, maximumMedia, images, [1, width]));
  const flat = reshape(placed, [batch * images, frames * tokens, width]);
  const start = media.graph.parameter(`${name}.latents`, [latents, width], { kind: "normal", standardDeviation: 1 });
  let x = expand(reshape(start, [1, latents, width]), [batch * images, latents, width]);
  for (let i = 0; i < config.depth; i++) {
    const part = `${name}.layers.${i}.0`;
    const before = x;
    x = before.graph.block(`${name}.layers.${i}`, () => {
      const queries = layerNormLayer(before, `${part}.norm_latents`, epsilon);
      const context = concat([layerNormLayer(flat, `${part}.norm_media`, epsilon), queries], 1);
      const middle = add(pairedAttention(queries, context, part, config), before);
      return add(feedForward(middle, `${name}.layers.${i}.1`, config.feedForwardRatio), middle);
    });
  }
  return reshape(layerNormLayer(x, `${name}.norm`, epsilon), [batch, images, latents, width]);
}

/** Which vectors a token sees, bool `[batch, 1, length, vectors]`, and 0 for tokens before the first image. */
function mediaMask(locations: Value, images: number, latents: number, immediate: boolean) {
  const graph = locations.graph;
  const [batch, length] = locations.shape as [number, number];
  const seenSoFar = reshape(cumulativeSum(locations, 1), [batch, 1, length, 1]);
  const numbers = Float32Array.from({ length: images * latents }, (_, i) => Math.floor(i / latents) + 1);
  const image = graph.constant({ dtype: "float32", shape: [1, 1, 1, images * latents], data: numbers });
  return {
    seen: immediate ? equal(seenSoFar, image) : greater(seenSoFar, subtract(image, 0.5)),
    ...(immediate ? { probabilities: cast(greater(seenSoFar, graph.scalar(0)), "float32") } : {}),
  };
}

/**
 * Gated cross-attention of Flamingo, which lets the tokens of a frozen language model look at images:
 * `x + tanh(attn_gate) attention(x)`, then `x + tanh(ff_gate) perceptron(x)`. Both gates start at 0.
 *
 * @param text `[batch, length, width]`
 * @param media `[batch, images, latents, mediaWidth]`
 * @param locations 1 where an image stands in the text, else 0, float32 `[batch, length]`; all tokens see all images
 * where it is left out
 * @param name prefix of the parameters, `gated_cross_attn.0`
 */
export function gatedCrossAttention(
  text: Value,
  media: Value,
  config: GatedCrossAttentionConfig,
  name: string,
  locations?: Value,
): Value {
  const graph = text.graph;
  const [batch, images, latents, width] = media.shape as [number, number, number, number];
  const gate = (part: string): Value => tanh(graph.parameter(`${name}.${part}`, [1], { kind: "zeros" }));
  const mask = locations === undefined ? {} : mediaMask(locations, images, latents, config.onlyImmediateMedia);
  const context = reshape(media, [batch, images * latents, width]);
  const normed = layerNormLayer(text, `${name}.attn.norm`, epsilon);
  const seen = pairedAttention(normed, context, `${name}.attn`, config, mask);
  const x = add(multiply(seen, gate("attn_gate")), text);
  return add(multiply(feedForward(x, `${name}.ff`, config.feedForwardRatio), gate("ff_gate")), x);
}
