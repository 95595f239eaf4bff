import { gelu, type Value } from "../../graph/index.ts";
import { linearLayer } from "../layers/linear.ts";

/**
 * Projector of LLaVA 1.5 (Liu et al. 2024; haotian-liu/LLaVA, `multimodal_projector/builder.py`, `mlp2x_gelu`): takes
 * the features of a vision encoder to the token vectors of a language model. Parameters `${prefix}0`, `${prefix}2`, ...
 *
 * @param features `[batch, patches, visionWidth]`
 * @param width of the language model's vectors
 * @param options.layers number of linear layers, 2 by default; 1 is the projector of the first LLaVA
 * @param options.prefix of the parameter names, `model.mm_projector.` in whole checkpoints
 * @returns `[batch, patches, width]`
 */
export function llavaProjector(
  features: Value,
  width: number,
  options: { readonly layers?: number; readonly prefix?: string } = {},
): Value {
  const { layers = 2, prefix = "" } = options;
  let x = linearLayer(features, `${prefix}0`, width);
  for (let i = 1; i < layers; i++) x = linearLayer(gelu(x), `${prefix}${2 * i}`, width);
  return x;
}
