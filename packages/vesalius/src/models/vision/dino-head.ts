import { z } from "zod";
import { divide, gelu, l2Normalize, linear, multiply, reduceSumSquare, sqrt, type Value } from "../../graph/index.ts";
import { linearLayer } from "../layers/linear.ts";
import { batchNormLayer, type ForwardMode } from "../layers/normalization.ts";

/** Configuration of a DINO head; the defaults are those of DINOv2. */
export const dinoHeadConfigSchema = z.strictObject({
  /** Number of prototypes. */
  prototypes: z.int().positive().default(65536),
  layers: z.int().positive().default(3),
  hiddenWidth: z.int().positive().default(2048),
  bottleneckWidth: z.int().positive().default(256),
  /** Batch normalization behind every hidden layer, `use_bn` of the original. */
  batchNorm: z.boolean().default(false),
  /** Biases of the perceptron. */
  bias: z.boolean().default(true),
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
 * (`mlp` where there is one layer; `mlp.0`, `mlp.1`, `mlp.3`, ... with batch normalization), `last_layer.weight_g`,
 * `last_layer.weight_v`.
 *
 * @param features `[batch, width]`
 * @param prefix of the parameter names
 * @returns the bottleneck `[batch, bottleneckWidth]` before it is brought to unit length, and the logits `[batch, prototypes]`
 */
export function dinoHead(
  features: Value,
  config: z.input<typeof dinoHeadConfigSchema>,
  prefix = "",
  mode: ForwardMode = { training: false },
): { readonly bottleneck: Value; readonly logits: Value } {
  const { layers, bottleneckWidth, hiddenWidth, batchNorm, bias, prototypes } = dinoHeadConfigSchema.parse(config);
  const each = batchNorm ? 3 : 2;
  let x = features;
  for (let i = 0; i < layers; i++) {
    const last = i === layers - 1;
    const name = layers === 1 ? `${prefix}mlp` : `${prefix}mlp.${each * i}`;
    x = linearLayer(x, name, last ? bottleneckWidth : hiddenWidth, { bias });
    if (last) break;
    x = gelu(batchNorm ? batchNormLayer(x, `${prefix}mlp.${each * i + 1}`, mode) : x);
  }
  return { bottleneck: x, logits: weightNormLayer(l2Normalize(x), `${prefix}last_layer`, prototypes) };
}
