import { VesaliusError } from "../../common/errors.ts";
import { Graph } from "../graph.ts";
import { isFloatingPoint, sameShape, type Tensor, type Tensors } from "../../common/tensor.ts";
import type { Value } from "../value.ts";
import { allNames } from "./bodies.ts";
import { GraphBuilder, type OpaqueNode } from "./build.ts";
import { BoundDimensions, type DimensionBindings } from "./declared-types.ts";
import { decodeModel } from "./decode.ts";
import { functionsOf, Inliner } from "./functions.ts";
import type { ModelProto } from "./generated/onnx_pb.ts";
import { constantWeights } from "./constant-weights.ts";
import { isWeight, readInitializers, usesOf } from "./initializers.ts";
import { type DroppedOutput, returnedOutputs } from "./outputs.ts";
import { type ImportEngine, Prober } from "./probe.ts";
import type { ExternalData, TensorSource } from "./tensor-data.ts";

/** Options of `fromOnnx`. */
export interface ImportOptions extends DimensionBindings {
  /** Name of the file for messages. */
  readonly where?: string;
  /** Reads data that stands in files beside the model; without it, such a model is refused. */
  readonly externalData?: ExternalData;
  /**
   * Tells the types of operators outside the registry and evaluates small expressions of constants. Without it, such
   * values have the types that the file declares, or unknown shapes.
   */
  readonly engine?: ImportEngine;
  /**
   * Inputs that are fixed at these tensors and no longer fed. Operators that need sizes, axes or bounds when a graph is
   * built can be inferred and differentiated where these are fixed.
   */
  readonly fixedInputs?: Tensors;
  /**
   * Overrides which initializers become parameters. By default those are floating-point tensors with at least one axis
   * that are more than the setting of an operator (a scale, a bound, a fill value); of those in Constant nodes, what an
   * operator takes as a weight.
   */
  readonly isParameter?: (name: string, tensor: Tensor) => boolean;
}

