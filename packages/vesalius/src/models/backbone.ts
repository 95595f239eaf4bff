import { z } from "zod";
import { VesaliusError } from "../common/errors.ts";
import type { Tensors, Value } from "../graph/index.ts";
import { isFixedParameter, type VitConfig, vitConfigSchema, vitFeatures } from "./vision/vit.ts";

/** How pixels become network inputs: `(pixel / 255 - mean) / std`, one value for each channel. */
export const preprocessingSchema = z.strictObject({
  mean: z.array(z.number()).min(1),
  std: z.array(z.number().positive()).min(1),
});

/** How pixels become network inputs. */
export type Preprocessing = z.infer<typeof preprocessingSchema>;

/**
 * A network that turns images into features, before any task is chosen: its shape, and its weights once it was
 * pretrained or loaded.
 */
export interface Backbone {
  readonly kind: "vit";
  readonly config: VitConfig;
  /** Undefined until pretraining or loading; training from scratch draws new ones. */
  readonly weights: Tensors | undefined;
  /** Undefined until data were seen; taken from the training images then. */
  readonly preprocessing: Preprocessing | undefined;
}

/** Features of a batch: all tokens `[batch, tokens, width]` and the pooled vector `[batch, width]`. */
export const backboneFeatures = (backbone: Backbone, images: Value): { tokens: Value; pooled: Value } =>
  vitFeatures(images, backbone.config);

/** Whether training leaves a parameter alone in every method. */
export const isFixed = (backbone: Backbone, name: string): boolean => isFixedParameter(name, backbone.config);

/** Shape of one input image, `[channels, height, width]`. */
export const inputShape = ({ config }: Backbone): readonly [number, number, number] => [
  config.channels,
  config.imageSize,
  config.imageSize,
];

/**
 * Checks that images can be read by a backbone.
 *
 * @throws VesaliusError `shape-mismatch` when images and backbone differ in size or channels
 */
export function checkFit(
  backbone: Backbone,
  images: { readonly channels: number; readonly height: number; readonly width: number },
): void {
  const [channels, height, width] = inputShape(backbone);
  if (images.channels !== channels || images.height !== height || images.width !== width)
    throw new VesaliusError(
      "shape-mismatch",
      `the images are ${images.channels} x ${images.height} x ${images.width}, the backbone reads ${channels} x ${height} x ${width} (channels x height x width)`,
      { fix: "open the dataset at the size of the backbone (size, channels), or choose another backbone" },
    );
}

/**
 * Layer that a parameter belongs to, for learning rates that fall with depth: 0 for the embeddings, 1 to depth for the
 * blocks, depth + 1 for what follows.
 */
export function layerOf(backbone: Backbone, name: string): number {
  const block = /^blocks\.(\d+)\./.exec(name);
  if (block !== null) return Number(block[1]) + 1;
  return /^(patch_embed|pos_embed|cls_token)/.test(name) ? 0 : backbone.config.depth + 1;
}

/** Parameters that pretraining may not have and that then start new: the head, and the norm of mean pooling. */
export const startsNew = (name: string): boolean => /^(head|fc_norm)\./.test(name);

/** Parameters of a pretrained encoder that mean pooling does not use. */
export const mayBeUnused = (name: string): boolean => /^(norm|fc_norm|head)\./.test(name);

/** Options of the named sizes: what does not follow from the size. */
export interface VitPresetOptions extends Partial<Omit<VitConfig, "width" | "depth" | "heads">> {
  /** Short for `imageSize`. */
  readonly image?: number;
  /** Short for `patchSize`. */
  readonly patch?: number;
}

function vitBackbone(config: unknown): Backbone {
  const parsed = vitConfigSchema.safeParse(config);
  if (!parsed.success)
    throw new VesaliusError("bad-configuration", `this is no vision transformer: ${z.prettifyError(parsed.error)}`);
  const { imageSize, patchSize, width, heads } = parsed.data;
  if (imageSize % patchSize !== 0)
    throw new VesaliusError(
      "bad-configuration",
      `the patch size ${patchSize} does not divide the image size ${imageSize}`,
      {
        fix: "choose a patch size that divides the image size",
      },
    );
  if (width % heads !== 0)
    throw new VesaliusError("bad-configuration", `${heads} heads do not divide the width ${width}`, {
      fix: "choose another number of heads",
    });
  return { kind: "vit", config: parsed.data, weights: undefined, preprocessing: undefined };
}

const preset =
  (width: number, depth: number, heads: number) =>
  ({ image, patch, ...rest }: VitPresetOptions = {}): Backbone =>
    vitBackbone({
      channels: 1,
      pooling: "mean",
      ...(image === undefined ? {} : { imageSize: image }),
      ...(patch === undefined ? {} : { patchSize: patch }),
      ...rest,
      width,
      depth,
      heads,
    });

/**
 * Vision transformers: `vit(config)` for any shape, or the sizes of DeiT by name. The named sizes read one channel and
 * pool by the mean unless told otherwise.
 *
 * @throws VesaliusError `bad-configuration` for a shape that does not work
 *
 * @example
 * const backbone = vit.tiny({ image: 28, patch: 4 });
 */
export const vit = Object.assign(vitBackbone, {
  /** Width 128, depth 4, 4 heads: 0.8 million parameters, for small images and two cores. */
  micro: preset(128, 4, 4),
  /** Width 192, depth 12, 3 heads: 5.4 million parameters. */
  tiny: preset(192, 12, 3),
  /** Width 384, depth 12, 6 heads: 21 million parameters. */
  small: preset(384, 12, 6),
  /** Width 768, depth 12, 12 heads: 85 million parameters. */
  base: preset(768, 12, 12),
});
