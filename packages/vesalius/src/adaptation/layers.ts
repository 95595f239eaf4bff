import { type Graph, type Node, numberAttribute, type Readers, readersOf, type Value } from "../graph/index.ts";
import { otherProduct } from "./other-products.ts";
import type { OperandMatrix } from "./operand-matrix.ts";
import { isTurned, sourceOf, type WeightSource } from "./weight-source.ts";

/** A layer with one weight that adapters can be put on, in a graph built here or imported. */
export interface AdaptableLayer {
  readonly kind: "linear" | "convolution" | "embedding";
  /** Name of the module: the weight's name without `.weight`. */
  readonly module: string;
  /** Name that the module shares with others, whose weights have one module's name; patterns may use it too. */
  readonly sharedName?: string;
  /** The node that reads the weight: Gemm, MatMul, Einsum, Conv, ConvTranspose or Gather. */
  readonly node: Node;
  /** What the node multiplies with: the weight, or what a transposition or dequantization makes of it. */
  readonly operand: Value;
  /** The stored tensor behind the operand: a parameter, or a quantised constant. */
  readonly weight: Value;
  /** The nodes between the weight and the operand. */
  readonly path: readonly Node[];
  /**
   * How the operand is a matrix, where the layer is no product of rows with it: the update of such a layer stands in the
   * operand. Undefined where it can stand beside the layer.
   */
  readonly matrix?: OperandMatrix;
  /** Whether a linear weight is `[in, out]`, as GPT-2's Conv1D and most imported graphs have it. */
  readonly fanInFanOut: boolean;
  /** Whether the operand is `[in, out]`. */
  readonly operandFanInFanOut: boolean;
  /** The parameter that is added to the product, `[out]`. */
  readonly bias: Value | undefined;
  /** Whether something is added to the product that is no such parameter. */
  readonly hasOtherBias: boolean;
  /** The node whose output is the layer's result: the product itself, or the addition of its bias. */
  readonly result: Node;
  readonly features: { readonly in: number; readonly out: number };
}

/** A layer before it has a name. */
export type UnnamedLayer = Omit<AdaptableLayer, "module" | "sharedName">;

/** Names that exporters make up for values of the graph, which say nothing of the module. */
const madeUp = /^(?:onnx::|.*\/[^/]+_output_\d+$|val_\d+$|const_fold_opt__\d+)/;

/**
 * Name of the module that a weight belongs to. Exporters fold transpositions and lose the weight's name then
 * (`onnx::MatMul_123`); the node's keeps it (`/encoder/layer.0/query/MatMul`).
 */
export function moduleName(weight: Value, node: Node): string {
  const named = /^(.+)(?:\.weight(?:[._/:].*)?|\/kernel(?::\d+)?)$/.exec(weight.name);
  if (named !== null) return named[1]!;
  const path = madeUp.test(weight.name) ? /^\/(.+)\/[^/]+$/.exec(node.name) : null;
  return path === null ? weight.name : path[1]!.replaceAll("/", ".");
}

/** A name of its own for each weight: exporters give several the name of one module. */
function named(layers: readonly UnnamedLayer[]): AdaptableLayer[] {
  const owners = new Map<string, Value>();
  const names = new Map<Value, { readonly module: string; readonly sharedName?: string }>();
  for (const { weight, node } of layers) {
    if (names.has(weight)) continue;
    const shared = moduleName(weight, node);
    let module = shared;
    if (owners.has(module)) {
      const own = madeUp.test(weight.name) ? (node.name.split("/").at(-1) ?? weight.name) : weight.name;
      module = own.startsWith(shared) ? own : `${shared}.${own}`;
      for (let i = 1; owners.has(module); i++) module = `${shared}.${own}_${i}`;
    }
    owners.set(module, weight);
    names.set(weight, module === shared ? { module } : { module, sharedName: shared });
  }
  return layers.map((layer) => ({ ...layer, ...names.get(layer.weight)! }));
}

const integer = (node: Node, name: string): number => numberAttribute(node.attributes, name, 0);

