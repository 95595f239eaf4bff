import {
  add,
  concat,
  convolution,
  elementCount,
  emit,
  float,
  gather,
  gemm,
  int,
  multiply,
  type Node,
  numberAttribute,
  reshape,
  slice,
  transpose,
  type Value,
} from "../../graph/index.ts";
import type { AdaptableLayer } from "../layers.ts";
import { operandUpdate } from "../operand-matrix.ts";
import type { LoraUpdate } from "./lora-weights.ts";

/**
 * One B for a projection that holds several side by side (queries, keys and values), from those of the parts that are
 * adapted, as in loralib's `MergedLinear`: each part sees its own factors.
 *
 * @param stacked `[partOut * count, rank]`, one below the other
 * @param enabled which parts are adapted, `count` of them
 * @returns `[partOut * parts, rank * count]`
 */
export function stackedUp(stacked: Value, enabled: readonly boolean[]): Value {
  const count = enabled.filter(Boolean).length;
  const rank = stacked.shape[1]!;
  const part = stacked.shape[0]! / count;
  const empty = (columns: number): Value[] => (columns === 0 ? [] : [stacked.graph.filled([part, columns], 0)]);
  let next = 0;
  return concat(
    enabled.flatMap((adapted) => {
      if (!adapted) return empty(rank * count);
      const i = next++;
      const own = slice(stacked, 0, i * part, (i + 1) * part);
      return [concat([...empty(rank * i), own, ...empty(rank * (count - 1 - i))], 1)];
    }),
    0,
  );
}

/** `scaling * h B^T`, over the last axis, onto a value of that shape. */
function rise(h: Value, { up, scaling }: LoraUpdate, lead: readonly number[], onto: Value | undefined): Value {
  const [rows, out] = [elementCount(lead), up.shape[0]!];
  const base = onto === undefined ? [] : [reshape(onto, [rows, out])];
  // The addition is part of the product, which spares a pass.
  return reshape(emit("Gemm", [h, up, ...base], { alpha: float(scaling), transB: int(1) }), [...lead, out]);
}

/**
 * What the factors add to a layer's product, `scaling * B A x`.
 *
 * @param x the layer's input: values, or the numbers of an embedding's rows
 * @param onto the layer's product, to which it is added where it is given
 */
export function layerUpdate(
  layer: Pick<AdaptableLayer, "kind" | "node" | "matrix" | "operand">,
  x: Value,
  update: LoraUpdate,
  onto?: Value,
): Value {
  const { down, up, scaling, groups } = update;
  if (layer.matrix !== undefined) {
    // Every layer is linear in its weight, so that what the update adds is the layer with the update for a weight.
    const delta = operandUpdate(update, layer.matrix, layer.operand.shape);
    const y = emit(
      layer.node.type,
      layer.node.inputs.slice(0, 2).map((input) => (input === layer.operand ? delta : x)),
      layer.node.attributes,
    );
    return onto === undefined ? y : add(onto, y);
  }
  if (layer.kind === "convolution") {
    const h = convolveAlike(layer.node, x, down);
    const y = convolution(h, multiply(up, scaling), undefined, { groups });
    return onto === undefined ? y : add(onto, y);
  }
  if (layer.kind === "embedding") {
    const h = gather(transpose(down, [1, 0]), x);
    const rank = down.shape[0]!;
    return rise(reshape(h, [elementCount(x.shape), rank]), update, x.shape, onto);
  }
  const lead = layer.node.outputs[0]!.shape.slice(0, -1);
  const flat = reshape(x, [elementCount(lead), x.shape.at(-1)!]);
  const alpha = numberAttribute(layer.node.attributes, "alpha", 1);
  return rise(gemm(flat, down, undefined, { transposeB: true }), { ...update, scaling: alpha * scaling }, lead, onto);
}

/** The convolution of a node with other channels: the same kernel, strides, padding and dilation. */
const convolveAlike = (node: Node, x: Value, weight: Value): Value => emit("Conv", [x, weight], node.attributes);
