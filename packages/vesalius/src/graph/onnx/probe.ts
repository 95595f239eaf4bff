import { create, toBinary } from "@bufbuild/protobuf";
import { VesaliusError } from "../../common/errors.ts";
import { hasStaticShape, unknownShape } from "../dynamic-shapes.ts";
import { Graph } from "../graph.ts";
import { bytesPerElement, elementCount, type Tensor, type Tensors, type TensorType } from "../../common/tensor.ts";
import type { Attributes, Value } from "../value.ts";
import { type GraphProto, GraphProtoSchema, ModelProtoSchema } from "./generated/onnx_pb.ts";
import { changed } from "./messages.ts";
import { tensorProto } from "./node-attributes.ts";
import { encodeModel, formatVersion, valueInfo } from "./write.ts";

/** What an engine says of an output: its type with -1 for extents that only a run determines, or that it is no tensor. */
export type EngineType = TensorType | "not a tensor";

/** A runtime that tells the importer what the registry cannot. */
export interface ImportEngine {
  /** Types of a model's outputs by name, without running it. */
  describe(model: Uint8Array): Promise<ReadonlyMap<string, EngineType>>;
  /** Runs a model that has no inputs. */
  run(model: Uint8Array): Promise<Tensors>;
}

/** A node that is not in a graph yet. */
export interface ProbedNode {
  readonly type: string;
  readonly domain: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  readonly outputCount: number;
}

/** Constants beyond this size do not matter for types and are fed rather than copied. */
const largestCopied = 4096;
/** Results beyond this size stay computed: index arithmetic is small. */
const largestEvaluated = 1024;

/** Operators that give something else at each run, or whose inputs are no index arithmetic. */
const unevaluated = new Set([
  "RandomNormal",
  "RandomNormalLike",
  "RandomUniform",
  "RandomUniformLike",
  "Multinomial",
  "Bernoulli",
  "Dropout",
  // What repeats a body as often as its data says.
  "Loop",
  "Scan",
  "SequenceMap",
  // Stored weights, which stay as they are stored.
  "DequantizeLinear",
]);
/** Operators whose results have as many elements as their data says, and never more than a few times their input. */
const boundedByInput = new Set(["NonZero", "Compress", "Unique"]);

/**
 * A model of one node whose outputs have the names 0, 1, ...
 *
 * @param ranksOf outputs whose number of axes is asked for, under the names rank 0, rank 1, ...
 */
function modelOf(
  node: ProbedNode,
  opsets: ReadonlyMap<string, number>,
  ranksOf: ReadonlySet<number> = new Set(),
): Uint8Array {
  const graph = new Graph("probe");
  for (const [domain, version] of opsets) graph.requireOpset(domain, version);
  const inputs = node.inputs.map((input, i) => {
    if (input === undefined) return undefined;
    const copied = input.tensor !== undefined && elementCount(input.shape) <= largestCopied;
    return copied ? graph.constant(input.tensor) : graph.input(`x${i}`, input.dtype, input.shape);
  });
  const outputs = graph.node(node.type, inputs, {
    attributes: node.attributes,
    domain: node.domain,
    outputCount: node.outputCount,
    outputTypes: Array.from({ length: node.outputCount }, () => ({ dtype: "float32", shape: unknownShape })),
  });
  outputs.forEach((output, i) => {
    graph.output(String(i), output);
    if (!ranksOf.has(i)) return;
    const [extents] = graph.node("Shape", [output], { outputTypes: [{ dtype: "int64", shape: unknownShape }] });
    graph.output(`rank ${i}`, extents!);
  });
  return encodeModel(graph, {}, { undeclaredOutputs: true });
}

const failed = (error: unknown): boolean => error instanceof VesaliusError;

/** Asks an engine for the types of a node's outputs, remembering what it said of equal nodes. */
export class Prober {
  readonly #engine: ImportEngine;
  readonly #known = new Map<string, readonly (EngineType | undefined)[]>();

  constructor(engine: ImportEngine) {
    this.#engine = engine;
  }

