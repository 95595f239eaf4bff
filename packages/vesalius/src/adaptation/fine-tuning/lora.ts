import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import {
  concat,
  copyNode,
  emit,
  float,
  gemm,
  Graph,
  type Initializer,
  int,
  multiply,
  rewrite,
  split,
  type Value,
} from "../../graph/index.ts";
import { matchesAny } from "../patterns.ts";
import { linearProjection, refuseIdlePatterns } from "../projections.ts";

/** Settings of low-rank adaptation; names and meaning as in PEFT's `LoraConfig`. */
export const loraSchema = z.strictObject({
  rank: z.int().positive().default(8),
  /** The update is scaled by alpha / rank. Twice the rank by default. */
  alpha: z.number().positive().optional(),
  /** Modules to adapt: a full name, a last part (`qkv`), or a pattern with `*`. */
  targets: z.array(z.string().min(1)).min(1).default(["qkv", "proj", "fc1", "fc2"]),
  /** Probability of dropping an element of the adapter's input during training. */
  dropout: z.number().min(0).lt(1).default(0),
});

/** Settings of low-rank adaptation. */
export type LoraConfig = z.infer<typeof loraSchema>;

/** How the two factors of a module are called; PEFT's form by default. */
export type LoraNaming = (module: string) => { readonly a: string; readonly b: string };

/** `module.lora_A.weight` and `module.lora_B.weight`. */
export const peftNaming: LoraNaming = (module) => ({ a: `${module}.lora_A.weight`, b: `${module}.lora_B.weight` });
/** `module.lora_A` and `module.lora_B`, as loralib writes them. */
export const loralibNaming: LoraNaming = (module) => ({ a: `${module}.lora_A`, b: `${module}.lora_B` });

/** Options of `applyLora` beyond the settings that are saved with an adapter. */
export interface LoraOptions extends LoraConfig {
  readonly naming?: LoraNaming;
  /**
   * For a projection that holds several side by side (queries, keys and values): which of them are adapted. Each gets
   * factors of its own, stacked as in loralib's `MergedLinear`.
   */
  readonly enabled?: readonly boolean[];
}

/** One adapted projection. */
export interface LoraModule {
  readonly module: string;
  readonly a: string;
  readonly b: string;
  /** Name of the adapted weight. */
  readonly weight: string;
}

/** A graph with adapters and what was adapted. */
export interface LoraGraph {
  readonly graph: Graph;
  readonly modules: readonly LoraModule[];
  readonly scaling: number;
}

/** alpha / rank. */
export const loraScaling = ({ rank, alpha }: LoraConfig): number => (alpha ?? 2 * rank) / rank;

const downInit: Initializer = { kind: "kaimingUniform" };

const dropped = (x: Value, name: string, dropout: number): Value =>
  dropout === 0
    ? x
    : multiply(x, x.graph.input(`${name}.dropout`, "float32", x.shape, { kind: "dropout", keep: 1 - dropout }));

/** Adds `scaling * (x A^T) B^T` to the base in one product, which also spares the addition. */
function adapted(base: Value, x: Value, names: { a: string; b: string }, options: LoraOptions, weight: Value): Value {
  const graph = base.graph;
  const [out, inside] = weight.shape as [number, number];
  const scaling = float(loraScaling(options));
  const enabled = options.enabled ?? [true];
  const count = enabled.filter(Boolean).length;
  const a = graph.parameter(names.a, [options.rank * count, inside], downInit);
  const part = out / enabled.length;
  const b = graph.parameter(names.b, [part * count, options.rank], { kind: "zeros" });
  const down = gemm(x, a, undefined, { transposeB: true });
  const up = (h: Value, factor: Value, onto: Value): Value =>
    emit("Gemm", [h, factor, onto], { alpha: scaling, transB: int(1) });
  if (enabled.length === 1) return up(down, b, base);
  const sizes = (size: number) => Array.from({ length: count }, () => size);
  const downs = count === 1 ? [down] : split(down, sizes(options.rank), 1);
  const ups = count === 1 ? [b] : split(b, sizes(part), 0);
  const bases = split(
    base,
    enabled.map(() => part),
    1,
  );
  let next = 0;
  return concat(
    bases.map((piece, i) => {
      if (!enabled[i]) return piece;
      const result = up(downs[next]!, ups[next]!, piece);
      next++;
      return result;
    }),
    1,
  );
}

