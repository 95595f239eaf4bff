import { VesaliusError } from "../../common/errors.ts";
import {
  copyNode,
  elementCount,
  formatShape,
  type Graph,
  integers,
  type Node,
  normalizeAxis,
  rewrite,
  sameShape,
  type Value,
} from "../../graph/index.ts";

/** More tokens in the middle of a graph. */
export interface TokenInsertion {
  /** Tokens before, along axis 1 of the value that grows. */
  readonly tokens: number;
  /** First place of the new ones. */
  readonly position: number;
  /** How many there are. */
  readonly count: number;
}

const unsupported = (node: Node, what: string): VesaliusError =>
  new VesaliusError("unsupported-operator", `tokens cannot be inserted: ${what}`, {
    where: node.name,
    fix: "build the graph with the tokens in place",
  });

/**
 * Shape of a reshape's result when one axis of its input holds more tokens. Tokens are the fastest-changing part of
 * their axis, before and after, as in `[batch, tokens, width]` and `[batch * tokens, width]`.
 */
function grownReshape(node: Node, input: Value, { tokens, count }: TokenInsertion): number[] {
  const [before, after] = [node.inputs[0]!.shape, node.outputs[0]!.shape];
  const grown = before.flatMap((extent, axis) => (extent === input.shape[axis] ? [] : [axis]));
  const [axis] = grown;
  if (grown.length !== 1 || axis === undefined) throw unsupported(node, "a reshape of several axes of tokens");
  const inside = elementCount(before.slice(axis + 1));
  const target = after.findIndex((extent, i) => {
    const behind = elementCount(after.slice(i + 1));
    return behind === inside && extent % tokens === 0;
  });
  if (target < 0)
    throw unsupported(node, `a reshape from ${formatShape(before)} to ${formatShape(after)} tears tokens apart`);
  return after.map((extent, i) => (i === target ? (extent / tokens) * (tokens + count) : extent));
}

/** Starts and ends of a cut, moved behind the new tokens where they lay behind their place. */
function grownSlice(node: Node, input: Value, insertion: TokenInsertion, target: Graph): readonly Value[] {
  const { tokens, position, count } = insertion;
  const read = (i: number): number[] | undefined => {
    const tensor = node.inputs[i]?.tensor;
    return tensor && integers(tensor);
  };
  const x = node.inputs[0]!;
  const [starts, ends] = [read(1), read(2)];
  const axes = read(3) ?? starts?.map((_, i) => i);
  if (starts === undefined || ends === undefined || axes === undefined)
    throw unsupported(node, "a cut at places that are computed");
  const steps = read(4) ?? starts.map(() => 1);
  axes.forEach((given, i) => {
    const axis = normalizeAxis(given, x.rank);
    const extent = x.shape[axis]!;
    if (extent === input.shape[axis]) return;
    if (extent !== tokens || steps[i] !== 1) throw unsupported(node, "a cut through several rows of tokens");
    const place = (at: number): number => Math.min(Math.max(at < 0 ? at + extent : at, 0), extent);
    const [start, end] = [place(starts[i]!), place(ends[i]!)];
    starts[i] = start < position ? start : start + count;
    ends[i] = end <= position ? end : end + count;
  });
  const vectors = [starts, ends, axes, steps].map((values) => target.int64(values));
  return target.node("Slice", [input, ...vectors], { attributes: node.attributes });
}

/** A node again, for inputs that hold more tokens. */
function grownNode(
  node: Node,
  inputs: readonly (Value | undefined)[],
  insertion: TokenInsertion,
  target: Graph,
): readonly Value[] {
  if ((node.gradient?.uses ?? []).length > 0) throw unsupported(node, "a node with a gradient of its own");
  if (node.type === "Slice") return grownSlice(node, inputs[0]!, insertion, target);
  const reshaped = node.type === "Reshape" ? target.int64(grownReshape(node, inputs[0]!, insertion)) : undefined;
  return target.node(node.type, reshaped === undefined ? inputs : [inputs[0], reshaped], {
    attributes: node.attributes,
    domain: node.domain,
    outputCount: node.outputs.length,
    ...(node.gradient ? { gradient: { rule: node.gradient.rule } } : {}),
  });
}

/**
 * Changes values in the middle of a graph so that they hold more tokens along axis 1, and lets everything behind them
 * follow: reshapes grow, cuts move with what they cut. What else is added to tokens has to broadcast over them.
 *
 * @param replaced what stands for a value, given its copy in the new graph (already grown behind the first one);
 * undefined keeps it
 * @throws VesaliusError `bad-argument` where nothing was replaced; `unsupported-operator` where a node cannot follow; `shape-mismatch` where a table or a mask is
 * made for the tokens before
 */
export function insertTokens(
  graph: Graph,
  insertion: TokenInsertion,
  replaced: (old: Value, copy: Value) => Value | undefined,
): Graph {
  let found = false;
  const result = rewrite(graph, {
    node: (node, inputs, target) => {
      const same = node.inputs.every((input, i) => input === undefined || sameShape(input.shape, inputs[i]!.shape));
      // What other values a gradient of its own reads is known to the rewrite alone, which keeps such a node.
      if (same && node.gradient !== undefined) return undefined;
      const outputs = same ? copyNode(node, inputs, target) : grownNode(node, inputs, insertion, target);
      return outputs.map((output, i) => {
        const other = replaced(node.outputs[i]!, output);
        found ||= other !== undefined;
        return other ?? output;
      });
    },
  }).graph;
  if (!found)
    throw new VesaliusError("bad-argument", "tokens can only be inserted into what a node without own gradient gives");
  return result;
}
