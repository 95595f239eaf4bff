import { z } from "zod";
import { add, averagePool, concat, type Value } from "../../graph/index.ts";
import { convolutionLayer, convolutionTransposeLayer } from "../layers/convolution.ts";
import {
  activate,
  type BlockActivation,
  blockActivationSchema,
  type BlockNorm,
  blockNormSchema,
  convolutionBlock,
  nnunetBlockNames,
} from "../layers/convolution-block.ts";
import { checkExtents, totalStrides } from "../layers/extents.ts";
import type { ForwardMode } from "../layers/normalization.ts";
import { checkAlike, readPublishedConfig } from "../layers/published-config.ts";

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
    /** Biases of the convolutions. */
    bias: z.boolean().default(true),
    norm: blockNormSchema.default({ kind: "instance", affine: true }),
    activation: blockActivationSchema.default({ kind: "leakyRelu", slope: 0.01 }),
    /** Whether normalization follows the nonlinearity of a stacked convolution, in place of going before it. */
    nonlinearityFirst: z.boolean().default(false),
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

/** A class of PyTorch by its last name, whatever module it is written with; null leaves the layer out in the original. */
const torchClass = (pattern: RegExp, what: string) => z.string().regex(pattern, `is no ${what}`).optional();

const plansSchema = z.object({
  features_per_stage: z.array(z.int()),
  kernel_sizes: z.array(extentSchema),
  strides: z.array(extentSchema),
  n_conv_per_stage: z.array(z.int()).optional(),
  n_blocks_per_stage: z.array(z.int()).optional(),
  n_conv_per_stage_decoder: z.array(z.int()),
  conv_bias: z.boolean().default(false),
  conv_op: torchClass(/(^|\.)Conv[23]d$/, "convolution"),
  norm_op: torchClass(/(^|\.)(Instance|Batch)Norm[23]d$/, "instance or batch normalization"),
  norm_op_kwargs: z
    .strictObject({
      eps: z.number().positive().default(1e-5),
      affine: z.boolean().optional(),
      momentum: z.number().optional(),
      track_running_stats: z.boolean().optional(),
    })
    .nullish(),
  nonlin: torchClass(/(^|\.)(LeakyReLU|ReLU|ELU|GELU|SiLU|Mish|SELU|PReLU)$/, "nonlinearity that is known"),
  nonlin_kwargs: z
    .strictObject({
      inplace: z.boolean().optional(),
      negative_slope: z.number().nonnegative().optional(),
      alpha: z.number().optional(),
      init: z.number().optional(),
      approximate: z.literal("none").optional(),
    })
    .nullish(),
  dropout_op: z.null().optional(),
  deep_supervision: z.boolean().optional(),
  n_stages: z.int().optional(),
  nonlin_first: z.boolean().default(false),
});

type Plans = z.output<typeof plansSchema>;

/** The normalization that the plans name; PyTorch's defaults where they leave something out. */
function normOf({ norm_op: named, norm_op_kwargs: given }: Plans): unknown {
  const epsilon = given?.eps === undefined || given.eps === 1e-5 ? {} : { epsilon: given.eps };
  const isBatch = /BatchNorm[23]d$/.test(named ?? "");
  // Instances have no scale and bias unless told so, batches have them unless told not to; a mismatch is refused.
  const affine = given?.affine ?? (isBatch || !named);
  if (isBatch) {
    if (!affine || given?.track_running_stats === false) return { kind: "batch", affine: false };
    return { kind: "batch", ...epsilon, ...(given?.momentum === undefined ? {} : { momentum: given.momentum }) };
  }
  // Running statistics of instances are another normalization.
  if (given?.track_running_stats) return { kind: "instance", track_running_stats: true };
  return { kind: "instance", affine, ...epsilon };
}

/** The nonlinearity that the plans name. */
function activationOf({ nonlin, nonlin_kwargs: given }: Plans): unknown {
  const kind = /[^.]+$/.exec(nonlin ?? "LeakyReLU")![0].toLowerCase();
  const { inplace: _memory, approximate: _exact, negative_slope, alpha, init } = given ?? {};
  const settings = {
    ...(negative_slope === undefined ? {} : { slope: negative_slope }),
    ...(alpha === undefined ? {} : { alpha }),
    ...(init === undefined ? {} : { slope: init }),
  };
  return { kind: kind === "leakyrelu" ? "leakyRelu" : kind, ...settings };
}

/** Numbers that stand elsewhere: the channels and classes follow from the data. */
const plansNeutralKeys = ["input_channels", "num_classes"];

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
  checkAlike(origin, [
    ["n_stages", plans.n_stages, "the number of features_per_stage", plans.features_per_stage.length],
  ]);
  return readPublishedConfig(origin, nnunetConfigSchema, {
    ...dataset,
    encoder: plans.n_blocks_per_stage === undefined ? "plain" : "residual",
    features: plans.features_per_stage,
    kernels: plans.kernel_sizes,
    strides: plans.strides,
    depths: plans.n_blocks_per_stage ?? plans.n_conv_per_stage,
    decoderDepths: plans.n_conv_per_stage_decoder,
    bias: plans.conv_bias,
    norm: normOf(plans),
    activation: activationOf(plans),
    nonlinearityFirst: plans.nonlin_first,
    ...(plans.deep_supervision === undefined ? {} : { deepSupervision: plans.deep_supervision }),
  });
}

