import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { concat, expand, type Graph, reshape, slice, type Value } from "../../graph/index.ts";
import { linearLayer } from "../../models/index.ts";
import { type AdaptedGraph, addedParameters } from "../adapted-graph.ts";
import { matchesAny } from "../patterns.ts";
import { insertTokens } from "./token-insertion.ts";

/** Settings of visual prompt tuning; meaning as in KMnP/vpt's `MODEL.PROMPT`. */
export const visualPromptsSchema = z.strictObject({
  /** Number of prompts. */
  tokens: z.int().positive().default(10),
  /** New prompts at every layer, in place of what became of the last ones. */
  deep: z.boolean().default(false),
  /** The first normalization of each layer, before which the prompts are put; see `matchesAny`. */
  layers: z.string().min(1).default("blocks.*.norm1"),
  /** Tokens in front of the prompts: the class token. */
  leading: z.int().nonnegative().default(1),
  /** Width of the prompts in front of a linear layer that takes them to the width of the tokens; none by default. */
  projectionWidth: z.int().positive().optional(),
  /** Bound of the uniform start; the reference takes `sqrt(6 / (3 patchSize^2 + width))`. */
  bound: z.number().positive().default(0.065),
});

/** Settings of visual prompt tuning. */
export type VisualPromptsConfig = z.infer<typeof visualPromptsSchema>;

/** What enters each layer: the inputs of the normalizations that the pattern names, in order. */
function layerInputs(graph: Graph, pattern: string): Map<Value, number> {
  const inputs = new Map<Value, number>();
  for (const {
    type,
    inputs: [x, scale],
  } of graph.nodes)
    if (
      type === "LayerNormalization" &&
      x !== undefined &&
      scale?.kind === "parameter" &&
      scale.name.endsWith(".weight")
    )
      if (matchesAny(scale.name.slice(0, -".weight".length), [pattern])) inputs.set(x, inputs.size);
  return inputs;
}

/** The normalizations that there are, in words. */
function there(graph: Graph): string {
  const names = graph.nodes.flatMap(({ type, inputs: [, scale] }) =>
    type === "LayerNormalization" && scale?.kind === "parameter" ? [scale.name.replace(/\.weight$/, "")] : [],
  );
  return names.length === 0 ? "; this network has none" : ` (there are ${names.slice(0, 40).join(", ")})`;
}

/**
 * Visual prompt tuning (Jia et al. 2022; KMnP/vpt, `src/models/vit_prompt/vit.py`) as a graph rewrite: learned tokens
 * between the class token and the patches of a pre-norm vision transformer. The prompts are `prompt_embeddings`
 * `[1, tokens, width]` and, where they are deep, `deep_prompt_embeddings` `[depth - 1, tokens, width]`; with a projection they
 * have its width, and `prompt_proj` leads to that of the tokens. A mean over the
 * patches leaves them out.
 *
 * @throws VesaliusError `bad-configuration` when no layer matches; what `insertTokens` throws
 */
export function applyVisualPrompts(graph: Graph, config: VisualPromptsConfig): AdaptedGraph {
  const { tokens: count, leading, deep } = config;
  const layers = layerInputs(graph, config.layers);
  const first = [...layers.keys()][0];
  if (first?.rank !== 3)
    throw new VesaliusError("bad-configuration", `no layer of a vision transformer begins with "${config.layers}"`, {
      fix: `name the first normalization of each layer, such as blocks.*.norm1${there(graph)}`,
    });
  const [batch, tokens, width] = first.shape as [number, number, number];
  const own = config.projectionWidth ?? width;
  const initializer = { kind: "uniform", bound: config.bound } as const;
  const put = (x: Value, from: number, prompts: Value): Value => {
    const led =
      config.projectionWidth === undefined
        ? prompts
        : linearLayer(prompts, "prompt_proj", width, {
            initializer: { kind: "normal", standardDeviation: Math.sqrt(2 / width) },
          });
    const placed = expand(reshape(led, [1, count, width]), [batch, count, width]);
    return concat([slice(x, 1, 0, leading), placed, slice(x, 1, from, x.shape[1]!)], 1);
  };
  const result = insertTokens(graph, { tokens, position: leading, count }, (old, x) => {
    const layer = layers.get(old);
    if (layer === undefined) return undefined;
    if (layer === 0) return put(x, leading, x.graph.parameter("prompt_embeddings", [1, count, own], initializer));
    if (!deep) return undefined;
    const later = x.graph.parameter("deep_prompt_embeddings", [layers.size - 1, count, own], initializer);
    return put(x, leading + count, slice(later, 0, layer - 1, layer));
  });
  return { graph: result, parameters: addedParameters(graph, result) };
}
