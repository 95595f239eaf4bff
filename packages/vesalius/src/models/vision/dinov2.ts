import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import {
  add,
  concat,
  expand,
  matMul,
  multiply,
  reshape,
  select,
  silu,
  slice,
  split,
  subtract,
  type Value,
} from "../../graph/index.ts";
import { imageSizeSchema, patchGrid } from "../image-roles.ts";
import { bicubicGrid } from "../layers/bicubic.ts";
import { hiddenActivations, hiddenActivationSchema } from "../layers/hidden-activations.ts";
import { layerNormLayer, linearLayer, transformerInit } from "../layers/linear.ts";
import { patchEmbedding } from "../layers/patches.ts";
import { preNormBlock } from "../layers/transformer.ts";

/** Configuration of a DINOv2 vision transformer; the defaults are those of ViT-B/14. */
export const dinov2ConfigSchema = z.strictObject({
  /** Height and width in pixels for which the table of positions was made. */
  imageSize: imageSizeSchema.default(518),
  patchSize: z.int().positive().default(14),
  width: z.int().positive().default(768),
  depth: z.int().positive().default(12),
  heads: z.int().positive().default(12),
  mlpRatio: z.number().positive().default(4),
  /** `swiglu` in ViT-g. */
  feedForward: z.enum(["mlp", "swiglu"]).default("mlp"),
  /** Start of the factors on the two branches of each block. */
  layerScale: z.number().positive().default(1e-5),
  /** Register tokens (Darcet et al. 2024) between class token and patches. */
  registers: z.int().nonnegative().default(0),
  /** Added to the number of patches when positions are resampled; 0 in the models with registers. */
  interpolationOffset: z.number().nonnegative().default(0.1),
  qkvBias: z.boolean().default(true),
  /** Nonlinearity of the perceptrons; the gate of `swiglu` is SiLU. */
  activation: hiddenActivationSchema.default("gelu"),
  /** Epsilon of every layer normalization. */
  epsilon: z.number().positive().default(1e-6),
});

/** Configuration of a DINOv2 vision transformer. */
export type Dinov2Config = z.infer<typeof dinov2ConfigSchema>;

/** Gated perceptron of ViT-g, `w3(silu(x1) * x2)` with `[x1, x2] = w12(x)`; see `SwiGLUFFNFused` of the reference. */
function swiglu(x: Value, name: string, config: Dinov2Config): Value {
  const hidden = Math.ceil(Math.trunc((Math.trunc(config.width * config.mlpRatio) * 2) / 3) / 8) * 8;
  const [gate, up] = split(linearLayer(x, `${name}.w12`, 2 * hidden), [hidden, hidden], 2) as [Value, Value];
  return linearLayer(multiply(silu(gate), up), `${name}.w3`, config.width);
}

/** What a DINOv2 vision transformer gives. */
export interface Dinov2Outputs {
  /** Class token after the last normalization, `[batch, width]`. */
  readonly classToken: Value;
  /** Register tokens, `[batch, registers, width]`; undefined where there are none. */
  readonly registerTokens: Value | undefined;
  /** Patch tokens, `[batch, patches, width]`. */
  readonly patchTokens: Value;
  /** All tokens after each block, before the last normalization. */
  readonly hidden: readonly Value[];
}

/** Positions `[1, 1 + rows * columns, width]`, resampled where the image has another size than the table. */
function positionsFor(images: Value, config: Dinov2Config): Value {
  const { imageSize, patchSize, width, interpolationOffset } = config;
  const graph = images.graph;
  const from = patchGrid(imageSize, patchSize);
  const places = from[0] * from[1];
  const table = graph.parameter("pos_embed", [1, 1 + places, width], transformerInit);
  const [height, imageWidth] = images.shape.slice(2) as [number, number];
  const [rows, columns] = [height / patchSize, imageWidth / patchSize];
  if (rows === from[0] && columns === from[1]) return table;
  const patches = reshape(slice(table, 1, 1, 1 + places), [places, width]);
  const data = bicubicGrid(from, [rows, columns], interpolationOffset);
  const resample = graph.constant({ dtype: "float32", shape: [rows * columns, places], data });
  const resampled = reshape(matMul(resample, patches), [1, rows * columns, width]);
  return concat([slice(table, 1, 0, 1), resampled], 1);
}

/**
 * DINOv2 vision transformer (Oquab et al. 2024) with the parameter names of facebookresearch/dinov2
 * (`dinov2/models/vision_transformer.py`): LayerScale blocks, mask token, positions resampled to the image's size.
 *
 * @param images `[batch, channels, height, width]`, multiples of the patch size
 * @param mask 1 for patches that the mask token replaces, else 0, float32 `[batch, patches]`
 * @throws VesaliusError `shape-mismatch` when the mask does not fit the patches
 */
export function dinov2(images: Value, config: Dinov2Config, mask?: Value): Dinov2Outputs {
  const { width, registers, epsilon } = config;
  const graph = images.graph;
  let patches = patchEmbedding(images, "patch_embed.proj", config.patchSize, width);
  const [batch, count] = patches.shape as [number, number];
  if (mask !== undefined) {
    if (mask.shape[1] !== count)
      throw new VesaliusError("shape-mismatch", `a mask over ${mask.shape[1]} patches for an image of ${count}`);
    const token = graph.parameter("mask_token", [1, width], { kind: "zeros" });
    const masked = reshape(mask, [batch, count, 1]);
    patches = add(multiply(patches, subtract(graph.scalar(1), masked)), multiply(masked, token));
  }
  const token = graph.parameter("cls_token", [1, 1, width], { kind: "normal", standardDeviation: 1e-6 });
  const placed = add(concat([expand(token, [batch, 1, width]), patches], 1), positionsFor(images, config));
  const parts = [slice(placed, 1, 0, 1), slice(placed, 1, 1, 1 + count)] as const;
  const register = (): Value => {
    const start = graph.parameter("register_tokens", [1, registers, width], {
      kind: "normal",
      standardDeviation: 1e-6,
    });
    return expand(start, [batch, registers, width]);
  };
  let x = registers === 0 ? placed : concat([parts[0], register(), parts[1]], 1);
  const hidden: Value[] = [];
  for (let i = 0; i < config.depth; i++) {
    x = preNormBlock(x, `blocks.${i}`, {
      heads: config.heads,
      mlpRatio: config.mlpRatio,
      epsilon,
      layerScale: config.layerScale,
      qkvBias: config.qkvBias,
      activation: hiddenActivations[config.activation],
      ...(config.feedForward === "swiglu" ? { feedForward: (y, name) => swiglu(y, name, config) } : {}),
    });
    hidden.push(x);
  }
  const normed = layerNormLayer(x, "norm", epsilon);
  const first = 1 + registers;
  return {
    classToken: select(normed, 1, 0),
    registerTokens: registers === 0 ? undefined : slice(normed, 1, 1, first),
    patchTokens: slice(normed, 1, first, first + count),
    hidden,
  };
}
