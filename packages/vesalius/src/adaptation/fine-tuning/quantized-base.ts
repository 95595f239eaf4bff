import { z } from "zod";
import { widenFloat16 } from "../../common/float16.ts";
import { VesaliusError } from "../../common/errors.ts";
import {
  bytesPerElement,
  dequantizeWeights,
  elementCount,
  type Graph,
  narrow,
  quantizationFormats,
  quantizationSchema,
  quantizedBytes,
  quantizeTensors,
  type QuantizedGraph,
  quantizeWeights,
  storeFloat16,
  type Tensors,
  type Value,
} from "../../graph/index.ts";
import type { Backend } from "../../runtime/index.ts";
import { matchesAny } from "../patterns.ts";

/** How a frozen base is stored while adapters are trained beside it. */
export const baseSchema = z.union([
  z.enum(["float32", "float16", ...quantizationFormats]),
  quantizationSchema.extend({
    /** Which weights are quantised (see `matchesAny`); all that can be by default. */
    patterns: z.array(z.string().min(1)).min(1).optional(),
  }),
]);

/** How a frozen base is stored: by name, or a quantised format with its settings. */
export type BaseFormat = z.input<typeof baseSchema>;

/** A graph whose frozen base takes less memory. */
export interface StoredBase {
  readonly graph: Graph;
  /** Every parameter of that graph. */
  readonly weights: Tensors;
  /** Bytes of all frozen parameters. */
  readonly memory: { readonly before: number; readonly after: number };
  /** The parameters of the graph as it was, from those of the stored one: frozen ones as they were computed with. */
  restore(weights: Tensors): Tensors;
}

const bytesOf = (weights: Tensors, names: Iterable<string>): number =>
  [...names].reduce((sum, name) => {
    const { dtype, shape } = weights.get(name)!;
    return sum + Math.ceil(elementCount(shape) * bytesPerElement(dtype));
  }, 0);

/** A base of as many bytes lies in a file that the engine maps, where it can: every shape of batch would hold a copy. */
const largeBase = 2 ** 28;

function parseBase(base: BaseFormat): z.output<typeof baseSchema> {
  const parsed = baseSchema.safeParse(base);
  if (!parsed.success) throw new VesaliusError("bad-configuration", `base: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

type Quantized = Exclude<z.output<typeof baseSchema>, "float32" | "float16">;

function quantizedGraph(graph: Graph, settings: Quantized, trained: (parameter: Value) => boolean): QuantizedGraph {
  const { patterns, ...options } = typeof settings === "string" ? { format: settings, patterns: undefined } : settings;
  return quantizeWeights(graph, {
    ...options,
    trained,
    ...(patterns === undefined ? {} : { weights: (name) => matchesAny(name, patterns) }),
  });
}

/**
 * The graph that `storeBase` gives, for a further shape of batch: it runs with the weights that were stored for another
 * one.
 *
 * @throws VesaliusError `bad-configuration` as `storeBase`
 */
export function storedGraph(graph: Graph, base: BaseFormat, trained: (parameter: Value) => boolean): Graph {
  const settings = parseBase(base);
  if (settings === "float32") return graph;
  return settings === "float16"
    ? storeFloat16(graph, { trained }).graph
    : quantizedGraph(graph, settings, trained).graph;
}

/**
 * Stores what is frozen in a graph with fewer bits: float16, or blocks of 8 or 4 bits (QLoRA, Dettmers et al. 2023).
 * What is trained stays float32 and learns beside the rounded base.
 *
 * @param weights every parameter of the graph, float32; they are not changed
 * @param trained which parameters are trained
 * @param backend what the graph will run on: a large quantised base goes where all its models share one copy
 * @throws VesaliusError `bad-configuration` for settings that do not work, or when nothing can be stored so;
 * `not-a-number` for weights that are not finite or, in float16, too large
 *
 * @example
 * const stored = await storeBase(adapted.graph, weights, "nf4", ({ name }) => name.includes(".lora_"));
 * const { weights: trained } = await train(stored.graph, stored.weights, options);
 * const restored = stored.restore(trained); // ready to merge the factors into
 */
export async function storeBase(
  graph: Graph,
  weights: Tensors,
  base: BaseFormat,
  trained: (parameter: Value) => boolean,
  backend?: Pick<Backend, "keepWeights">,
): Promise<StoredBase> {
  const settings = parseBase(base);
  const frozen = [...graph.parameters.values()].filter((parameter) => !trained(parameter)).map(({ name }) => name);
  const before = bytesOf(weights, frozen);
  if (settings === "float32") return { graph, weights, memory: { before, after: before }, restore: (all) => all };
  if (settings === "float16") {
    const { graph: half, names } = storeFloat16(graph, { trained });
    const stored: Tensors = new Map(weights);
    for (const name of names) stored.set(name, narrow(weights.get(name)!, name));
    const restore = (all: Tensors): Tensors => {
      const result: Tensors = new Map(all);
      for (const name of names) {
        const { shape, data } = all.get(name)!;
        result.set(name, { dtype: "float32", shape, data: widenFloat16(data as Uint16Array) });
      }
      return result;
    };
    return { graph: half, weights: stored, memory: { before, after: bytesOf(stored, frozen) }, restore };
  }
  const { graph: rewritten, weights: quantized } = quantizedGraph(graph, settings, trained);
  const bytes = quantized.reduce((sum, weight) => sum + quantizedBytes(weight), 0);
  const keep = bytes < largeBase ? undefined : backend?.keepWeights?.();
  const parts = await quantizeTensors(quantized, (name) => weights.get(name)!, keep);
  const replaced = new Set(quantized.map(({ name }) => name));
  const kept = frozen.filter((name) => !replaced.has(name));
  return {
    graph: rewritten,
    weights: new Map([...[...weights].filter(([name]) => !replaced.has(name)), ...parts]),
    memory: {
      before,
      after: bytes + bytesOf(weights, kept),
    },
    restore: (all) => dequantizeWeights(all, quantized),
  };
}
