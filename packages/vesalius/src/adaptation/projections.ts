import { VesaliusError } from "../common/errors.ts";
import type { Node, Value } from "../graph/index.ts";
import { matchesAny } from "./patterns.ts";

/** A linear projection in a graph. */
export interface Projection {
  /** Name of the module: the weight's name without `.weight`. */
  readonly module: string;
  /** In PyTorch's layout `[out, in]`. */
  readonly weight: Value;
}

/** The linear projection that a node is, with a weight in PyTorch's layout `[out, in]`; else undefined. */
export function linearProjection(node: Node): Projection | undefined {
  const weight = node.inputs[1];
  const transposed = node.attributes["transB"]?.value === 1 && node.attributes["transA"]?.value !== 1;
  if (node.type !== "Gemm" || weight?.kind !== "parameter" || !transposed) return undefined;
  return weight.name.endsWith(".weight") ? { module: weight.name.slice(0, -".weight".length), weight } : undefined;
}

/**
 * Refuses patterns that matched nothing, which would leave a model less adapted than asked for.
 *
 * @param what for the message, such as `LoRA targets match no linear projection`
 * @param found what was matched
 * @param candidates what could have been
 * @throws VesaliusError `bad-configuration` listing the patterns and what there is
 */
export function refuseIdlePatterns(
  what: string,
  patterns: readonly string[],
  found: readonly string[],
  candidates: readonly string[],
): void {
  const idle = patterns.filter((pattern) => !found.some((name) => matchesAny(name, [pattern])));
  if (idle.length === 0) return;
  throw new VesaliusError("bad-configuration", `${what}: ${idle.join(", ")}`, {
    fix: `choose among: ${[...new Set(candidates)].slice(0, 40).join(", ")}`,
  });
}
