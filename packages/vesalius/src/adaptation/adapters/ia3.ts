import { z } from "zod";
import { copyNode, Graph, multiply, reshape, rewrite, type Value } from "../../graph/index.ts";
import { matchesAny } from "../patterns.ts";
import { linearProjection, refuseIdlePatterns } from "../projections.ts";

/** Settings of (IA)3; names and meaning as in PEFT's `IA3Config`. */
export const ia3Schema = z.strictObject({
  /** Projections to rescale; see `matchesAny`. */
  targets: z.array(z.string().min(1)).min(1),
  /** Those among them whose input is rescaled instead of the result. */
  feedForward: z.array(z.string().min(1)).default([]),
});

/** Settings of (IA)3. */
export type Ia3Config = z.infer<typeof ia3Schema>;

/** One rescaled projection. */
export interface Ia3Module {
  readonly module: string;
  /** Name of the factors: `${module}.ia3_l`, `[out, 1]` on results and `[1, in]` on inputs. */
  readonly factors: string;
  readonly on: "result" | "input";
}

/** A graph with rescaled projections. */
export interface Ia3Graph {
  readonly graph: Graph;
  readonly modules: readonly Ia3Module[];
}

/**
 * (IA)3 (Liu et al. 2022) as a graph rewrite: learned factors, one at the start, multiply the results of attention's
 * keys and values (their biases included) and the inputs of feed-forward projections. Parameters are named as in PEFT.
 *
 * @throws VesaliusError `bad-configuration` when a target matches no linear projection, listing those there are
 */
export function applyIa3(graph: Graph, config: Ia3Config): Ia3Graph {
  const candidates: string[] = [];
  const modules: Ia3Module[] = [];
  const result = rewrite(graph, {
    node: (node, inputs, target) => {
      const projection = linearProjection(node);
      if (projection === undefined) return undefined;
      const { module, weight } = projection;
      candidates.push(module);
      if (!matchesAny(module, config.targets)) return undefined;
      const [out, inside] = weight.shape as [number, number];
      const on = matchesAny(module, config.feedForward) ? "input" : "result";
      const factors = target.parameter(`${module}.ia3_l`, on === "input" ? [1, inside] : [out, 1], { kind: "ones" });
      modules.push({ module, factors: factors.name, on });
      if (on === "input") return copyNode(node, [multiply(inputs[0]!, factors), ...inputs.slice(1)], target);
      return [multiply(copyNode(node, inputs, target)[0]!, reshape(factors, [1, out]))];
    },
  }).graph;
  const names = modules.map(({ module }) => module);
  refuseIdlePatterns("(IA)3 targets match no linear projection", config.targets, names, candidates);
  return { graph: result, modules };
}

/**
 * Graph that computes the weights, and biases, with the factors multiplied in, as outputs `${name}.merged`. It reads
 * weights and factors by their names.
 */
export function ia3MergeGraph(base: Graph, { modules }: Pick<Ia3Graph, "modules">): Graph {
  const graph = new Graph("merge");
  const read = (name: string): Value => graph.input(name, "float32", base.parameters.get(name)!.shape);
  for (const { module, factors, on } of modules) {
    const weight = read(`${module}.weight`);
    const [out, inside] = weight.shape as [number, number];
    const scale = graph.input(factors, "float32", on === "input" ? [1, inside] : [out, 1]);
    graph.output(`${module}.weight.merged`, multiply(weight, scale));
    if (on === "result" && base.parameters.has(`${module}.bias`))
      graph.output(`${module}.bias.merged`, multiply(read(`${module}.bias`), reshape(scale, [out])));
  }
  return graph;
}
