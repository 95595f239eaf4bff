import { VesaliusError } from "../../common/errors.ts";
import { float } from "../attributes.ts";
import { emit } from "../emit.ts";
import {
  add,
  divide,
  full,
  multiply,
  power,
  reciprocal,
  reduceMean,
  reshape,
  sqrt,
  subtract,
} from "../functions/index.ts";
import { normalizeAxis } from "../shapes.ts";
import { elementCount, type TensorType } from "../../common/tensor.ts";
import type { Attributes, GradientContext, Value } from "../value.ts";
import { unbroadcast } from "./broadcasting.ts";
import {
  epsilonOf,
  inferChannelwise,
  overChannels,
  perChannel,
  scaledGradients,
  statisticsOver,
  throughStatistics,
} from "./channel-statistics.ts";
import {
  type InferenceContext,
  listAttribute,
  numberAttribute,
  type OperatorDefinition,
  requireInput,
} from "./definition.ts";

/** Gradient of a normalization of every channel of every sample. */
function instanceNormGradient({ node, inputs, outputGradients, needed }: GradientContext) {
  const [x, scale] = [inputs[0]!, inputs[1]!];
  const [batch, channels] = x.shape as [number, number];
  const flat = [batch, channels, elementCount(x.shape.slice(2))];
  const statistics = statisticsOver(reshape(x, flat), [2], epsilonOf(node.attributes));
  const dy = reshape(outputGradients[0]!, flat);
  const { forInput, forScale, forBias } = scaledGradients(dy, reshape(scale, [1, channels, 1]), statistics);
  return [
    needed[0] ? reshape(forInput(), x.shape) : undefined,
    needed[1] ? overChannels(forScale) : undefined,
    needed[2] ? overChannels(forBias) : undefined,
  ];
}

/** Gradient of a normalization over groups of channels with a scale and a bias for each channel. */
function groupedGradient(
  { node, inputs, outputGradients, needed }: GradientContext,
  groups: number,
): readonly (Value | undefined)[] {
  const [x, scale] = [inputs[0]!, inputs[1]!];
  const dy = outputGradients[0]!;
  const grouped = [x.shape[0]!, groups, elementCount(x.shape.slice(1)) / groups];
  const statistics = statisticsOver(reshape(x, grouped), [2], epsilonOf(node.attributes));
  const normal = multiply(statistics.centred, statistics.inverse);
  const dn = reshape(multiply(dy, perChannel(scale, x)), grouped);
  return [
    needed[0] ? reshape(throughStatistics(dn, normal, statistics), x.shape) : undefined,
    needed[1] ? overChannels(multiply(dy, reshape(normal, x.shape))) : undefined,
    needed[2] ? overChannels(dy) : undefined,
  ];
}

/** Group normalization as an instance normalization of groups, which has a kernel at every opset. */
function decomposeGroupNorm(inputs: readonly (Value | undefined)[], attributes: Attributes): readonly Value[] {
  const [x, scale, bias] = inputs as readonly [Value, Value, Value];
  const groups = numberAttribute(attributes, "num_groups", 1);
  const grouped = reshape(x, [x.shape[0]!, groups, elementCount(x.shape.slice(1)) / groups]);
  const ones = full(x.graph, [groups], 1, x.dtype);
  const zeros = full(x.graph, [groups], 0, x.dtype);
  const normal = emit("InstanceNormalization", [grouped, ones, zeros], { epsilon: float(epsilonOf(attributes)) });
  return [add(multiply(reshape(normal, x.shape), perChannel(scale, x)), perChannel(bias, x))];
}

/** Axes from the attribute `axis` to the last. */
const tailAxes = (x: Value, attributes: Attributes): number[] => {
  const axis = normalizeAxis(numberAttribute(attributes, "axis", -1), x.rank);
  return Array.from({ length: x.rank - axis }, (_, i) => axis + i);
};

const rootMeanSquare = (x: Value, attributes: Attributes): Value =>
  // Written in the way that ONNX Runtime recognises and fuses.
  sqrt(add(reduceMean(power(x, 2), tailAxes(x, attributes)), epsilonOf(attributes)));

function rmsNormGradient({ node, inputs, outputGradients, needed }: GradientContext): readonly (Value | undefined)[] {
  const [x, scale] = [inputs[0]!, inputs[1]!];
  const dy = outputGradients[0]!;
  const axes = tailAxes(x, node.attributes);
  const inverse = reciprocal(rootMeanSquare(x, node.attributes));
  const normal = multiply(x, inverse);
  const dn = multiply(dy, scale);
  return [
    needed[0] ? multiply(subtract(dn, multiply(normal, reduceMean(multiply(dn, normal), axes))), inverse) : undefined,
    needed[1] ? unbroadcast(multiply(dy, normal), scale.shape) : undefined,
  ];
}

const sameAsInput = ({ inputs, type }: InferenceContext): readonly TensorType[] => {
  const { dtype, shape } = requireInput(inputs, 0, type);
  return [{ dtype, shape }];
};

/** Normalization inside a sample: over instances, groups, and by the root mean square. */
export const sampleNormalization: readonly OperatorDefinition[] = [
  {
    type: "InstanceNormalization",
    sinceVersion: 6,
    infer: (context) => [{ dtype: inferChannelwise(context, 2).dtype, shape: context.inputs[0]!.shape }],
    gradient: instanceNormGradient,
  },
  {
    type: "GroupNormalization",
    sinceVersion: 21,
    infer: (context) => {
      const { dtype, shape } = inferChannelwise(context, 2);
      const groups = numberAttribute(context.attributes, "num_groups", 1);
      if (shape[1]! % groups !== 0)
        throw new VesaliusError("shape-mismatch", `${shape[1]} channels do not divide into ${groups} groups`);
      return [{ dtype, shape }];
    },
    gradient: (context) => groupedGradient(context, numberAttribute(context.node.attributes, "num_groups", 1)),
    decompose: decomposeGroupNorm,
  },
  {
    type: "RMSNormalization",
    sinceVersion: 23,
    infer: sameAsInput,
    gradient: rmsNormGradient,
    decompose: (inputs, attributes) => {
      const [x, scale] = inputs as readonly [Value, Value];
      return [multiply(divide(x, rootMeanSquare(x, attributes)), scale)];
    },
  },
  {
    type: "MeanVarianceNormalization",
    sinceVersion: 13,
    infer: sameAsInput,
    gradient: ({ node, inputs, outputGradients }) => {
      const x = inputs[0]!;
      const axes = (listAttribute(node.attributes, "axes") ?? [0, 2, 3]).map((axis) => normalizeAxis(axis, x.rank));
      // The operator's own guard against a zero deviation, 1e-9 next to the deviation, is 1e-18 next to the variance.
      const statistics = statisticsOver(x, axes, 1e-18);
      const normal = multiply(statistics.centred, statistics.inverse);
      return [throughStatistics(outputGradients[0]!, normal, statistics)];
    },
  },
];
