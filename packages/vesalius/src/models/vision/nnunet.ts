import { z } from "zod";
import { add, averagePool, concat, type Value } from "../../graph/index.ts";
import { convolutionLayer, convolutionTransposeLayer } from "../layers/convolution.ts";
import { activate, type BlockActivation, convolutionBlock, nnunetBlockNames } from "../layers/convolution-block.ts";
import { checkExtents, totalStrides } from "../layers/extents.ts";
import { readPublishedConfig } from "../layers/published-config.ts";

/** A number for every spatial axis, or one for each. */
const extentSchema = z.union([z.int().positive(), z.array(z.int().positive())]);

/** Configuration of nnU-Net's networks, of two or three dimensions as the images are; its 3D full resolution by default. */
export const nnunetConfigSchema = z
  .strictObject({
    channels: z.int().positive().default(1),
    classes: z.int().positive().default(2),
    /** Stacked convolutions, or residual blocks (`ResidualEncoderUNet`). */
    encoder: z.enum(["plain", "residual"]).default("plain"),
    /** Channels of each stage, fine to coarse. */
    features: z.array(z.int().positive()).min(2).default([32, 64, 128, 256, 320, 320]),
    kernels: z.array(extentSchema).default([3, 3, 3, 3, 3, 3]),
    /** Stride into each stage. */
    strides: z.array(extentSchema).default([1, 2, 2, 2, 2, 2]),
    /** Convolutions or residual blocks of each stage of the encoder. */
    depths: z.array(z.int().positive()).default([2, 2, 2, 2, 2, 2]),
    /** Convolutions of each stage of the decoder, coarse to fine. */
    decoderDepths: z.array(z.int().positive()).default([2, 2, 2, 2, 2]),
    /** Whether the coarser stages of the decoder give logits too, for training. */
    deepSupervision: z.boolean().default(true),
  })
  .refine(
    ({ features, kernels, strides, depths, decoderDepths }) =>
      [kernels, strides, depths, [...decoderDepths, 0]].every(({ length }) => length === features.length),
    { error: "kernels, strides and depths have one entry for each stage, decoderDepths one less" },
  );

/** Configuration of nnU-Net's networks. */
export type NnunetConfig = z.infer<typeof nnunetConfigSchema>;

/** A class of PyTorch by its last name, whatever module it is written with. */
const torchClass = (pattern: RegExp, what: string) => z.string().regex(pattern, `is no ${what}`).nullish();

const plansSchema = z.object({
  features_per_stage: z.array(z.int()),
  kernel_sizes: z.array(extentSchema),
  strides: z.array(extentSchema),
  n_conv_per_stage: z.array(z.int()).optional(),
  n_blocks_per_stage: z.array(z.int()).optional(),
  n_conv_per_stage_decoder: z.array(z.int()),
  conv_bias: z.literal(true).default(true),
  conv_op: torchClass(/(^|\.)Conv[23]d$/, "convolution"),
  norm_op: torchClass(/(^|\.)InstanceNorm[23]d$/, "instance normalization"),
  norm_op_kwargs: z.strictObject({ eps: z.literal(1e-5).optional(), affine: z.literal(true) }).nullish(),
  nonlin: torchClass(/(^|\.)LeakyReLU$/, "leaky rectifier"),
  nonlin_kwargs: z
    .strictObject({ inplace: z.boolean().optional(), negative_slope: z.literal(0.01).optional() })
    .nullish(),
  dropout_op: z.null().optional(),
  deep_supervision: z.boolean().optional(),
  nonlin_first: z.literal(false).default(false),
});

/** Numbers that stand elsewhere: the channels and classes follow from the data. */
const plansNeutralKeys = ["n_stages", "input_channels", "num_classes"];

/** Begins the message about arguments that do not fit. */
const origin = "these arguments are no nnU-Net";

/**
 * Configuration from the `arch_kwargs` of an `nnUNetPlans.json`; the numbers of channels and classes stand in the
 * dataset's description.
 *
 * @throws VesaliusError `bad-configuration` where arguments are missing, unknown or ask for another architecture
 */
export function nnunetFromPlans(
  architecture: unknown,
  dataset: { readonly channels: number; readonly classes: number; readonly deepSupervision?: boolean },
): NnunetConfig {
  const plans = readPublishedConfig(origin, plansSchema, architecture, { neutral: plansNeutralKeys });
  return readPublishedConfig(origin, nnunetConfigSchema, {
    ...dataset,
    encoder: plans.n_blocks_per_stage === undefined ? "plain" : "residual",
    features: plans.features_per_stage,
    kernels: plans.kernel_sizes,
    strides: plans.strides,
    depths: plans.n_blocks_per_stage ?? plans.n_conv_per_stage,
    decoderDepths: plans.n_conv_per_stage_decoder,
  });
}

/** The `architecture` of an `nnUNetPlans.json`, and the number of channels, which stands beside it. */
export function nnunetToPlans(config: Omit<NnunetConfig, "classes">, spatial: 2 | 3) {
  const isPlain = config.encoder === "plain";
  return {
    channels: config.channels,
    architecture: {
      network_class_name: `dynamic_network_architectures.architectures.unet.${isPlain ? "PlainConvUNet" : "ResidualEncoderUNet"}`,
      arch_kwargs: {
        n_stages: config.features.length,
        features_per_stage: config.features,
        conv_op: `torch.nn.modules.conv.Conv${spatial}d`,
        kernel_sizes: config.kernels,
        strides: config.strides,
        [isPlain ? "n_conv_per_stage" : "n_blocks_per_stage"]: config.depths,
        n_conv_per_stage_decoder: config.decoderDepths,
        conv_bias: true,
        norm_op: `torch.nn.modules.instancenorm.InstanceNorm${spatial}d`,
        norm_op_kwargs: { eps: 1e-5, affine: true },
        nonlin: "torch.nn.LeakyReLU",
        nonlin_kwargs: { inplace: true },
      },
      _kw_requires_import: ["conv_op", "norm_op", "nonlin"],
    },
  };
}

