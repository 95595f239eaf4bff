import { narrowBfloat16, widenBfloat16 } from "../common/float16.ts";
import { Graph, initializeParameters, type Tensor, type Tensors, type Value } from "../graph/index.ts";
import { checkWeights } from "../models/index.ts";
import { type Backend, Program } from "../runtime/index.ts";
import type { ParameterPolicy } from "../training/index.ts";
import { type AdapterConfig, applyAdapter } from "./adapter.ts";
import type { AdaptedGraph } from "./adapted-graph.ts";

/** An adapter that was trained beside a frozen base. */
export interface TrainedAdapter {
  readonly config: AdapterConfig;
  /** The adapter's parameters and what else was trained (a new head), by the names of the graph. */
  readonly weights: Tensors;
  /** What PEFT's `adapter_config.json` states of the base beside the settings. */
  readonly peft?: Readonly<Record<string, unknown>>;
}

/** A graph with an adapter on it, ready to be trained or run. */
export interface AttachedAdapter {
  readonly config: AdapterConfig;
  readonly adapted: AdaptedGraph;
  /** Every parameter of the adapted graph. */
  readonly weights: Tensors;
}

/** Weights in the element types in which an adapted graph reads them: bfloat16 as float32, exactly. */
const asComputed = ({ graph }: AdaptedGraph, weights: Tensors): Tensors =>
  new Map(
    [...weights].map(([name, tensor]) => {
      const isWidened = tensor.dtype === "bfloat16" && graph.parameters.get(name)?.dtype === "float32";
      return [
        name,
        isWidened ? { ...tensor, dtype: "float32", data: widenBfloat16(tensor.data as Uint16Array) } : tensor,
      ];
    }),
  );

/** A weight in the element type of the graph that it goes back to. */
const asStored = (tensor: Tensor, { dtype }: Value): Tensor =>
  dtype === "bfloat16" && tensor.data instanceof Float32Array
    ? { ...tensor, dtype, data: narrowBfloat16(tensor.data) }
    : tensor;

/** Runs a graph of weights once and returns the outputs whose names have an ending, without it. */
async function compute(graph: Graph, ending: string, weights: Tensors, backend: Backend): Promise<Tensors> {
  const program = await Program.compile(graph, backend);
  try {
    const outputs = await program.run(weights, new Map());
    const wanted = [...outputs].filter(([name]) => name.endsWith(ending));
    return new Map(wanted.map(([name, tensor]) => [name.slice(0, -ending.length), tensor]));
  } finally {
    await program.release();
  }
}

/**
 * Puts a new adapter on a graph and draws its parameters. To train it, pass graph and weights to `train` with the policy
 * `adapterPolicy`.
 *
 * @param given every parameter of the graph
 * @throws VesaliusError `bad-configuration` where the settings do not fit the graph; see `applyAdapter`
 *
 * @example
 * const imported = await readOnnx("model.onnx");
 * const config = adapterSchema.parse({ type: "lora", targets: ["query", "value"] });
 * const attached = await attachAdapter(imported.graph, imported.weights, config, { seed: 0, backend });
 */
export async function attachAdapter(
  graph: Graph,
  given: Tensors,
  config: AdapterConfig,
  options: { readonly seed: number; readonly backend: Backend },
): Promise<AttachedAdapter> {
  const adapted = applyAdapter(graph, config);
  const weights = asComputed(adapted, given);
  const added = new Graph("added parameters");
  for (const name of adapted.parameters) {
    if (weights.has(name)) continue;
    const { shape, initializer, dtype } = adapted.graph.parameters.get(name)!;
    added.parameter(name, shape, initializer!, dtype);
  }
  const started = adapted.start === undefined ? [] : await compute(adapted.start, ".start", weights, options.backend);
  return { config, adapted, weights: new Map([...weights, ...initializeParameters(added, options.seed), ...started]) };
}

/**
 * Puts a trained adapter on a graph.
 *
 * @param weights every parameter of the graph; the adapter's own stand in for those of the same name
 * @throws VesaliusError `checkpoint-mismatch` listing parameters that are missing, unexpected or of another shape
 */
export function reattachAdapter(
  graph: Graph,
  weights: Tensors,
  adapter: TrainedAdapter,
  where?: string,
): AttachedAdapter {
  const adapted = applyAdapter(graph, adapter.config);
  const all = checkWeights(adapted.graph, asComputed(adapted, new Map([...weights, ...adapter.weights])), {
    ...(where === undefined ? {} : { where }),
    // A base may have more than the graph reads; an adapter may not.
    mayBeLeft: (name) => graph.parameters.has(name) || !adapter.weights.has(name),
  });
  return { config: adapter.config, adapted, weights: all };
}

/** Training policy that trains an adapter and, beside it, the parameters that `also` names. */
export const adapterPolicy = (
  { parameters }: Pick<AdaptedGraph, "parameters">,
  also: (parameter: Value) => ParameterPolicy | undefined = () => undefined,
): ((parameter: Value) => ParameterPolicy | undefined) => {
  const own = new Set(parameters);
  return (parameter) => also(parameter) ?? (own.has(parameter.name) ? {} : undefined);
};

/** Prompts or prefixes without the perceptron that was only there for training. */
async function settlePrompts(
  config: Extract<AdapterConfig, { type: "prefixTuning" | "promptTuning" }>,
  settle: Graph,
  trained: Tensors,
  backend: Backend,
): Promise<Pick<TrainedAdapter, "config" | "weights">> {
  const { projectionWidth: _perceptron, ...plain } = config;
  return { config: plain, weights: await compute(settle, ".settled", trained, backend) };
}

/**
 * The adapter alone, as it is saved.
 *
 * @param trained every parameter of the adapted graph after training
 * @param also names of further trained parameters to keep with it, such as a new head
 */
export async function detachAdapter(
  { config, adapted }: Pick<AttachedAdapter, "config" | "adapted">,
  trained: Tensors,
  backend: Backend,
  also: Iterable<string> = [],
): Promise<TrainedAdapter> {
  const { settle, parameters, peft } = adapted;
  const pick = (names: Iterable<string>): Tensors => new Map([...names].map((name) => [name, trained.get(name)!]));
  const own =
    settle !== undefined && (config.type === "prefixTuning" || config.type === "promptTuning")
      ? await settlePrompts(config, settle, trained, backend)
      : { config, weights: pick(parameters) };
  return {
    config: own.config,
    weights: new Map([...own.weights, ...pick(also)]),
    ...(peft === undefined ? {} : { peft }),
  };
}

/**
 * The base's weights with the adapter in them, for the graph without the adapter, rounded to the base's element types.
 *
 * @param base the graph before the adapter was put on
 * @param trained every parameter of the adapted graph
 * @returns undefined for adapters that cannot become part of the weights: bottlenecks and tokens
 */
export async function mergeAdapter(
  base: Graph,
  { merge }: AdaptedGraph,
  trained: Tensors,
  backend: Backend,
): Promise<Tensors | undefined> {
  if (merge === undefined) return undefined;
  const merged = await compute(merge, ".merged", trained, backend);
  return new Map(
    [...base.parameters].map(([name, parameter]) => [
      name,
      asStored(merged.get(name) ?? trained.get(name)!, parameter),
    ]),
  );
}
