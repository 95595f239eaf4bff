import { VesaliusError } from "../../common/errors.ts";
import { elementCount, type Graph, type Node } from "../../graph/index.ts";
import { refuseIdlePatterns } from "../choose-layers.ts";
import { type AdaptableLayer, adaptableLayers } from "../layers.ts";
import { layersLeft } from "../layers-left.ts";
import { matchesAny } from "../patterns.ts";
import type { BottleneckConfig } from "./bottleneck.ts";

/** Where a bottleneck adapter goes. */
export interface BottleneckPlace {
  readonly module: string;
  /** Name of the adapter there. */
  readonly adapter: string;
  /** The node whose first input enters the module. */
  readonly from: Node;
  /** The node whose result is the module's. */
  readonly to: Node;
}

const defaultTargets = {
  houlsby: ["attn.proj", "fc2"],
  pfeiffer: ["output.LayerNorm"],
  parallel: ["mlp"],
} as const satisfies Record<BottleneckConfig["placement"], readonly string[]>;

const kindOfModule = {
  houlsby: "linear layer",
  pfeiffer: "layer normalization",
  parallel: "module with linear layers",
} as const;

type Candidate = Omit<BottleneckPlace, "adapter">;

function normalizations(graph: Graph): Candidate[] {
  return graph.nodes.flatMap((node) => {
    const scale = node.type === "LayerNormalization" ? node.inputs[1] : undefined;
    if (scale?.kind !== "parameter" || !scale.name.endsWith(".weight")) return [];
    return [{ module: scale.name.slice(0, -".weight".length), from: node, to: node }];
  });
}

/** Every linear layer and every module around some: from what enters the first one to what the last one gives. */
function modulesAround(layers: readonly AdaptableLayer[]): Candidate[] {
  const found = new Map<string, { from: Node; to: Node }>();
  for (const { module, node, result } of layers) {
    const parts = module.split(".");
    for (let i = 1; i <= parts.length; i++) {
      const name = parts.slice(0, i).join(".");
      found.set(name, { from: found.get(name)?.from ?? node, to: result });
    }
  }
  return [...found].map(([module, nodes]) => ({ module, ...nodes }));
}

function candidatesOf(graph: Graph, placement: BottleneckConfig["placement"]): Candidate[] {
  if (placement === "pfeiffer") return normalizations(graph);
  const layers = adaptableLayers(graph).filter(({ kind, matrix }) => kind === "linear" && matrix === undefined);
  if (placement === "parallel") return modulesAround(layers);
  return layers.map(({ module, node, result }) => ({ module, from: node, to: result }));
}

const rowsOf = ({ shape }: { readonly shape: readonly number[] }): number => elementCount(shape) / shape.at(-1)!;

/**
 * Where the settings put adapters in a graph.
 *
 * @throws VesaliusError `bad-configuration` when a target matches nothing, listing what there is, or where an adapter
 * would have to change the number of tokens
 */
export function bottleneckPlaces(graph: Graph, config: BottleneckConfig): BottleneckPlace[] {
  const { placement, except, adapterName } = config;
  const targets = config.targets ?? defaultTargets[placement];
  const all = candidatesOf(graph, placement);
  const names = all.map(({ module }) => module);
  refuseIdlePatterns(`modules to leave out are no ${kindOfModule[placement]}`, except, names, names);
  const candidates = all.filter(({ module }) => !matchesAny(module, except));
  const matching = candidates.filter(({ module }) => matchesAny(module, targets));
  refuseIdlePatterns(
    `adapter targets match no ${kindOfModule[placement]}`,
    targets,
    matching.map(({ module }) => module),
    candidates.map(({ module }) => module),
    layersLeft(graph, adaptableLayers(graph)),
  );
  // A pattern such as `blocks.*` matches what is inside a module too; the outermost one is meant.
  const chosen = matching.filter(({ module }) => !matching.some((other) => module.startsWith(`${other.module}.`)));
  const owners = new Map<string, string>();
  return chosen.map((place) => {
    const { module, from, to } = place;
    if (rowsOf(from.inputs[0]!) !== rowsOf(to.outputs[0]!))
      throw new VesaliusError(
        "bad-configuration",
        "an adapter cannot span a module that changes the number of tokens",
        {
          where: module,
          fix: "name modules inside it",
        },
      );
    const parent = module.includes(".") ? `${module.slice(0, module.lastIndexOf("."))}.` : "";
    const beside = `${parent}adapters.${adapterName}`;
    // A module that the graph runs twice has one adapter; two modules of one parent have two.
    const owner = owners.get(beside) ?? module;
    owners.set(beside, owner);
    const adapter = owner === module ? beside : `${module}.adapters.${adapterName}`;
    return { ...place, adapter };
  });
}
