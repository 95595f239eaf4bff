import { VesaliusError } from "../../common/errors.ts";
import { hasStaticShape, unknownShape } from "../dynamic-shapes.ts";
import type { Graph } from "../graph.ts";
import { inferTypes } from "../infer-types.ts";
import { definitionOf } from "../registry.ts";
import { foldNode } from "../rewrites/constant-folding.ts";
import { type DataType, elementCount, type Tensor, type TensorType } from "../../common/tensor.ts";
import type { CustomGradient, Value } from "../value.ts";
import { capturedNames } from "./bodies.ts";
import { onlyPossibleBranch, withCaptured } from "./branches.ts";
import { attributesOf, type BodyContext } from "./body-preparation.ts";
import { constantOf } from "./constant-node.ts";
import type { DeclaredType } from "./declared-types.ts";
import { domainOf } from "./decode.ts";
import { differing, sameTensor } from "./initializers.ts";
import type { VersionedNode } from "./functions.ts";
import type { GraphProto, NodeProto } from "./generated/onnx_pb.ts";
import { inReadingOrder } from "./order.ts";
import type { EngineType, ProbedNode, Prober } from "./probe.ts";
import { tensorOf } from "./tensor-data.ts";
import { normalOpset, upgradeNode } from "./upgrade/index.ts";
import { atPlainOpset, versionOf } from "./versions.ts";

/** A node that runs, but of which the registry cannot tell the types. */
export interface OpaqueNode {
  readonly node: string;
  readonly type: string;
  readonly domain: string;
  /** Why: no such operator in the registry, a shape that only a run determines, or what inference said. */
  readonly reason: string;
}

/** What a builder needs beside the nodes. */
export interface BuildContext extends BodyContext {
  /** Types that the file declares, by value name. */
  readonly declared: ReadonlyMap<string, DeclaredType>;
  readonly prober: Prober | undefined;
  /** Makes the value of a Constant node that holds a weight; undefined for those that hold another thing. */
  readonly storedConstant: (name: string, tensor: Tensor) => Value | undefined;
}

/** Constants up to this number of elements are numbers of formulas, which have no names of their own. */
const largestShared = 16;

const reasonOf = (error: unknown): string =>
  error instanceof VesaliusError ? error.what : `inference failed: ${String(error)}`;

/** Whether a tensor can have that shape; damaged files ask for others. */
const isPossible = ({ shape }: TensorType): boolean =>
  shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0) && Number.isSafeInteger(elementCount(shape));

/** Whether a type says the same as another one, or more. */
const refines = (type: TensorType, coarse: TensorType): boolean =>
  type.dtype === coarse.dtype &&
  (coarse.shape === unknownShape ||
    (type.shape.length === coarse.shape.length &&
      coarse.shape.every((extent, axis) => extent < 0 || extent === type.shape[axis])));

/** Refuses by name to differentiate a node that could not be inferred: its rule would go by shapes that are not known. */
const undifferentiable = (reason: string): CustomGradient => ({
  rule: ({ node }) => {
    throw new VesaliusError("not-differentiable", `operator ${node.type} cannot be differentiated here: ${reason}`, {
      where: `node ${node.name}`,
      fix: "freeze the parameters before this node",
    });
  },
});

/** Turns the nodes of a file into nodes of a graph, in their order. */
export class GraphBuilder {
  readonly graph: Graph;
  readonly opaque: OpaqueNode[] = [];
  readonly #values = new Map<string, Value>();
  readonly #later = new Set<string>();
  readonly #notTensors = new Set<Value>();
  readonly #context: BuildContext;

  constructor(graph: Graph, context: BuildContext) {
    this.graph = graph;
    this.#context = context;
  }

  /**
   * Gives a value the name by which nodes read it.
   *
   * @throws VesaliusError `bad-file` when the name is taken
   */
  define(name: string, value: Value): void {
    if (this.#values.has(name)) throw this.#bad(`two values are named "${name}"`);
    this.#values.set(name, value);
  }

  /**
   * The value of a name.
   *
   * @throws VesaliusError `bad-file` when there is none, or only after this point
   */
  resolve(name: string): Value {
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    throw this.#bad(
      this.#later.has(name)
        ? `"${name}" is computed from itself: the nodes form a cycle`
        : `nothing computes "${name}"`,
    );
  }

  /** Whether a value is a sequence, a map or an optional, which only operators inside the model can handle. */
  isTensor(value: Value): boolean {
    return !this.#notTensors.has(value);
  }

  /** Adds nodes in the order of the file. */
  async add(nodes: readonly VersionedNode[]): Promise<void> {
    for (const { node } of nodes) for (const name of node.output) this.#later.add(name);
    for (const { node, opsets } of inReadingOrder(nodes)) {
      const domain = domainOf(node.domain);
      const version = versionOf(domain, opsets);
      if (version === undefined) throw this.#unknownDomain(node, domain);
      if (domain === "") await this.#addOwn(node, version, opsets);
      else {
        this.graph.requireOpset(domain, version);
        await this.#addNode(node, domain, opsets);
      }
    }
  }

