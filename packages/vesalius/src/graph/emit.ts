import { VesaliusError } from "../common/errors.ts";
import type { Attributes, Value } from "./value.ts";

/** Adds a node of one output to the graph of its first present input. */
export function emit(type: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}): Value {
  return emitMany(type, inputs, attributes, 1)[0]!;
}

/** Adds a node to the graph of its first present input and returns its outputs. */
export function emitMany(
  type: string,
  inputs: readonly (Value | undefined)[],
  attributes: Attributes,
  outputCount: number,
): readonly Value[] {
  const graph = inputs.find((input) => input !== undefined)?.graph;
  if (graph === undefined) throw new VesaliusError("bad-argument", `operator ${type} needs at least one input`);
  return graph.node(type, inputs, { attributes, outputCount });
}