/**
 * Low-rank adaptation (Hu et al. 2022) as a graph rewrite: next to each chosen projection `x W^T + b` it adds
 * `alpha / rank * (x A^T) B^T`. A starts as PyTorch's linear layers do, B at zero, so that the adapted graph starts
 * out equal to the base.
 *
 * @throws VesaliusError `bad-configuration` when a target matches no linear projection, listing those there are
 */
export function applyLora(graph: Graph, options: LoraOptions): LoraGraph {
  const naming = options.naming ?? peftNaming;
  const modules: LoraModule[] = [];
  const candidates: string[] = [];
  const parts = options.enabled?.length ?? 1;
  const result = rewrite(graph, {
    node: (node, inputs, target) => {
      const projection = linearProjection(node);
      if (projection === undefined) return undefined;
      const { module, weight } = projection;
      candidates.push(module);
      if (!matchesAny(module, options.targets)) return undefined;
      if (weight.shape[0]! % parts !== 0)
        throw new VesaliusError("shape-mismatch", `${weight.shape[0]} outputs do not divide into ${parts} parts`, {
          where: module,
        });
      const base = copyNode(node, inputs, target)[0]!;
      const names = naming(module);
      modules.push({ module, ...names, weight: weight.name });
      return [adapted(base, dropped(inputs[0]!, module, options.dropout), names, options, weight)];
    },
  }).graph;
  refuseIdlePatterns(
    "LoRA targets match no linear projection",
    options.targets,
    modules.map(({ module }) => module),
    candidates,
  );
  return { graph: result, modules, scaling: loraScaling(options) };
}

/**
 * Graph that computes the merged weights `W + scaling * B A` of every adapted module (with `sign` -1: takes an update
 * out again). It reads the weights and the factors by their names and has one output for each weight.
 */
export function loraMergeGraph(
  base: Graph,
  adapters: Pick<LoraGraph, "modules" | "scaling">,
  shapes: (name: string) => readonly number[],
  options: { readonly sign?: 1 | -1; readonly enabled?: readonly boolean[] } = {},
): Graph {
  const graph = new Graph("merge");
  const alpha = float((options.sign ?? 1) * adapters.scaling);
  const read = (name: string): Value => graph.input(name, "float32", shapes(name));
  for (const { weight, a, b } of adapters.modules) {
    const start = graph.input(weight, "float32", base.parameters.get(weight)!.shape);
    const [down, up] = [read(a), read(b)];
    const product = (left: Value, right: Value, onto: Value): Value => emit("Gemm", [left, right, onto], { alpha });
    graph.output(`${weight}.merged`, mergedWeight(start, down, up, product, options.enabled ?? [true]));
  }
  return graph;
}

function mergedWeight(
  start: Value,
  down: Value,
  up: Value,
  product: (left: Value, right: Value, onto: Value) => Value,
  enabled: readonly boolean[],
): Value {
  if (enabled.length === 1) return product(up, down, start);
  const count = enabled.filter(Boolean).length;
  const cut = (x: Value) =>
    count === 1
      ? [x]
      : split(
          x,
          Array.from({ length: count }, () => x.shape[0]! / count),
          0,
        );
  const [ups, downs] = [cut(up), cut(down)];
  const rows = split(
    start,
    enabled.map(() => start.shape[0]! / enabled.length),
    0,
  );
  let next = -1;
  return concat(
    rows.map((row, i) => (enabled[i] ? product(ups[++next]!, downs[next]!, row) : row)),
    0,
  );
}
