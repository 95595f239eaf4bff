import { z } from "zod";
import { divide, gelu, l2Normalize, linear, multiply, reduceSumSquare, sqrt, type Value } from "../../graph/index.ts";
import { linearLayer } from "../layers/linear.ts";

/** Configuration of a DINO head; the defaults are those of DINOv2. */
export const dinoHeadConfigSchema = z.strictObject({
  /** Number of prototypes. */
  prototypes: z.int().positive().default(65536),
  layers: z.int().positive().default(3),
  hiddenWidth: z.int().positive().default(2048),
  bottleneckWidth: z.int().positive().default(256),
});

/** Configuration of a DINO head. */
export type DinoHeadConfig = z.infer<typeof dinoHeadConfigSchema>;

/**
 * Linear layer whose weight is a direction and a length for each row (Salimans and Kingma 2016), as
 * `torch.nn.utils.weight_norm`: parameters `${name}.weight_g` `[features, 1]`, `${name}.weight_v`
 * `[features, inFeatures]`, no bias.
 */
export function weightNormLayer(x: Value, name: string, features: number): Value {
  return x.graph.scope(name, () => {
    const length = x.graph.parameter(`${name}.weight_g`, [features, 1], { kind: "ones" });
    const direction = x.graph.parameter(`${name}.weight_v`, [features, x.shape.at(-1)!], {
      kind: "truncatedNormal",
      standardDeviation: 0.02,
    });
    return linear(x, multiply(direction, divide(length, sqrt(reduceSumSquare(direction, [1])))));
  });
}

/**
 * Projection head of DINO and iBOT (Caron et al. 2021; facebookresearch/dinov2, `dinov2/layers/dino_head.py`): a
 * perceptron to a bottleneck, brought to unit length, then the similarity with prototypes. Parameters `mlp.0`, `mlp.2`, ...
 * (`mlp` where there is one layer), `last_layer.weight_g`, `last_layer.weight_v`.
 *
 * @param features `[batch, width]`
 * @param prefix of the parameter names
 * @returns the bottleneck `[batch, bottleneckWidth]` before it is brought to unit length, and the logits `[batch, prototypes]`
 */
export function dinoHead(
  features: Value,
  config: DinoHeadConfig,
  prefix = "",
): { readonly bottleneck: Value; readonly logits: Value } {
  let x = features;
  for (let i = 0; i < config.layers; i++) {
    const last = i === config.layers - 1;
    const name = config.layers === 1 ? `${prefix}mlp` : `${prefix}mlp.${2 * i}`;
    x = linearLayer(x, name, last ? config.bottleneckWidth : config.hiddenWidth);
    if (!last) x = gelu(x);
  }
  return { bottleneck: x, logits: weightNormLayer(l2Normalize(x), `${prefix}last_layer`, config.prototypes) };
}