/** Features of nnU-Net's networks, before any class is told apart. */
export interface NnunetStates {
  /** Features of each stage of the encoder, fine to coarse. */
  readonly encoder: readonly Value[];
  /** Features of each stage of the decoder, fine to coarse. */
  readonly decoder: readonly Value[];
}

/** What nnU-Net's networks compute. */
export interface NnunetOutputs {
  /** Features of each stage of the encoder, fine to coarse. */
  readonly encoder: readonly Value[];
  /** Logits `[batch, classes, ...spatial]` at full resolution, then, with deep supervision, at the coarser ones. */
  readonly logits: readonly Value[];
}

type Extent = number | readonly number[];
const activation: BlockActivation = { kind: "leakyRelu", slope: 0.01 };

const residualBlock = (x: Value, name: string, channels: number, kernel: Extent, stride: Extent): Value =>
  x.graph.block(name, () => residualParts(x, name, channels, kernel, stride));

function residualParts(x: Value, name: string, channels: number, kernel: Extent, stride: Extent): Value {
  const bare = { names: nnunetBlockNames, kernel };
  const first = convolutionBlock(x, `${name}.conv1`, channels, { ...bare, stride, activation });
  const branch = convolutionBlock(first, `${name}.conv2`, channels, bare);
  // The shortcut averages over the stride and only then changes the channels (ResNet-D, He et al. 2019).
  const strided = [stride].flat().some((step) => step !== 1);
  const pooled = strided ? averagePool(x, stride) : x;
  const shortcut =
    x.shape[1] === channels
      ? pooled
      : convolutionBlock(pooled, `${name}.skip.${strided ? 1 : 0}`, channels, { ...bare, kernel: 1, bias: false });
  return activate(add(branch, shortcut), name, activation);
}

/** One after the other; the first has the stride. */
function stackedConvolutions(
  x: Value,
  name: string,
  channels: number,
  depth: number,
  kernel: Extent,
  stride: Extent = 1,
) {
  return x.graph.block(name, () => {
    let result = x;
    for (let i = 0; i < depth; i++) {
      const options = { names: nnunetBlockNames, kernel, stride: i === 0 ? stride : 1, activation };
      result = convolutionBlock(result, `${name}.convs.${i}`, channels, options);
    }
    return result;
  });
}

/**
 * Encoder and decoder of nnU-Net's networks; see `nnunet`.
 *
 * @param images `[batch, channels, height, width]` or `[batch, channels, depth, height, width]`
 * @throws VesaliusError `shape-mismatch` where an extent is no multiple of the product of its strides
 */
export function nnunetStates(images: Value, config: Omit<NnunetConfig, "classes">): NnunetStates {
  const { features, kernels, strides, depths } = config;
  checkExtents(images.shape.slice(2), totalStrides(strides, images.rank - 2));
  const encoder: Value[] = [];
  let x =
    config.encoder === "plain" ? images : stackedConvolutions(images, "encoder.stem", features[0]!, 1, kernels[0]!);
  features.forEach((channels, stage) => {
    const name = `encoder.stages.${stage}`;
    if (config.encoder === "plain")
      x = stackedConvolutions(x, `${name}.0`, channels, depths[stage]!, kernels[stage]!, strides[stage]);
    else
      for (let i = 0; i < depths[stage]!; i++)
        x = residualBlock(x, `${name}.blocks.${i}`, channels, kernels[stage]!, i === 0 ? strides[stage]! : 1);
    encoder.push(x);
  });
  const decoder: Value[] = [];
  config.decoderDepths.forEach((depth, i) => {
    const stage = features.length - 2 - i;
    const stride = strides[stage + 1]!;
    const up = convolutionTransposeLayer(x, `decoder.transpconvs.${i}`, features[stage]!, { kernel: stride, stride });
    const joined = concat([up, encoder[stage]!], 1);
    x = stackedConvolutions(joined, `decoder.stages.${i}`, features[stage]!, depth, kernels[stage]!);
    decoder.unshift(x);
  });
  return { encoder, decoder };
}

/**
 * Segmentation layers of nnU-Net's networks, `decoder.seg_layers.*`.
 *
 * @param decoder features of each stage of the decoder, fine to coarse
 * @param deepSupervision whether the coarser stages give logits too
 * @returns logits `[batch, classes, ...spatial]`, fine to coarse
 */
export const nnunetSegmentation = (decoder: readonly Value[], classes: number, deepSupervision: boolean): Value[] =>
  (deepSupervision ? decoder : decoder.slice(0, 1)).map((x, i) =>
    convolutionLayer(x, `decoder.seg_layers.${decoder.length - 1 - i}`, classes, { kernel: 1 }),
  );

/**
 * The networks of nnU-Net (Isensee et al. 2021, 2024): `PlainConvUNet` and `ResidualEncoderUNet` of
 * dynamic-network-architectures, with their parameter names. Checkpoints hold the encoder a second time under
 * `decoder.encoder` and every layer under `all_modules`; those names are left out here.
 *
 * @param images `[batch, channels, height, width]` or `[batch, channels, depth, height, width]`, every extent a multiple
 * of the product of its strides
 * @throws VesaliusError `shape-mismatch` where one is not
 */
export function nnunet(images: Value, config: NnunetConfig): NnunetOutputs {
  const { encoder, decoder } = nnunetStates(images, config);
  return { encoder, logits: nnunetSegmentation(decoder, config.classes, config.deepSupervision) };
}
