import { applyLora, loraSchema } from "vesalius/adaptation";
import {
  allocate,
  crossEntropy,
  elementCount,
  Graph,
  initializeParameters,
  narrow,
  type QuantizationFormat,
  type QuantizedWeight,
  quantizedParts,
  quantizeWeight,
  quantizeWeights,
  reshape,
  storeFloat16,
  type Tensor,
  type Tensors,
  type TensorType,
  type Value,
} from "vesalius/graph";
import { llama, type LlamaConfig, llamaConfigSchema } from "vesalius/models";

/**
 * Shapes that can be measured: TinyLlama (Zhang et al. 2024, 1.1 billion parameters), LLaMA-7B (Touvron et al. 2023), and the
 * smallest that exercises everything.
 */
export const shapes: Readonly<Record<"tinyLlama" | "llama7b" | "smallest", LlamaConfig>> = {
  llama7b: llamaConfigSchema.parse({}),
  tinyLlama: llamaConfigSchema.parse({
    vocabularySize: 32000,
    width: 2048,
    depth: 22,
    heads: 32,
    keyValueHeads: 4,
    hiddenWidth: 5632,
    epsilon: 1e-5,
  }),
  smallest: llamaConfigSchema.parse({
    vocabularySize: 128,
    width: 64,
    depth: 2,
    heads: 4,
    keyValueHeads: 2,
    hiddenWidth: 128,
  }),
};

const projections = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

/** Next-token prediction on a text `[1, length]` with low-rank updates of rank 16 on every projection of every layer. */
function adaptedGraph(config: LlamaConfig, length: number): Graph {
  const graph = new Graph("llama");
  const tokens = graph.input("tokens", "int32", [1, length]);
  const targets = graph.input("targets", "int32", [length]);
  const { logits } = llama({ tokens }, config);
  graph.output("loss", crossEntropy(reshape(logits, [length, config.vocabularySize]), targets));
  return applyLora(graph, loraSchema.parse({ rank: 16, targets: projections })).graph;
}

/** Whether a parameter is a factor of an update, which is what is trained. */
export const isFactor = ({ name }: Value): boolean => name.includes(".lora_");

/**
 * Draws weights with standard deviation 0.02, one at a time. A pool of numbers is read from a place of its own for each
 * weight and wrapped around: a billion draws would take longer than the measurement.
 */
function drawn(): (shape: readonly number[]) => Tensor {
  const source = new Graph("pool");
  source.parameter("pool", [1_048_573], { kind: "normal", standardDeviation: 0.02 });
  const pool = initializeParameters(source, 1).get("pool")!.data as Float32Array;
  let start = 0;
  return (shape) => {
    const data = new Float32Array(elementCount(shape));
    start = (start + 131_071) % pool.length;
    for (let at = 0, from = start; at < data.length; from = 0) {
      const part = pool.subarray(from, from + data.length - at);
      data.set(part, at);
      at += part.length;
    }
    return { dtype: "float32", shape, data };
  };
}

/** Rows of the weight that stands for all rows of a large one. */
const drawnRows = 256;

/** Rows `[rows, columns]`, each repeated `times` times over. */
function repeated({ dtype, shape }: TensorType, { data }: Tensor, rows: number, times: number): Tensor {
  const given = data as Uint8Array;
  const result = allocate(dtype, elementCount(shape)) as Uint8Array;
  const columns = given.length / rows;
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < times; i++)
      result.set(given.subarray(row * columns, (row + 1) * columns), (row * times + i) * columns);
  return { dtype, shape, data: result };
}

/**
 * A drawn weight straight in few bits: 256 of its rows are drawn and quantised, and the others repeat them, so that
 * billions of weights are there in seconds and none of them is ever a float.
 */
function quantizedDraw(weight: QuantizedWeight, draw: (shape: readonly number[]) => Tensor): Tensors {
  const [out, inside] = weight.shape as [number, number];
  const times = weight.transposed && out % drawnRows === 0 ? out / drawnRows : 1;
  const small = { ...weight, shape: times === 1 ? weight.shape : [drawnRows, inside] };
  const parts = quantizeWeight(draw(small.shape), small);
  return new Map(
    [...quantizedParts(weight)].map(([, { name, ...type }]) => {
      const part = parts.get(name)!;
      const isWhole = elementCount(part.shape) === elementCount(type.shape);
      // Codes and scales of integers are `[inside, out]`; NF4 has them in the order of the matrix.
      const rows = weight.format === "nf4" ? 1 : type.shape[0]!;
      return [name, isWhole ? part : repeated(type, part, rows, times)];
    }),
  );
}

/** A model ready to be adapted, its base stored in few bits. */
export interface StoredModel {
  readonly graph: Graph;
  /** The graph before its weights were quantised, which is what operations are counted in. */
  readonly plain: Graph;
  readonly weights: Tensors;
}

/**
 * Builds a model and fills it weight by weight: projections and head in `format`, the table of vectors in float16.
 *
 * @param keep moves what is quantised to where it stays; in memory by default
 */
export function storedModel(
  config: LlamaConfig,
  length: number,
  format: QuantizationFormat,
  keep: (tensor: Tensor) => Tensor = (tensor) => tensor,
): StoredModel {
  const plain = adaptedGraph(config, length);
  const quantized = quantizeWeights(plain, { format, trained: isFactor });
  const { graph, names } = storeFloat16(quantized.graph, { trained: isFactor });
  const shapeOf = (name: string): readonly number[] => plain.parameters.get(name)!.shape;
  const draw = drawn();
  const weights: Tensors = new Map();
  for (const weight of quantized.weights)
    for (const [name, part] of quantizedDraw(weight, draw)) weights.set(name, keep(part));
  for (const name of names) weights.set(name, narrow(draw(shapeOf(name)), name));
  // What is left are the factors and the scales of the norms, which start as their layers say.
  const rest = new Graph("rest");
  for (const { name, shape, initializer, dtype } of graph.parameters.values())
    if (!weights.has(name)) rest.parameter(name, shape, initializer!, dtype);
  for (const [name, tensor] of initializeParameters(rest, 1)) weights.set(name, tensor);
  return { graph, plain, weights };
}