  /** Adds a node of ONNX's own domain in the forms that the registry knows. */
  async #addOwn(read: NodeProto, written: number, opsets: ReadonlyMap<string, number>): Promise<void> {
    const typeOf = (name: string) => this.#typeOf(name);
    const { node, version } = atPlainOpset(read, written, typeOf(read.input[0] ?? "")?.dtype);
    this.graph.requireOpset("", Math.max(version, normalOpset));
    for (const part of upgradeNode(node, { ...this.#context, version, typeOf })) await this.#addNode(part, "", opsets);
  }

  #unknownDomain(node: NodeProto, domain: string): VesaliusError {
    return new VesaliusError(
      "unsupported-operator",
      `operator ${node.opType} is of the domain "${domain}", of which the file imports no version`,
      {
        where: `${this.#context.source.where}, node ${node.name || node.output[0]}`,
        fix: `add the domain to the opset_import of the model, or export the operator as a function of the model`,
      },
    );
  }

  #bad(what: string): VesaliusError {
    return new VesaliusError("bad-file", what, {
      where: this.#context.source.where,
      fix: "the file is no valid ONNX model; export it again",
    });
  }

  #typeOf(name: string): { dtype: DataType; shape: readonly number[] } | undefined {
    const value = this.#values.get(name);
    return value !== undefined && hasStaticShape(value) && this.isTensor(value) ? value : undefined;
  }

  async #addNode(node: NodeProto, domain: string, opsets: ReadonlyMap<string, number>): Promise<void> {
    const inputs = node.input.map((name) => (name === "" ? undefined : this.resolve(name)));
    while (inputs.length > 0 && inputs.at(-1) === undefined) inputs.pop();
    if (domain === "" && (await this.#standIn(node, inputs, opsets))) return;
    const { attributes, bodies } = await attributesOf(node, opsets, this.#context);
    if (node.opType === "If" && domain === "") {
      const captured = new Map(capturedNames(bodies).map((name) => [name, this.resolve(name)]));
      const known = [...captured.values()].every((value) => this.isTensor(value));
      const branch = { node, inputs, attributes, bodies, captured };
      const only = known ? await onlyPossibleBranch(branch, this.#context.prober, this.graph.opsets) : undefined;
      if (only !== undefined) return this.#inlineBranch(node, only, opsets);
    }
    const captures = capturedNames(bodies);
    const withCaptures = captures.length === 0 ? attributes : withCaptured(attributes, captures);
    const outputNames = [...node.output];
    while (outputNames.length > 1 && outputNames.at(-1) === "") outputNames.pop();
    await this.#place(node, outputNames, {
      type: node.opType,
      domain,
      inputs: [...inputs, ...captures.map((name) => this.resolve(name))],
      attributes: withCaptures,
      outputCount: outputNames.length,
    });
  }

  /** Operators that need no node: constants, what passes its input on, and branches whose condition is known. */
  async #standIn(
    node: NodeProto,
    inputs: readonly (Value | undefined)[],
    opsets: ReadonlyMap<string, number>,
  ): Promise<boolean> {
    const [first] = inputs;
    switch (node.opType) {
      case "Constant":
        this.#defineConstant(node.output[0] ?? "", await constantOf(node, this.#context.source));
        return true;
      case "Identity":
        if (first === undefined) return false;
        this.define(node.output[0] ?? "", first);
        return true;
      case "Dropout":
        return this.#passDropout(node, inputs);
      case "If": {
        const condition = first?.tensor?.data[0];
        const name = condition === undefined ? "" : condition === 0 ? "else_branch" : "then_branch";
        const body = node.attribute.find((attribute) => attribute.name === name)?.g;
        if (body === undefined) return false;
        await this.#inlineBranch(node, body, opsets);
        return true;
      }
      default:
        return false;
    }
  }

  /** Adds the tensor of a Constant node. Weights keep their names, small numbers are shared. */
  #defineConstant(name: string, tensor: Tensor): void {
    const before = this.#values.get(name);
    const known = before?.initializer?.kind === "values" ? before.initializer.tensor : before?.tensor;
    if (known !== undefined && sameTensor(known, tensor)) return;
    if (known !== undefined) throw differing(name, this.#context.source.where);
    const named = name !== "" && !this.graph.hasName(name);
    const isLarge = elementCount(tensor.shape) > largestShared;
    this.define(
      name,
      (named ? this.#context.storedConstant(name, tensor) : undefined) ??
        this.graph.constant(tensor, named && isLarge ? name : undefined),
    );
  }

  /** In inference, dropout passes its input on and its mask is true everywhere. */
  #passDropout(node: NodeProto, inputs: readonly (Value | undefined)[]): boolean {
    const [x, , training] = inputs;
    if (x === undefined || node.output[1]) return false;
    if (training !== undefined && training.tensor?.data[0] !== 0) return false;
    this.define(node.output[0] ?? "", x);
    return true;
  }

  async #inlineBranch(node: NodeProto, body: GraphProto, opsets: ReadonlyMap<string, number>): Promise<void> {
    if (body.output.length !== node.output.length)
      throw this.#bad(`a branch of node "${node.name}" has another number of outputs than the node`);
    for (const proto of body.initializer)
      this.define(proto.name, this.graph.constant(await tensorOf(proto, this.#context.source)));
    await this.add(this.#context.inliner.inline(body.node, opsets));
    body.output.forEach(({ name }, i) => {
      const output = node.output[i]!;
      if (output !== "" && output !== name) this.define(output, this.resolve(name));
    });
  }

  /** Folds a node, or adds it with the types that the registry, the file or the engine know. */
  async #place(proto: NodeProto, outputNames: readonly string[], node: ProbedNode): Promise<void> {
    const { type, domain, inputs, attributes, outputCount } = node;
    const label = proto.name || `${type} -> ${outputNames.find((name) => name !== "") ?? ""}`;
    const options = { attributes, domain, outputCount, name: label };
    let inferred: readonly TensorType[] | undefined;
    let reason = "";
    try {
      inferred = inferTypes(type, inputs, options);
      if (inferred.length < outputCount || !inferred.every(isPossible)) {
        reason = `its ${outputCount} outputs are not all known to the registry, or of impossible shapes`;
        inferred = undefined;
      }
    } catch (error) {
      reason = reasonOf(error);
    }
    const folded = inferred && this.#fold(node, inferred);
    if (folded !== undefined && folded.length >= outputCount) {
      outputNames.forEach((name, i) => name !== "" && this.define(name, folded[i]!));
      return;
    }
    const probed = inferred ? undefined : await this.#probe(node);
    const types = inferred ?? outputNames.map((name, i) => this.#fallback(name, probed?.[i], node));
    const results = await this.#evaluate(node, types);
    if (results !== undefined) {
      outputNames.forEach((name, i) => name !== "" && this.define(name, this.graph.constant(results[i]!)));
      return;
    }
    const free = outputNames.every((name) => name !== "" && !this.graph.hasName(name));
    const hasRule = typeof definitionOf(type, domain)?.gradient === "function";
    const outputs = this.graph.node(type, inputs, {
      attributes,
      domain,
      outputCount,
      outputTypes: types,
      ...(proto.name === "" ? {} : { name: proto.name }),
      ...(free ? { outputNames } : {}),
      ...(inferred === undefined && hasRule ? { gradient: undifferentiable(reason) } : {}),
    });
    outputs.forEach((output, i) => {
      if (outputNames[i] === "") return;
      if (this.#isNoTensor(outputNames[i]!, probed?.[i], node)) this.#notTensors.add(output);
      this.define(outputNames[i]!, output);
    });
    if (inferred === undefined) this.opaque.push({ node: label, type, domain, reason });
  }

  #fold({ type, domain, inputs, attributes }: ProbedNode, inferred: readonly TensorType[]) {
    try {
      return foldNode(this.graph, type, inputs, { attributes, domain, outputTypes: inferred });
    } catch (error) {
      if (error instanceof VesaliusError || error instanceof RangeError) return undefined;
      throw error;
    }
  }

  #declared(name: string): DeclaredType | undefined {
    return this.#context.declared.get(name);
  }

  async #probe(node: ProbedNode): Promise<readonly (EngineType | undefined)[]> {
    const fed = node.inputs.every((input) => input === undefined || this.isTensor(input));
    return fed && this.#context.prober !== undefined ? this.#context.prober.types(node, this.graph.opsets) : [];
  }

  async #evaluate(node: ProbedNode, types: readonly TensorType[]): Promise<readonly Tensor[] | undefined> {
    return this.#context.prober?.evaluate(node, types, this.graph.opsets);
  }

  /**
   * Type of an output that the registry does not know: what the engine infers, with the extents that it leaves open as
   * the file declares them. What a file declares may be wrong, so it does not stand against the engine.
   */
  #fallback(name: string, probed: EngineType | undefined, { inputs }: ProbedNode): TensorType {
    const declared = this.#declared(name);
    if (probed !== undefined && probed !== "not a tensor")
      return declared?.isTensor === true && refines(declared, probed) ? declared : probed;
    if (declared?.isTensor === true) return declared;
    return { dtype: inputs.find((input) => input !== undefined)?.dtype ?? "float32", shape: unknownShape };
  }

  /** Whether an output is a sequence, a map or an optional, or may be one for all that is known. */
  #isNoTensor(name: string, probed: EngineType | undefined, node: ProbedNode): boolean {
    const declared = this.#declared(name);
    if (probed !== undefined) return probed === "not a tensor";
    if (declared !== undefined) return !declared.isTensor;
    return /^(Sequence|SplitToSequence|Optional)/.test(node.type) && !/(At|Length|HasElement)$/.test(node.type);
  }
}
