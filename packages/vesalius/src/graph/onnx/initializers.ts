import { VesaliusError } from "../../common/errors.ts";
import { isFloatingPoint, sameShape, type Tensor, type Tensors } from "../../common/tensor.ts";
import { bodiesOf, capturedNames } from "./bodies.ts";
import type { VersionedNode } from "./functions.ts";
import { domainOf } from "./decode.ts";
import type { GraphProto } from "./generated/onnx_pb.ts";
import { tensorOf, type TensorSource, unfoldSparse } from "./tensor-data.ts";

/** Inputs that are settings of an operator rather than weights: bounds, scales and fill values. */
const settings: Readonly<Record<string, readonly number[]>> = {
  Resize: [1, 2],
  Upsample: [1],
  Clip: [1, 2],
  Pad: [2],
  Range: [0, 1, 2],
  OneHot: [2],
  Dropout: [1],
  NonMaxSuppression: [3, 4],
  QuantizeLinear: [1],
  DequantizeLinear: [1],
  QLinearConv: [1, 4, 6],
  QLinearMatMul: [1, 4, 6],
};

/** Statistics that frameworks keep as buffers: they are saved with the weights, and training does not touch them. */
const buffers: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] };

/** How the nodes of a model use the names that its initializers may have. */
export interface Uses {
  /** Names that anything reads. */
  readonly read: ReadonlySet<string>;
  /** Names that are read as more than a setting. */
  readonly asWeights: ReadonlySet<string>;
  /** Names that are read as the statistics of a normalization. */
  readonly asBuffers: ReadonlySet<string>;
}

/** Collects how names are used. */
export function usesOf(nodes: readonly VersionedNode[], outputs: readonly string[]): Uses {
  const asWeights = new Set(outputs);
  const read = new Set(outputs);
  const asBuffers = new Set<string>();
  for (const { node } of nodes) {
    const own = domainOf(node.domain) === "";
    node.input.forEach((name, position) => {
      read.add(name);
      if (!own || !settings[node.opType]?.includes(position)) asWeights.add(name);
      if (own && buffers[node.opType]?.includes(position)) asBuffers.add(name);
    });
    for (const name of capturedNames(bodiesOf(node.attribute))) {
      read.add(name);
      asWeights.add(name);
    }
  }
  return { read, asWeights, asBuffers };
}

/**
 * Whether an initializer is a weight: floating-point, used as more than a setting, and not a lone number, since those
 * are the epsilons and factors of formulas that an exporter wrote out.
 */
export const isWeight = (name: string, tensor: Tensor, uses: Uses): boolean =>
  isFloatingPoint(tensor.dtype) && tensor.shape.length > 0 && uses.asWeights.has(name);

/** Whether two tensors hold the same, bit by bit. */
export function sameTensor(a: Tensor, b: Tensor): boolean {
  if (a.dtype !== b.dtype || !sameShape(a.shape, b.shape) || a.data.length !== b.data.length) return false;
  const [left, right] = [a.data as ArrayLike<unknown>, b.data as ArrayLike<unknown>];
  for (let i = 0; i < left.length; i++) if (!Object.is(left[i], right[i])) return false;
  return true;
}

/**
 * Reads the initializers that anything uses. One that stands there twice counts once, as ONNX Runtime has it; one
 * without a name cannot be used.
 *
 * @throws VesaliusError `bad-file` where two of one name differ: engines disagree on which of them counts
 */
export async function readInitializers(proto: GraphProto, uses: Uses, source: TensorSource): Promise<Tensors> {
  const tensors: Tensors = new Map();
  const add = async (name: string, read: () => Promise<Tensor>): Promise<void> => {
    if (name === "" || !uses.read.has(name)) return;
    const tensor = await read();
    const before = tensors.get(name);
    if (before === undefined) tensors.set(name, tensor);
    else if (!sameTensor(before, tensor)) throw differing(name, source.where);
  };
  for (const tensor of proto.initializer) await add(tensor.name, () => tensorOf(tensor, source));
  for (const sparse of proto.sparseInitializer)
    await add(sparse.values?.name ?? "", () => unfoldSparse(sparse, source));
  return tensors;
}

/** The error of two tensors of one name that differ. */
export const differing = (name: string, where: string): VesaliusError =>
  new VesaliusError("bad-file", `two tensors with different values are named "${name}"`, {
    where,
    fix: "give one of them another name, or remove the one that is not meant, and save the model again",
  });
