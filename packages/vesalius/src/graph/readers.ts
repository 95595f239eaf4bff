import type { Graph } from "./graph.ts";
import type { Node, Value } from "./value.ts";

/** What reads each value; see `readersOf`. */
export type Readers = ReadonlyMap<Value, readonly (Node | undefined)[]>;

/**
 * What reads each value of a graph: nodes in their order, each once, and `undefined` for what is no node: an output of
 * the graph, or the rule of a gradient. A value that nothing reads has no entry.
 */
export function readersOf(graph: Graph): Readers {
  const readers = new Map<Value, (Node | undefined)[]>();
  const read = (value: Value, reader: Node | undefined): void => {
    const known = readers.get(value);
    if (known === undefined) readers.set(value, [reader]);
    else known.push(reader);
  };
  for (const node of graph.nodes) {
    for (const input of new Set(node.inputs)) if (input !== undefined) read(input, node);
    for (const used of node.gradient?.uses ?? []) read(used, undefined);
  }
  for (const output of graph.outputs.values()) read(output, undefined);
  return readers;
}

/** A value seen through changes of its shape. */
export const beforeReshapes = (value: Value): Value =>
  value.node?.type === "Reshape" ? beforeReshapes(value.node.inputs[0]!) : value;

/** The node behind a value that nothing else reads, seen through changes of shape. */
export function soleSource(value: Value, readers: Readers): Node | undefined {
  if (readers.get(value)?.length !== 1) return undefined;
  return value.node?.type === "Reshape" ? soleSource(value.node.inputs[0]!, readers) : value.node;
}
