import { VesaliusError } from "../common/errors.ts";
import { type Graph, type Node, type Readers, readersOf, type Value } from "../graph/index.ts";
import { type AdaptableLayer, adaptableLayers } from "./layers.ts";
import { matchesAny } from "./patterns.ts";

/**
 * Refuses patterns that matched nothing, which would leave a model less adapted than asked for.
 *
 * @param what for the message, such as `LoRA targets match no layer`
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

/** Which layers an adapter goes on. */
export interface LayerChoice {
  /** Name of the method, for messages. */
  readonly method: string;
  /** Patterns; the layers of the numbered blocks, of the first kind that they have, where they are left out. */
  readonly targets?: readonly string[] | undefined;
  readonly kinds: readonly AdaptableLayer["kind"][];
  /** Which of the blocks' layers, where targets are left out; all of them without it. */
  readonly among?: (layer: AdaptableLayer) => boolean;
}

/** What reads a weight in the end, behind transpositions and the like. */
const lastReaders = (readers: Readers, weight: Value): (Node | undefined)[] =>
  (readers.get(weight) ?? []).flatMap((node) =>
    node !== undefined && ["Transpose", "Identity", "DequantizeLinear"].includes(node.type)
      ? lastReaders(readers, node.outputs[0]!)
      : [node],
  );

/** Layers of blocks that follow each other (`encoder.layer.3.output.dense`), of the first of the kinds that occurs. */
function layersOfBlocks(
  candidates: readonly AdaptableLayer[],
  { method, kinds, among }: LayerChoice,
): AdaptableLayer[] {
  const inBlocks = candidates.filter(({ module }) => /(?:^|\.)\d+\./.test(module));
  const kind = kinds.find((one) => inBlocks.some((layer) => layer.kind === one));
  if (kind === undefined)
    throw new VesaliusError(
      "bad-configuration",
      `${method} finds no numbered blocks with ${kinds.join(" or ")} layers`,
      {
        fix: `name targets among: ${[...new Set(candidates.map(({ module }) => module))].slice(0, 40).join(", ")}`,
      },
    );
  const ofKind = inBlocks.filter((layer) => layer.kind === kind);
  const chosen = among === undefined ? ofKind : ofKind.filter(among);
  if (chosen.length > 0) return chosen;
  throw new VesaliusError("bad-configuration", `${method} finds nothing that it adapts in the numbered blocks`, {
    fix: `name targets among: ${[...new Set(ofKind.map(({ module }) => module))].slice(0, 40).join(", ")}`,
  });
}

/** The candidates that the patterns name. */
function named(candidates: readonly AdaptableLayer[], { method, kinds, targets = [] }: LayerChoice): AdaptableLayer[] {
  const chosen = candidates.filter(({ module }) => matchesAny(module, targets));
  refuseIdlePatterns(
    `${method} targets match no ${kinds.join(" or ")} layer`,
    targets,
    chosen.map(({ module }) => module),
    candidates.map(({ module }) => module),
  );
  return chosen;
}

/**
 * The layers of a graph that patterns name, or those of its numbered blocks.
 *
 * @throws VesaliusError `bad-configuration` when a pattern matches no layer, listing those there are, and where a
 * chosen weight is tied to another place of the graph, which an update would change too; `unsupported-operator` for
 * weights that are not float32
 */
export function chooseLayers(graph: Graph, choice: LayerChoice): AdaptableLayer[] {
  const { method, kinds } = choice;
  const candidates = adaptableLayers(graph).filter(({ kind }) => kinds.includes(kind));
  const chosen = choice.targets === undefined ? layersOfBlocks(candidates, choice) : named(candidates, choice);
  const readers = readersOf(graph);
  const nodes = new Set<unknown>(chosen.map(({ node }) => node));
  for (const { weight, operand, module, kind, fanInFanOut } of chosen) {
    if (operand.dtype !== "float32")
      throw new VesaliusError("unsupported-operator", `${method} adapts float32 layers, this one is ${operand.dtype}`, {
        where: module,
        fix: "widen the weights to float32 when importing the model",
      });
    const alike = chosen.every(
      (other) => other.weight !== weight || (other.kind === kind && other.fanInFanOut === fanInFanOut),
    );
    if (!alike || lastReaders(readers, weight).some((reader) => !nodes.has(reader)))
      throw new VesaliusError("bad-configuration", `${method} cannot adapt a weight that is used in other places too`, {
        where: weight.name,
        fix: "leave the module out of the targets",
      });
  }
  return chosen;
}