  /** Types of the outputs; undefined for each where the engine does not load the node. */
  async types(node: ProbedNode, opsets: ReadonlyMap<string, number>): Promise<readonly (EngineType | undefined)[]> {
    const model = modelOf(node, opsets);
    const key =
      model.byteLength <= 65_536 ? Array.from(model, (byte) => String.fromCharCode(byte)).join("") : undefined;
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known !== undefined) return known;
    const found = await this.#describe(model);
    const types = Array.from({ length: node.outputCount }, (_, i) => found.get(String(i)));
    // ONNX Runtime says [] of a scalar and of a tensor of an unknown number of axes alike; the extents of its shape
    // tell: a scalar has none.
    const scalars = new Set(
      types.flatMap((type, i) => (typeof type === "object" && type.shape.length === 0 ? [i] : [])),
    );
    if (scalars.size > 0) {
      const ranks = await this.#describe(modelOf(node, opsets, scalars));
      for (const i of scalars) {
        const rank = ranks.get(`rank ${i}`);
        const isScalar = typeof rank === "object" && rank.shape.length === 1 && rank.shape[0] === 0;
        if (!isScalar) types[i] = { dtype: (types[i] as TensorType).dtype, shape: unknownShape };
      }
    }
    if (key !== undefined) this.#known.set(key, types);
    return types;
  }

  /**
   * Whether an engine loads a body by itself.
   *
   * @param captured what it reads of the graph around it
   */
  async loads(
    body: GraphProto,
    captured: ReadonlyMap<string, Value>,
    opsets: ReadonlyMap<string, number>,
  ): Promise<boolean> {
    const isCopied = (value: Value): boolean =>
      value.tensor !== undefined && elementCount(value.shape) <= largestCopied;
    const model = create(ModelProtoSchema, {
      irVersion: formatVersion(opsets.get("") ?? 0),
      opsetImport: [...opsets].map(([domain, version]) => ({ domain, version: BigInt(version) })),
      graph: changed(GraphProtoSchema, body, {
        input: [...captured].filter(([, value]) => !isCopied(value)).map(([name, value]) => valueInfo(name, value)),
        initializer: [
          ...body.initializer,
          ...[...captured].flatMap(([name, value]) => (isCopied(value) ? [tensorProto(name, value.tensor!)] : [])),
        ],
      }),
    });
    return (await this.#describe(toBinary(ModelProtoSchema, model))).size > 0;
  }

  async #describe(model: Uint8Array): Promise<ReadonlyMap<string, EngineType>> {
    try {
      return await this.#engine.describe(model);
    } catch (error) {
      if (failed(error)) return new Map();
      throw error;
    }
  }

  /**
   * Computes a node whose inputs are all constant, where its results are small.
   *
   * @param types of the outputs, as far as they are known
   */
  async evaluate(
    node: ProbedNode,
    types: readonly TensorType[] | undefined,
    opsets: ReadonlyMap<string, number>,
  ): Promise<readonly Tensor[] | undefined> {
    const sizes = node.inputs.map((input) => (input === undefined ? 0 : elementCount(input.shape)));
    const constant = node.inputs.every((input) => input === undefined || input.tensor !== undefined);
    if (!constant || node.inputs.length === 0 || unevaluated.has(node.type)) return undefined;
    if (sizes.reduce((total, size) => total + size, 0) > largestCopied) return undefined;
    const known = types !== undefined && types.length >= node.outputCount && types.every(hasStaticShape);
    if (!known && !(node.domain === "" && boundedByInput.has(node.type))) return undefined;
    if (known && types.some(({ shape }) => elementCount(shape) > largestEvaluated)) return undefined;
    let results: Tensors;
    try {
      results = await this.#engine.run(modelOf(node, opsets));
    } catch (error) {
      if (failed(error)) return undefined;
      throw error;
    }
    const tensors = Array.from({ length: node.outputCount }, (_, i) => results.get(String(i)));
    return tensors.every((tensor) => tensor !== undefined && bytesPerElement(tensor.dtype) !== 0.5)
      ? (tensors as Tensor[])
      : undefined;
  }
}
