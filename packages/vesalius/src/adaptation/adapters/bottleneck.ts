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
import { type AdaptedGraph, addedParameters } from "../adapted-graph.ts";
import { type BottleneckPlace, bottleneckPlaces } from "./bottleneck-places.ts";

/** Settings of bottleneck adapters; names and meaning as in AdapterHub's `AdapterConfig`. */
export const bottleneckSchema = z.strictObject({
  /**
   * `houlsby`, in series: on the result of a linear layer, before its residual addition (Houlsby et al. 2019).
   * `pfeiffer`, in series: on the result of the normalization behind the addition, whose sum is added again and
   * normalised a second time (Pfeiffer et al. 2021); for post-norm transformers. `parallel`: from the input of a module
   * to its result (He et al. 2022).
   */
  placement: z.enum(["houlsby", "pfeiffer", "parallel"]).default("houlsby"),
  /**
   * Modules to adapt: linear layers for `houlsby` (`attn.proj` and `fc2` by default), normalizations for `pfeiffer`
   * (`output.LayerNorm`), linear layers or modules around several for `parallel` (`mlp`). A full name, a last part, or a
   * pattern with `*`.
   */
  targets: z.array(z.string().min(1)).min(1).optional(),
  /** Modules to leave out of them. */
  except: z.array(z.string().min(1)).default([]),
  /** The width divided by that of the bottleneck. */
  reductionFactor: z.number().positive().default(16),
  /** Between the two layers; `swish` is x * sigmoid(x). */
  activation: z.enum(["relu", "swish", "gelu"]).default("swish"),
  /** Factor on what the adapter adds. */
  scaling: z.number().positive().default(1),
  /** Name of the adapter, part of its parameters' names. */
  adapterName: z.string().min(1).default("task"),
});

/** Settings of bottleneck adapters. */
export type BottleneckConfig = z.infer<typeof bottleneckSchema>;

/** A graph with bottleneck adapters. */
export interface BottleneckGraph extends AdaptedGraph {
  /** What was adapted. */
  readonly modules: readonly string[];
}

const activations = { relu, swish: silu, gelu } as const;

/** Names of an adapter's two layers under the name of the adapter. */
const layerNames = (adapter: string) => ({ down: `${adapter}.adapter_down.0`, up: `${adapter}.adapter_up` });

/**
 * `scaling * up(activation(down(x)))`; the second layer starts at zero, so that the adapted graph starts as the base.
 *
 * @param shape of the result, which has as many rows as `x`
 */
function bottleneck(x: Value, shape: readonly number[], adapter: string, config: BottleneckConfig): Value {
  const { graph } = x;
  const [inside, out] = [x.shape.at(-1)!, shape.at(-1)!];
  const hidden = Math.max(1, Math.floor(inside / config.reductionFactor));
  const names = layerNames(adapter);
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
  const flat = reshape(x, [elementCount(x.shape) / inside, inside]);
  const down = activations[config.activation](layer(flat, names.down, hidden, 0.02));
  const up = layer(down, names.up, out, 0);
  return reshape(config.scaling === 1 ? up : multiply(up, config.scaling), shape);
}

/**
 * Bottleneck adapters as a graph rewrite. Parameters are named as AdapterHub saves them, beside the adapted module:
 * `encoder.layer.0.output.adapters.task.adapter_down.0.weight` for `encoder.layer.0.output.dense`; under the module's
 * own name where two adapted modules stand beside each other.
 *
 * @throws VesaliusError `bad-configuration` when a target matches nothing, listing what there is
 */
export function applyBottleneckAdapters(graph: Graph, config: BottleneckConfig): BottleneckGraph {
  const places = bottleneckPlaces(graph, config);
  const starts = new Map<Node, BottleneckPlace[]>();
  for (const place of places) starts.set(place.from, [...(starts.get(place.from) ?? []), place]);
  const ends = new Map(places.map((place) => [place.to, place]));
  const entering = new Map<BottleneckPlace, Value>();
  const result = rewrite(graph, {
    node: (node, inputs, target) => {
      for (const place of starts.get(node) ?? []) entering.set(place, inputs[0]!);
      const place = ends.get(node);
      if (place === undefined) return undefined;
      const y = copyNode(node, inputs, target)[0]!;
      const x = config.placement === "parallel" ? entering.get(place)! : y;
      const learned = bottleneck(x, y.shape, place.adapter, config);
      if (config.placement !== "pfeiffer") return [add(y, learned)];
      return copyNode(node, [add(learned, inputs[0]!), ...inputs.slice(1)], target);
    },
  }).graph;
  return { graph: result, modules: places.map(({ module }) => module), parameters: addedParameters(graph, result) };
}