function normToPlans(norm: BlockNorm, spatial: 2 | 3) {
  const eps = norm.epsilon ?? 1e-5;
  if (norm.kind === "batch")
    return {
      norm_op: `torch.nn.modules.batchnorm.BatchNorm${spatial}d`,
      norm_op_kwargs: { eps, affine: true, ...(norm.momentum === undefined ? {} : { momentum: norm.momentum }) },
    };
  const affine = norm.kind === "group" || norm.affine;
  const name = norm.kind === "group" ? "torch.nn.GroupNorm" : `torch.nn.modules.instancenorm.InstanceNorm${spatial}d`;
  return { norm_op: name, norm_op_kwargs: { eps, affine } };
}

const torchActivations: Readonly<Record<string, string>> = {
  leakyRelu: "LeakyReLU",
  relu: "ReLU",
  elu: "ELU",
  gelu: "GELU",
  silu: "SiLU",
  mish: "Mish",
  selu: "SELU",
  prelu: "PReLU",
};

function activationToPlans(activation: BlockActivation) {
  const kwargs = {
    ...(activation.kind === "leakyRelu" && activation.slope !== 0.01 ? { negative_slope: activation.slope } : {}),
    ...(activation.kind === "prelu" ? { init: activation.slope } : {}),
    ...(activation.kind === "elu" ? { alpha: activation.alpha } : {}),
  };
  const inplace = ["gelu", "prelu"].includes(activation.kind) ? {} : { inplace: true };
  return {
    nonlin: `torch.nn.${torchActivations[activation.kind] ?? activation.kind}`,
    nonlin_kwargs: { ...inplace, ...kwargs },
  };
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
        conv_bias: config.bias,
        ...normToPlans(config.norm, spatial),
        ...activationToPlans(config.activation),
        ...(config.nonlinearityFirst ? { nonlin_first: true } : {}),
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

/** What follows each convolution. */
const styleOf = ({ norm, bias, activation }: Omit<NnunetConfig, "classes">, mode: ForwardMode) => ({
  names: nnunetBlockNames,
  norm,
  bias,
  activation,
  mode,
});
type Style = ReturnType<typeof styleOf> & { readonly order?: string };

const residualBlock = (x: Value, name: string, channels: number, kernel: Extent, stride: Extent, style: Style): Value =>
  x.graph.block(name, () => residualParts(x, name, channels, kernel, stride, style));

function residualParts(x: Value, name: string, channels: number, kernel: Extent, stride: Extent, style: Style): Value {
  const { activation, ...rest } = style;
  const bare = { ...rest, kernel };
  const first = convolutionBlock(x, `${name}.conv1`, channels, { ...bare, stride, activation });
  const branch = convolutionBlock(first, `${name}.conv2`, channels, bare);
  // The shortcut averages over the stride and only then changes the channels (ResNet-D, He et al. 2019).
  const strided = [stride].flat().some((step) => step !== 1);
  const pooled = strided ? averagePool(x, stride) : x;
  const shortcut =
    x.shape[1] === channels
      ? pooled
      : convolutionBlock(pooled, `${name}.skip.${strided ? 1 : 0}`, channels, { ...bare, kernel: 1, bias: false });
  return activate(add(branch, shortcut), `${name}.nonlin2`, activation);
}

/** One after the other; the first has the stride. */
function stackedConvolutions(
  x: Value,
  name: string,
  channels: number,
  depth: number,
  kernel: Extent,
  style: Style,
  stride: Extent = 1,
) {
  return x.graph.block(name, () => {
    let result = x;
    for (let i = 0; i < depth; i++) {
      const options = { ...style, kernel, stride: i === 0 ? stride : 1 };
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
export function nnunetStates(
  images: Value,
  config: Omit<NnunetConfig, "classes">,
  mode: ForwardMode = { training: false },
): NnunetStates {
  const { features, kernels, strides, depths, bias } = config;
  const style = styleOf(config, mode);
  const stacked: Style = config.nonlinearityFirst ? { ...style, order: "DAN" } : style;
  checkExtents(images.shape.slice(2), totalStrides(strides, images.rank - 2));
  const encoder: Value[] = [];
  let x =
    config.encoder === "plain"
      ? images
      : stackedConvolutions(images, "encoder.stem", features[0]!, 1, kernels[0]!, style);
  features.forEach((channels, stage) => {
    const name = `encoder.stages.${stage}`;
    if (config.encoder === "plain")
      x = stackedConvolutions(x, `${name}.0`, channels, depths[stage]!, kernels[stage]!, stacked, strides[stage]);
    else
      for (let i = 0; i < depths[stage]!; i++)
        x = residualBlock(x, `${name}.blocks.${i}`, channels, kernels[stage]!, i === 0 ? strides[stage]! : 1, style);
    encoder.push(x);
  });
  const decoder: Value[] = [];
  config.decoderDepths.forEach((depth, i) => {
    const stage = features.length - 2 - i;
    const stride = strides[stage + 1]!;
    const up = convolutionTransposeLayer(x, `decoder.transpconvs.${i}`, features[stage]!, {
      kernel: stride,
      stride,
      bias,
    });
    const joined = concat([up, encoder[stage]!], 1);
    x = stackedConvolutions(joined, `decoder.stages.${i}`, features[stage]!, depth, kernels[stage]!, stacked);
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
export function nnunet(images: Value, config: NnunetConfig, mode: ForwardMode = { training: false }): NnunetOutputs {
  const { encoder, decoder } = nnunetStates(images, config, mode);
  return { encoder, logits: nnunetSegmentation(decoder, config.classes, config.deepSupervision) };
}
