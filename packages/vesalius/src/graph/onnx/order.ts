import { bodiesOf, capturedNames } from "./bodies.ts";
import type { NodeProto } from "./generated/onnx_pb.ts";

/** Names that a node reads: its inputs, and what its bodies capture. */
const namesRead = (node: NodeProto): string[] => [...node.input, ...capturedNames(bodiesOf(node.attribute))];

/**
 * Nodes in an order in which each stands behind those that it reads from. Files that already have such an order keep it;
 * ONNX asks for one, but engines take others too. Nodes of a cycle stay where they are met, so that reading them fails.
 */
export function inReadingOrder<Item extends { readonly node: NodeProto }>(items: readonly Item[]): Item[] {
  const makers = new Map<string, number>();
  items.forEach(({ node }, i) => {
    for (const name of node.output) if (name !== "" && !makers.has(name)) makers.set(name, i);
  });
  const makersOf = (i: number): number[] =>
    namesRead(items[i]!.node).flatMap((name) => {
      const maker = makers.get(name);
      return maker === undefined || maker === i ? [] : [maker];
    });
  const ordered: Item[] = [];
  const met = new Set<number>();
  // A stack of its own: a chain of nodes can be longer than the calls that a runtime allows.
  for (let first = 0; first < items.length; first++) {
    if (met.has(first)) continue;
    met.add(first);
    const open = [{ at: first, before: makersOf(first), next: 0 }];
    while (open.length > 0) {
      const top = open.at(-1)!;
      const maker = top.before[top.next++];
      if (maker === undefined) {
        ordered.push(items[top.at]!);
        open.pop();
      } else if (!met.has(maker)) {
        met.add(maker);
        open.push({ at: maker, before: makersOf(maker), next: 0 });
      }
    }
  }
  return ordered;
}