/** An imported model. */
export interface ImportedModel {
  /** Static shapes, the operators of opset 18 or later, values named as in the file. */
  readonly graph: Graph;
  /** Parameters of the graph by name, in the element type of the file. */
  readonly weights: Tensors;
  /** Parameters that are running statistics, which training leaves alone. */
  readonly buffers: readonly string[];
  /** Nodes that run, but that the registry cannot infer. */
  readonly opaque: readonly OpaqueNode[];
  /** Outputs of the file that the graph leaves out, with the reason and what brings them back. */
  readonly droppedOutputs: readonly DroppedOutput[];
  /** Versions of the operator domains in the file. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Key-value pairs stored with the model. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Names that no value of the file has. */
function freshNames({ graph, functions }: ModelProto): (stem: string) => string {
  const taken = allNames(graph!);
  for (const { input, output, node } of functions)
    for (const name of [...input, ...output, ...node.flatMap((each) => each.output)]) taken.add(name);
  const counters = new Map<string, number>();
  return (stem) => {
    let name: string;
    do {
      const count = counters.get(stem) ?? 0;
      counters.set(stem, count + 1);
      name = `${stem}__${count}`;
    } while (taken.has(name));
    taken.add(name);
    return name;
  };
}

async function importModel(bytes: Uint8Array, options: ImportOptions, where: string): Promise<ImportedModel> {
  const source: TensorSource = { where, externalData: options.externalData };
  const { model, opsets } = decodeModel(bytes, where);
  const proto = model.graph!;
  const dimensions = new BoundDimensions(options, where);
  const initialized = new Set([
    ...proto.initializer.map(({ name }) => name),
    ...proto.sparseInitializer.map(({ values }) => values?.name ?? ""),
  ]);
  const fed = dimensions.inputTypes(proto.input.filter(({ name }) => !initialized.has(name)));
  const fresh = freshNames(model);
  const inliner = new Inliner(functionsOf(model.functions), fresh, where);
  const nodes = inliner.inline(proto.node, opsets);
  const uses = usesOf(
    nodes,
    proto.output.map(({ name }) => name),
  );
  const weightNames = constantWeights(nodes);
  const declared = new Map(
    [...proto.valueInfo, ...proto.output].flatMap(({ name, type }) => {
      const known = dimensions.typeOf(type);
      return known === undefined ? [] : [[name, known] as const];
    }),
  );
  const graph = new Graph(proto.name || "graph");
  const prober = options.engine && new Prober(options.engine);
  const builder = new GraphBuilder(graph, {
    source,
    inliner,
    fresh,
    declared,
    prober,
    storedConstant: (name, tensor) =>
      weightNames.has(name) && isFloatingPoint(tensor.dtype) ? stored(name, tensor, true) : undefined,
    requires: (version) => graph.requireOpset("", version),
  });
  for (const [name, { dtype, shape }] of fed) {
    const fixed = options.fixedInputs?.get(name);
    if (fixed !== undefined && (fixed.dtype !== dtype || !sameShape(fixed.shape, shape)))
      throw new VesaliusError("shape-mismatch", "the tensor does not fit the input that it is to fix", { where: name });
    builder.define(name, fixed === undefined ? graph.input(name, dtype, shape) : graph.constant(fixed, name));
  }
  const weights: Tensors = new Map();
  /** A tensor of the file under its name: a parameter where it is a weight, a constant otherwise. */
  const stored = (name: string, tensor: Tensor, isTrained: boolean): Value => {
    if (!(options.isParameter?.(name, tensor) ?? isTrained)) return graph.constant(tensor, name);
    weights.set(name, tensor);
    const initializer = { kind: "values", tensor } as const;
    return uses.asBuffers.has(name)
      ? graph.buffer(name, tensor.shape, initializer, tensor.dtype)
      : graph.parameter(name, tensor.shape, initializer, tensor.dtype);
  };
  for (const [name, tensor] of await readInitializers(proto, uses, source))
    builder.define(name, stored(name, tensor, isWeight(name, tensor, uses)));
  await builder.add(nodes);
  const { kept, dropped } = returnedOutputs(proto.output, builder, where);
  for (const [name, value] of kept) graph.output(name, value);
  return {
    graph,
    weights,
    buffers: [...weights.keys()].filter((name) => uses.asBuffers.has(name)),
    opaque: builder.opaque,
    droppedOutputs: dropped,
    opsets,
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
  };
}

/**
 * Reads an ONNX model (opset 1 to 28) as a graph like any other: it can be trained, adapted, rewritten and written
 * back. Older forms of operators are brought to those of opset 18, calls of model-local functions are written out,
 * index arithmetic is folded, and dropout is left out. Operators outside the registry stay as they are and run; only
 * differentiating through them is refused. So do If, Loop and Scan, whose bodies stay encoded.
 *
 * The bytes are treated as untrusted: sizes are checked before memory is taken, and no file is opened but through
 * `externalData`.
 *
 * @param bytes of the `.onnx` file
 * @throws VesaliusError `bad-file` for what is no valid model; `bad-argument` listing dimensions that are not bound;
 * `missing-file` where data stands in other files and `externalData` is not given; `unsupported-operator` for inputs
 * or outputs that are no tensors, and for old forms that cannot be expressed any more
 *
 * @example
 * const { graph, weights } = await fromOnnx(bytes, { dimensions: { batch: 1 } });
 */
export async function fromOnnx(bytes: Uint8Array, options: ImportOptions = {}): Promise<ImportedModel> {
  const where = options.where ?? "model.onnx";
  try {
    return await importModel(bytes, options, where);
  } catch (error) {
    if (error instanceof VesaliusError) throw error;
    // What a damaged file provokes deep inside (a nesting too deep, an index out of range) is still the file's fault.
    throw new VesaliusError("bad-file", `the model cannot be read: ${(error as Error).message}`, {
      where,
      cause: error,
    });
  }
}