const isVector = (bias: Value | undefined, out: number): bias is Value =>
  bias?.kind === "parameter" && bias.rank === 1 && bias.shape[0] === out;

/** The addition of a bias behind a product, if that is all that is done with the product. */
function biasAddition(product: Node, out: number, readers: Readers) {
  const [only, ...others] = readers.get(product.outputs[0]!) ?? [];
  if (only?.type !== "Add" || others.length > 0 || only.gradient !== undefined) return undefined;
  const bias = only.inputs.find((input) => input !== product.outputs[0]);
  return isVector(bias, out) ? { result: only, bias } : undefined;
}

/** Whether an operand is one matrix, apart from leading axes of extent 1. */
const isMatrix = ({ rank, shape }: Value): boolean => rank >= 2 && shape.slice(0, -2).every((extent) => extent === 1);

/** A product of rows with a matrix. */
function rowProduct(node: Node, readers: Readers): UnnamedLayer | undefined {
  const isGemm = node.type === "Gemm";
  const operand = node.inputs[1];
  const source = operand !== undefined && isMatrix(operand) ? sourceOf(operand) : undefined;
  if (operand === undefined || source === undefined || (isGemm && integer(node, "transA") === 1)) return undefined;
  const outIn = isGemm && integer(node, "transB") === 1;
  const [rows, columns] = operand.shape.slice(-2) as [number, number];
  const features = outIn ? { in: columns, out: rows } : { in: rows, out: columns };
  const given = isGemm ? node.inputs[2] : undefined;
  const added = given === undefined ? biasAddition(node, features.out, readers) : undefined;
  const isPlain = isVector(given, features.out) && numberAttribute(node.attributes, "beta", 1) === 1;
  return {
    kind: "linear",
    node,
    operand,
    ...source,
    fanInFanOut: outIn === isTurned(source.path),
    operandFanInFanOut: !outIn,
    bias: isPlain ? given : added?.bias,
    hasOtherBias: given !== undefined && !isPlain,
    result: added?.result ?? node,
    features,
  };
}

/** A convolution, or a table whose rows are looked up. */
function convolutionOrTable(node: Node): UnnamedLayer | undefined {
  const isConvolution = node.type === "Conv";
  const operand = node.inputs[isConvolution ? 1 : 0];
  const source: WeightSource | undefined = sourceOf(operand);
  if (operand === undefined || source === undefined) return undefined;
  if (!isConvolution && (operand.rank !== 2 || integer(node, "axis") !== 0)) return undefined;
  const bias = isConvolution ? node.inputs[2] : undefined;
  const [first, second] = operand.shape as [number, number];
  return {
    kind: isConvolution ? "convolution" : "embedding",
    node,
    operand,
    ...source,
    fanInFanOut: !isConvolution,
    operandFanInFanOut: !isConvolution,
    bias: isVector(bias, first) ? bias : undefined,
    hasOtherBias: bias !== undefined && !isVector(bias, first),
    result: node,
    features: isConvolution ? { in: second, out: first } : { in: first, out: second },
  };
}

function layerOf(node: Node, readers: Readers): UnnamedLayer | undefined {
  if (node.gradient !== undefined || node.domain !== "") return undefined;
  if (node.type === "Gemm" || node.type === "MatMul") return rowProduct(node, readers) ?? otherProduct(node);
  return node.type === "Conv" || node.type === "Gather" ? convolutionOrTable(node) : otherProduct(node);
}

/**
 * Every layer of a graph with a weight, in the order of its nodes: products with a matrix (Gemm or MatMul, with the weight
 * on either side and in either layout), Einsum with one weight, convolutions, transposed convolutions, and tables of
 * vectors. The weight may stand there directly, or behind changes of its element type, its shape or its layout, or as
 * integers behind a DequantizeLinear.
 */
export function adaptableLayers(graph: Graph): AdaptableLayer[] {
  const readers = readersOf(graph);
  return named(graph.nodes.flatMap((node) => layerOf(node, readers) ?? []));
}
