import { z } from "zod";
import {
  add,
  copyNode,
  elementCount,
  gelu,
  type Graph,
  linear,
  multiply,
  type Node,
  relu,
  reshape,
  rewrite,
  silu,
  type Value,
} from "../../graph/index.ts";
import { matchesAny } from "../patterns.ts";
import { linearProjection, refuseIdlePatterns } from "../projections.ts";

/** Settings of bottleneck adapters; names and meaning as in AdapterHub's `AdapterConfig`. */
export const bottleneckSchema = z.strictObject({
  /**
   * `houlsby`: on the result of a projection, before its residual addition (Houlsby et al. 2019). `pfeiffer`: on the
   * result of the normalization behind the addition, whose sum is added again and normalised a second time (Pfeiffer
   * et al. 2021); for post-norm transformers.
   */
  placement: z.enum(["houlsby", "pfeiffer"]).default("houlsby"),
  /** Modules to adapt, projections for `houlsby` and normalizations for `pfeiffer`; see `matchesAny`. */
  targets: z.array(z.string().min(1)).min(1),
  /** Modules to leave out of them. */
  except: z.array(z.string().min(1)).default([]),
  /** The width divided by that of the bottleneck. */
  reductionFactor: z.number().positive().default(16),
  activation: z.enum(["relu", "swish", "gelu"]).default("swish"),
  scaling: z.number().positive().default(1),
  /** Name of the adapter, part of its parameters' names. */
  name: z.string().min(1).default("task"),
});

/** Settings of bottleneck adapters. */
export type BottleneckConfig = z.infer<typeof bottleneckSchema>;

/** A graph with bottleneck adapters. */
export interface BottleneckGraph {
  readonly graph: Graph;
  /** What was adapted. */
  readonly modules: readonly string[];
  /** The adapters' parameters. */
  readonly parameters: readonly string[];
}

const activations = { relu, swish: silu, gelu } as const;

/** Names of an adapter's two layers: beside the module, under its parent, as AdapterHub saves them. */
function adapterNames(module: string, name: string): { readonly down: string; readonly up: string } {
  const parent = module.includes(".") ? `${module.slice(0, module.lastIndexOf("."))}.` : "";
  const adapter = `${parent}adapters.${name}`;
  return { down: `${adapter}.adapter_down.0`, up: `${adapter}.adapter_up` };
}

/** `scaling * up(activation(down(x)))`; the second layer starts at zero, so that the adapted graph starts as the base. */
function bottleneck(x: Value, module: string, config: BottleneckConfig): Value {
  const { graph } = x;
  const width = x.shape.at(-1)!;
  const hidden = Math.max(1, Math.floor(width / config.reductionFactor));
  const names = adapterNames(module, config.name);
  const layer = (input: Value, name: string, features: number, deviation: number): Value =>
    linear(
      input,
      graph.parameter(
        `${name}.weight`,
        [features, input.shape.at(-1)!],
        deviation === 0 ? { kind: "zeros" } : { kind: "normal", standardDeviation: deviation },
      ),
      graph.parameter(`${name}.bias`, [features], { kind: "zeros" }),
    );
  const flat = reshape(x, [elementCount(x.shape) / width, width]);
  const down = activations[config.activation](layer(flat, names.down, hidden, 0.02));
  const up = layer(down, names.up, width, 0);
  return reshape(config.scaling === 1 ? up : multiply(up, config.scaling), x.shape);
}

/** Name of the module that a node stands for under a placement, if it is one that can be adapted. */
function moduleOf(node: Node, placement: BottleneckConfig["placement"]): string | undefined {
  if (placement === "houlsby") return linearProjection(node)?.module;
  const scale = node.type === "LayerNormalization" ? node.inputs[1] : undefined;
  return scale?.kind === "parameter" && scale.name.endsWith(".weight") ? scale.name.slice(0, -7) : undefined;
}

/**
 * Bottleneck adapters as a graph rewrite. Parameters are named as AdapterHub saves them, beside the adapted module:
 * `encoder.layer.0.output.adapters.task.adapter_down.0.weight` for `encoder.layer.0.output.dense`.
 *
 * @throws VesaliusError `bad-configuration` when a target matches nothing, listing what there is
 */
export function applyBottleneckAdapters(graph: Graph, config: BottleneckConfig): BottleneckGraph {
  const candidates: string[] = [];
  const modules: string[] = [];
  const result = rewrite(graph, {
    node: (node, inputs, target) => {
      const module = moduleOf(node, config.placement);
      if (module === undefined || matchesAny(module, config.except)) return undefined;
      candidates.push(module);
      if (!matchesAny(module, config.targets)) return undefined;
      modules.push(module);
      const outputs = copyNode(node, inputs, target);
      if (config.placement === "houlsby") return [add(outputs[0]!, bottleneck(outputs[0]!, module, config))];
      const sum = add(bottleneck(outputs[0]!, module, config), inputs[0]!);
      return copyNode(node, [sum, ...inputs.slice(1)], target);
    },
  }).graph;
  const what = config.placement === "houlsby" ? "linear projection" : "layer normalization";
  refuseIdlePatterns(`adapter targets match no ${what}`, config.targets, modules, candidates);
  const parameters = [...result.parameters.keys()].filter((name) => !graph.parameters.has(name));
  return { graph: result, modules, parameters };
}
