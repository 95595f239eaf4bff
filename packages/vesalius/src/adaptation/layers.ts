import {
  type Graph,
  type Node,
  numberAttribute,
  permutationOf,
  type Readers,
  readersOf,
  type Value,
} from "../graph/index.ts";

/** A layer with one weight that adapters can be put on, in a graph built here or imported. */
export interface AdaptableLayer {
  readonly kind: "linear" | "convolution" | "embedding";
  /** Name of the module: the weight's name without `.weight`. */
  readonly module: string;
  /** The node that reads the weight: Gemm, MatMul, Conv or Gather. */
  readonly node: Node;
  /** What the node multiplies with: the weight, or what a transposition or dequantization makes of it. */
  readonly operand: Value;
  /** The parameter behind the operand. */
  readonly weight: Value;
  /** Whether a linear weight is `[in, out]`, as GPT-2's Conv1D and most imported graphs have it. */
  readonly fanInFanOut: boolean;
  /** Whether the operand is the weight transposed. */
  readonly transposed: boolean;
  /** The parameter that is added to the product, `[out]`. */
  readonly bias: Value | undefined;
  /** The node whose output is the layer's result: the product itself, or the addition of its bias. */
  readonly result: Node;
  readonly features: { readonly in: number; readonly out: number };
}

/** The parameter behind a matrix, and whether it stands there transposed. */
interface Source {
  readonly weight: Value;
  readonly transposed: boolean;
}

function sourceOf(value: Value | undefined, transposed = false): Source | undefined {
  if (value === undefined) return undefined;
  if (value.kind === "parameter") return { weight: value, transposed };
  const { type, inputs = [], attributes = {} } = value.node ?? {};
  if (type === "Identity" || type === "DequantizeLinear") return sourceOf(inputs[0], transposed);
  if (type !== "Transpose" || value.rank !== 2) return undefined;
  const swaps = permutationOf(value, attributes)[0] === 1;
  return sourceOf(inputs[0], swaps ? !transposed : transposed);
}

/**
 * Name of the module that a weight belongs to. Exporters fold transpositions and lose the weight's name then
 * (`onnx::MatMul_123`); the node's keeps it (`/encoder/layer.0/query/MatMul`).
 */
function moduleName(weight: Value, node: Node): string {
  const named = /^(.+)\.weight(?:[._/:].*)?$/.exec(weight.name);
  if (named !== null) return named[1]!;
  const path = weight.name.startsWith("onnx::") ? /^\/(.+)\/[^/]+$/.exec(node.name) : null;
  return path === null ? weight.name : path[1]!.replaceAll("/", ".");
}

const integer = (node: Node, name: string): number => numberAttribute(node.attributes, name, 0);

const isOne = (node: Node, name: string): boolean => numberAttribute(node.attributes, name, 1) === 1;

/** The addition of a bias behind a product, if that is all that is done with the product. */
function biasAddition(product: Node, out: number, readers: Readers) {
  const [only, ...others] = readers.get(product.outputs[0]!) ?? [];
  if (only?.type !== "Add" || others.length > 0 || only.gradient !== undefined) return undefined;
  const bias = only.inputs.find((input) => input !== product.outputs[0]);
  const fits = bias?.kind === "parameter" && bias.rank === 1 && bias.shape[0] === out;
  return fits ? { result: only, bias } : undefined;
}

function linearLayer(node: Node, readers: Readers): Omit<AdaptableLayer, "module"> | undefined {
  const isGemm = node.type === "Gemm";
  if (isGemm && (integer(node, "transA") === 1 || !isOne(node, "alpha") || !isOne(node, "beta"))) return undefined;
  const operand = node.inputs[1];
  const source = operand?.rank === 2 ? sourceOf(operand) : undefined;
  if (operand === undefined || source === undefined) return undefined;
  const outIn = isGemm && integer(node, "transB") === 1;
  const [rows, columns] = operand.shape as [number, number];
  const features = outIn ? { in: columns, out: rows } : { in: rows, out: columns };
  const given = isGemm ? node.inputs[2] : undefined;
  if (given !== undefined && (given.kind !== "parameter" || given.rank !== 1 || given.shape[0] !== features.out))
    return undefined;
  const added = given === undefined ? biasAddition(node, features.out, readers) : undefined;
  return {
    kind: "linear",
    node,
    operand,
    weight: source.weight,
    fanInFanOut: outIn === source.transposed,
    transposed: source.transposed,
    bias: given ?? added?.bias,
    result: added?.result ?? node,
    features,
  };
}

function otherLayer(node: Node): Omit<AdaptableLayer, "module"> | undefined {
  const isConvolution = node.type === "Conv";
  const operand = node.inputs[isConvolution ? 1 : 0];
  const source = sourceOf(operand);
  if (operand === undefined || source === undefined || source.transposed) return undefined;
  const { weight } = source;
  if (!isConvolution && (operand.rank !== 2 || integer(node, "axis") !== 0)) return undefined;
  const bias = isConvolution ? node.inputs[2] : undefined;
  if (bias !== undefined && bias.kind !== "parameter") return undefined;
  const [first, second] = operand.shape as [number, number];
  return {
    kind: isConvolution ? "convolution" : "embedding",
    node,
    operand,
    weight,
    fanInFanOut: !isConvolution,
    transposed: false,
    bias,
    result: node,
    features: isConvolution ? { in: second, out: first } : { in: first, out: second },
  };
}

/**
 * Every linear layer (Gemm or MatMul, with the weight in either layout, directly or transposed), convolution and table
 * of vectors of a graph, in the order of its nodes.
 */
export function adaptableLayers(graph: Graph): AdaptableLayer[] {
  const readers = readersOf(graph);
  return graph.nodes.flatMap((node) => {
    if (node.gradient !== undefined || node.domain !== "") return [];
    const isLinear = node.type === "Gemm" || node.type === "MatMul";
    const isOther = node.type === "Conv" || node.type === "Gather";
    const layer = isLinear ? linearLayer(node, readers) : isOther ? otherLayer(node) : undefined;
    return layer === undefined ? [] : [{ ...layer, module: moduleName(layer.weight, node) }];
  });
}
