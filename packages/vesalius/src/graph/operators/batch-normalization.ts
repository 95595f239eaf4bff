import { VesaliusError } from "../../common/errors.ts";
import { add, multiply, negate, reciprocal, reshape, sqrt, subtract } from "../functions/index.ts";
import type { TensorType } from "../../common/tensor.ts";
import type { Attributes, GradientContext, Value } from "../value.ts";
import {
  epsilonOf,
  inferChannelwise,
  overChannels,
  perChannel,
  scaledGradients,
  statisticsOver,
} from "./channel-statistics.ts";
import { type InferenceContext, numberAttribute, type OperatorDefinition } from "./definition.ts";

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
  const { forInput, forScale, forBias } = scaledGradients(dy, perChannel(scale, x), statistics);
  return [
    needed[0] ? forInput() : undefined,
    needed[1] ? reshape(forScale, scale.shape) : undefined,
    needed[2] ? reshape(forBias, scale.shape) : undefined,
  ];
}

/** Normalization over the batch. */
export const batchNormalization: readonly OperatorDefinition[] = [
  {
    type: "BatchNormalization",
    sinceVersion: 15,
    infer: inferBatchNorm,
    gradient: batchNormGradient,
    differentiableOutputs: 1,
  },
];
