import { VesaliusError } from "../../common/errors.ts";
import { add, cast, concat, greater, reduceMax, reshape, slice } from "../functions/index.ts";
import { elementCount } from "../../common/tensor.ts";
import type { Node, Value } from "../value.ts";
import { copyNode } from "./rewrite.ts";

/**
 * Which activations are computed again during the backward pass in place of being kept (gradient checkpointing, Chen et
 * al. 2016): none; those inside each block (see `Graph.block`), of which only the inputs are kept; or those of as many
 * blocks at once, which keeps fewer inputs and holds more activations at a time.
 */
export type Recomputation = "none" | "blocks" | { readonly everyNthBlock: number };

/** Consecutive nodes of a graph, from `start` (included) to `end` (excluded), whose activations are computed again. */
export interface Segment {
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts the nodes of a graph into the parts that are recomputed as a whole. Blocks that do not follow each other directly
 * are never joined.
 *
 * @throws VesaliusError `bad-configuration` when the number of blocks is no positive integer, or where blocks are asked
 * for and none is marked
 */
export function segmentsOf(nodes: readonly Node[], recomputation: Recomputation): Segment[] {
  if (recomputation === "none") return [];
  const joined = recomputation === "blocks" ? 1 : recomputation.everyNthBlock;
  if (!Number.isInteger(joined) || joined < 1)
    throw new VesaliusError("bad-configuration", `everyNthBlock is ${joined}, not a positive integer`, {
      where: "recomputation",
    });
  const segments: Segment[] = [];
  for (let start = 0; start < nodes.length;) {
    let end = start;
    for (let blocks = 0; blocks < joined && nodes[end]?.block !== undefined; blocks++) {
      const { block } = nodes[end]!;
      while (end < nodes.length && nodes[end]!.block === block) end++;
    }
    if (end > start) segments.push({ start, end });
    start = Math.max(end, start + 1);
  }
  if (segments.length === 0)
    throw new VesaliusError("bad-configuration", "no part of the model is marked as a block to recompute", {
      where: "recomputation",
      fix: "turn recomputation off, or build the layers of the model inside graph.block",
    });
  return segments;
}

/**
 * A scalar 0 that a runtime only knows once it has computed the given values. It compares with infinity, since nothing
 * that is multiplied by zero or subtracted from itself gives zero for every number.
 *
 * @param values floating-point tensors, at least one
 * @returns float32 scalar
 */
export function zeroAfter(values: readonly Value[]): Value {
  const firsts = values.map((value) => cast(slice(reshape(value, [elementCount(value.shape)]), 0, 0, 1), "float32"));
  const largest = reduceMax(concat(firsts, 0), undefined, { keepDimensions: false });
  return cast(greater(largest, largest.graph.scalar(Number.POSITIVE_INFINITY)), "float32");
}

/**
 * The same numbers, later: adds a zero of `zeroAfter`. ONNX Runtime runs a node as soon as another asks for it and joins
 * nodes that compute the same; what comes after this addition can neither run early nor be joined with what came before.
 * Element types without addition are returned as they are.
 */
export const delayed = (x: Value, zero: Value): Value =>
  x.dtype === "bool" || x.dtype === "string" ? x : add(x, cast(zero, x.dtype));

/**
 * Computes the nodes of a segment once more, from the values that enter it.
 *
 * @param nodes consecutive nodes of one graph, in order
 * @param zero what has to be known before (see `zeroAfter`)
 * @returns the second value for each one that the nodes read or compute; parameters and constants stand for themselves
 */
export function recompute(nodes: readonly Node[], zero: Value): (value: Value) => Value {
  const again = new Map<Value, Value>();
  const translate = (value: Value): Value => {
    if (value.kind === "parameter" || value.kind === "constant") return value;
    let second = again.get(value);
    if (second === undefined) {
      second = delayed(value, zero);
      again.set(value, second);
    }
    return second;
  };
  for (const node of nodes) {
    const inputs = node.inputs.map((input) => input && translate(input));
    const gradient = node.gradient && { ...node.gradient, uses: (node.gradient.uses ?? []).map(translate) };
    const { graph } = node.outputs[0]!;
    const outputs = graph.scope(`${node.name}/again`, () => copyNode(node, inputs, graph, gradient));
    node.outputs.forEach((output, i) => again.set(output, outputs[i]!));
  }
  return translate;
}
