import { VesaliusError } from "../../common/errors.ts";
import { float } from "../attributes.ts";
import { emit } from "../emit.ts";
import {
  add,
  divide,
  full,
  multiply,
  negate,
  power,
  reciprocal,
  reduceMean,
  reduceSumSquare,
  reshape,
  sqrt,
  subtract,
} from "../functions/index.ts";
import { formatShape, normalizeAxis } from "../shapes.ts";
import { elementCount, type TensorType } from "../tensor.ts";
import type { Attributes, GradientContext, Value } from "../value.ts";
import { unbroadcast } from "./broadcasting.ts";
import {
  type InferenceContext,
  listAttribute,
  numberAttribute,
  type OperatorDefinition,
  requireInput,
} from "./definition.ts";

const epsilonOf = (attributes: Attributes): number => numberAttribute(attributes, "epsilon", 1e-5);

/** Axes of a channel parameter `[channels]` against `[batch, channels, ...]`. */
const channelShape = (x: Value): number[] => [x.shape[1]!, ...x.shape.slice(2).map(() => 1)];
/** A channel parameter in the shape in which it broadcasts over `[batch, channels, ...]`. */
const perChannel = (parameter: Value, x: Value): Value => reshape(parameter, channelShape(x));
/** Sum of a gradient over everything but the channels. */
const overChannels = (gradient: Value): Value =>
  reshape(unbroadcast(gradient, channelShape(gradient)), [gradient.shape[1]!]);

/** Checks that the inputs after the first are vectors with one entry for each channel of it. */
function inferChannelwise({ inputs, type }: InferenceContext, parameters: number): Value {
  const x = requireInput(inputs, 0, type);
  if (x.rank < 2) throw new VesaliusError("shape-mismatch", "the input needs a batch and a channel axis");
  for (let i = 1; i <= parameters; i++) {
    const { shape } = requireInput(inputs, i, type);
    if (shape.length !== 1 || shape[0] !== x.shape[1])
      throw new VesaliusError("shape-mismatch", `input ${i} has shape ${formatShape(shape)}, expected [${x.shape[1]}]`);
  }
  return x;
}

/** Statistics of a normalization: the centred input and one over its standard deviation. */
interface Statistics {
  readonly axes: readonly number[];
  readonly centred: Value;
  readonly inverse: Value;
}

/** Statistics over axes, with the biased variance. */
function statisticsOver(x: Value, axes: readonly number[], epsilon: number): Statistics {
  const centred = subtract(x, reduceMean(x, axes));
  const count = elementCount(axes.map((axis) => x.shape[axis]!));
  const variance = multiply(reduceSumSquare(centred, axes), 1 / count);
  return { axes, centred, inverse: reciprocal(sqrt(add(variance, epsilon))) };
}

/** With n = (x - mean) / deviation: d loss / dx = (dn - mean(dn) - n mean(dn n)) / deviation. */
function throughStatistics(dn: Value, normal: Value, { axes, inverse }: Statistics): Value {
  const projection = reduceMean(multiply(dn, normal), axes);
  return multiply(subtract(subtract(dn, reduceMean(dn, axes)), multiply(normal, projection)), inverse);
}

const trains = (attributes: Attributes): boolean => numberAttribute(attributes, "training_mode", 0) === 1;

function inferBatchNorm(context: InferenceContext): readonly TensorType[] {
  const x = inferChannelwise(context, 4);
  const expected = trains(context.attributes) ? 3 : 1;
  if (context.outputCount !== expected)
    throw new VesaliusError("bad-argument", `a batch normalization in this mode has ${expected} outputs`);
  const { dtype, shape } = context.inputs[3]!;
  return [
    { dtype: x.dtype, shape: x.shape },
    { dtype, shape },
    { dtype, shape },
  ].slice(0, context.outputCount);
}

/** Gradient with the stored statistics, which are inputs like any other. */
function storedGradient({ node, inputs, outputGradients, needed }: GradientContext): readonly (Value | undefined)[] {
  const [x, scale, , mean, variance] = inputs as readonly Value[];
  const dy = outputGradients[0]!;
  const inverse = reciprocal(sqrt(add(variance!, epsilonOf(node.attributes))));
  const centred = (): Value => subtract(x!, perChannel(mean!, x!));
  const factor = multiply(scale!, inverse);
  const correlation = needed[1] || needed[4] ? overChannels(multiply(dy, centred())) : undefined;
  const total = needed[2] || needed[3] ? overChannels(dy) : undefined;
  return [
    needed[0] ? multiply(dy, perChannel(factor, x!)) : undefined,
    needed[1] ? multiply(correlation!, inverse) : undefined,
    total,
    needed[3] ? negate(multiply(total!, factor)) : undefined,
    needed[4] ? multiply(multiply(correlation!, multiply(factor, multiply(inverse, inverse))), -0.5) : undefined,
  ];
}

function batchNormGradient(context: GradientContext): readonly (Value | undefined)[] {
  const { node, inputs, outputs, outputGradients, needed } = context;
  if (!trains(node.attributes)) return storedGradient(context);
  const [x, scale] = [inputs[0]!, inputs[1]!];
  const dy = outputGradients[0]!;
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  // With momentum 0 the running statistics are those of the batch.
  const kept = numberAttribute(node.attributes, "momentum", 0.9) === 0;
  const statistics = kept
    ? {
        axes,
        centred: subtract(x, perChannel(outputs[1]!, x)),
        inverse: perChannel(reciprocal(sqrt(add(outputs[2]!, epsilonOf(node.attributes)))), x),
      }
    : statisticsOver(x, axes, epsilonOf(node.attributes));
  const normal = multiply(statistics.centred, statistics.inverse);
  return [
    needed[0] ? throughStatistics(multiply(dy, perChannel(scale, x)), normal, statistics) : undefined,
    needed[1] ? overChannels(multiply(dy, normal)) : undefined,
    needed[2] ? overChannels(dy) : undefined,
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

/** Normalizations over batch, instance, group and root mean square. */
export const channelNormalization: readonly OperatorDefinition[] = [
  {
    type: "BatchNormalization",
    sinceVersion: 15,
    infer: inferBatchNorm,
    gradient: batchNormGradient,
    differentiableOutputs: 1,
  },
  {
    type: "InstanceNormalization",
    sinceVersion: 6,
    infer: (context) => [{ dtype: inferChannelwise(context, 2).dtype, shape: context.inputs[0]!.shape }],
    gradient: (context) => groupedGradient(context, context.inputs[0]!.shape[1]!),
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
