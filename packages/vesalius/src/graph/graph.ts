import { VesaliusError } from "../common/errors.ts";
import { inferTypes } from "./infer-types.ts";
import { formatShape } from "./shapes.ts";
import { filled, elementCount, sameShape, type DataType, type Tensor, type TensorType } from "../common/tensor.ts";
import {
  type Attributes,
  type CustomGradient,
  type Initializer,
  type Node,
  type RandomSource,
  Value,
} from "./value.ts";

/** Options of `Graph.node`. */
export interface NodeOptions {
  readonly attributes?: Attributes;
  readonly outputCount?: number;
  readonly domain?: string;
  /** Node name for messages and exported files; numbered by type where it is left out. */
  readonly name?: string;
  /** Names of the outputs; made from the node's name where they are left out. */
  readonly outputNames?: readonly string[];
  /** Output types, for operators outside the registry (an imported file states them). */
  readonly outputTypes?: readonly TensorType[];
  readonly gradient?: CustomGradient;
}

/** How large a graph may become: what is built by a configuration that came with weights is held against these. */
export interface GraphBounds {
  /** Most parameters. */
  readonly parameters: number;
  /** Most elements of all parameters together. */
  readonly elements: number;
  /** What it is that has no more, for the message: `model.safetensors holds 12 tensors of 3400 numbers`. */
  readonly because: string;
}

/** Most elements of any value: 4 TiB of 32-bit numbers, more than any machine keeps one tensor of. */
const largestValue = 2 ** 40;

/** Most elements of one constant; a table of more is asked for by a slip or a damaged file. */
const largestConstant = 2 ** 28;

/** Refuses values that no memory holds where they are asked for, long before anything is computed. */
function requireSize(shape: readonly number[], where: string): void {
  if (elementCount(shape) <= largestValue) return;
  throw new VesaliusError("bad-configuration", `a value of ${formatShape(shape)} is more than fits into memory`, {
    where,
    fix: "use smaller sizes: images, lengths, widths, or larger patches",
  });
}

/**
 * A graph of ONNX operators over symbolic tensors with static shapes. Nodes are kept in the order in which they were
 * added, which is always a topological order, because a node can only use values that exist.
 *
 * @example
 * const graph = new Graph("linear");
 * const x = graph.input("x", "float32", [4, 8]);
 * const w = graph.parameter("weight", [3, 8], { kind: "kaimingUniform" });
 * graph.output("y", gemm(x, w, undefined, { transposeB: true }));
 */
export class Graph {
  readonly name: string;
  readonly inputs = new Map<string, Value>();
  readonly parameters = new Map<string, Value>();
  readonly nodes: Node[] = [];
  readonly outputs = new Map<string, Value>();
  /** Lowest version of each operator domain in which the nodes of an imported file mean what they say. */
  readonly opsets = new Map<string, number>();
  readonly #names = new Set<string>();
  readonly #counters = new Map<string, number>();
  readonly #constants = new Map<string, Value>();
  #scope = "";
  #prefix = "";
  #block: string | undefined;
  readonly #bounds: GraphBounds | undefined;
  #elements = 0;
  #mostNodes = Infinity;

  /** @param bounds how large it may become; without bounds where they are left out */
  constructor(name = "graph", bounds?: GraphBounds) {
    this.name = name;
    this.#bounds = bounds;
  }

  /** Adds a value that is fed at every run. */
  input(name: string, dtype: DataType, shape: readonly number[], random?: RandomSource): Value {
    return this.#input(`${this.#prefix}${name}`, dtype, shape, random);
  }

  /**
   * Adds an input that is drawn at every step under a name of its own, counted where the name is taken: a layer that is
   * applied to two views of an example drops other numbers in each.
   */
  randomInput(name: string, dtype: DataType, shape: readonly number[], random: RandomSource): Value {
    const stem = `${this.#prefix}${name}`;
    let free = stem;
    for (let i = 1; this.#names.has(free); i++) free = `${stem}.${i}`;
    return this.#input(free, dtype, shape, random);
  }

  #input(name: string, dtype: DataType, shape: readonly number[], random?: RandomSource): Value {
    requireSize(shape, name);
    this.#claim(name);
    const value = new Value({
      graph: this,
      kind: "input",
      name,
      type: { dtype, shape },
      ...(random ? { random } : {}),
    });
    this.inputs.set(name, value);
    return value;
  }

  /**
   * Adds a weight, or returns the one of that name, so that tied weights are written by naming them twice.
   *
   * @throws VesaliusError `shape-mismatch` when a parameter of that name has another shape.
   */
  parameter(name: string, shape: readonly number[], initializer: Initializer, dtype: DataType = "float32"): Value {
    return this.#weight(name, { dtype, shape }, initializer, false);
  }

  /**
   * Adds a parameter that training never changes by a gradient, as PyTorch's buffers: running statistics, fixed tables.
   * A training step replaces it by the output `${name}.next`, where the graph has one.
   *
   * @throws VesaliusError `shape-mismatch` when a parameter of that name has another shape.
   */
  buffer(name: string, shape: readonly number[], initializer: Initializer, dtype: DataType = "float32"): Value {
    return this.#weight(name, { dtype, shape }, initializer, true);
  }

  #weight(own: string, { dtype, shape }: TensorType, initializer: Initializer, isBuffer: boolean): Value {
    const name = `${this.#prefix}${own}`;
    const existing = this.parameters.get(name);
    if (existing !== undefined) {
      if (!sameShape(existing.shape, shape))
        throw new VesaliusError(
          "shape-mismatch",
          `parameter has shape ${formatShape(existing.shape)}, asked for as ${formatShape(shape)}`,
          { where: name },
        );
      return existing;
    }
    requireSize(shape, name);
    this.#claim(name);
    this.#count(name, shape);
    const value = new Value({ graph: this, kind: "parameter", name, type: { dtype, shape }, initializer, isBuffer });
    this.parameters.set(name, value);
    return value;
  }

  /** Counts a parameter against the bounds, so that building ends where there cannot be weights for it. */
  #count(name: string, shape: readonly number[]): void {
    this.#elements += elementCount(shape);
    if (this.#bounds === undefined) return;
    const { parameters, elements, because } = this.#bounds;
    if (this.parameters.size < parameters && this.#elements <= elements) return;
    throw new VesaliusError(
      "checkpoint-mismatch",
      `the configuration asks for more weights than there are: ${because}`,
      {
        where: name,
        fix: "check that configuration and checkpoint belong together",
      },
    );
  }

  /**
   * Builds something of at most so many operators: settings that come from files can ask for any number of layers.
   *
   * @throws VesaliusError `bad-configuration` where it needs more
   */
  withinNodes<Result>(most: number, build: () => Result): Result {
    const before = this.#mostNodes;
    this.#mostNodes = Math.min(before, this.nodes.length + most);
    try {
      return build();
    } finally {
      this.#mostNodes = before;
    }
  }

  #countNode(name: string): void {
    if (this.nodes.length < this.#mostNodes) return;
    throw new VesaliusError("bad-configuration", `the network asks for more than ${this.#mostNodes} operators`, {
      where: name,
      fix: "use fewer layers, stages or experts",
    });
  }

  /** Adds a tensor fixed in the graph. Small equal constants are shared. */
  constant(tensor: Tensor, name?: string): Value {
    const key =
      name === undefined && tensor.data.length <= 16
        ? `${tensor.dtype}|${tensor.shape.join(",")}|${Array.from(tensor.data as ArrayLike<unknown>, (x) => (Object.is(x, -0) ? "-0" : String(x))).join(",")}`
        : undefined;
    const shared = key === undefined ? undefined : this.#constants.get(key);
    if (shared !== undefined) return shared;
    const unique = name ?? this.#unique("constant");
    this.#claim(unique);
    const value = new Value({ graph: this, kind: "constant", name: unique, type: tensor, tensor });
    if (key !== undefined) this.#constants.set(key, value);
    return value;
  }

  /** Constant float32 tensor with one value everywhere; equal ones are shared. */
  filled(shape: readonly number[], value: number): Value {
    const key = `filled|${shape.join(",")}|${value}`;
    const shared = this.#constants.get(key);
    if (shared !== undefined) return shared;
    const count = elementCount(shape);
    if (!(count <= largestConstant))
      throw new VesaliusError("bad-configuration", `a table of ${formatShape(shape)} is more than fits into memory`, {
        where: this.#scope,
        fix: "use smaller sizes",
      });
    const data = new Float32Array(count).fill(value);
    const constant = this.constant({ dtype: "float32", shape, data }, this.#unique("filled"));
    this.#constants.set(key, constant);
    return constant;
  }

  /** Constant vector of int64, as shapes, axes and pads are given in ONNX. */
  int64(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    const part = values.find((value) => !Number.isInteger(value));
    if (part !== undefined)
      throw new VesaliusError("bad-configuration", `an extent of ${part} is no whole number`, {
        where: this.#scope,
        fix: "choose sizes that divide each other: heads the width, patches the image, groups the channels",
      });
    return this.constant({ dtype: "int64", shape, data: BigInt64Array.from(values, BigInt) });
  }

  /** Constant scalar, float32 unless another type is named. */
  scalar(value: number, dtype: DataType = "float32"): Value {
    return this.constant(filled(dtype, [], value));
  }

  /**
   * Adds a node and infers the types of its outputs.
   *
   * @throws VesaliusError `unsupported-operator` when the operator is not in the registry and no types are given;
   * `shape-mismatch` or `bad-argument` when the inputs do not fit, naming the node.
   */
  node(type: string, inputs: readonly (Value | undefined)[], options: NodeOptions = {}): readonly Value[] {
    const { attributes = {}, outputCount = options.outputNames?.length ?? 1, domain = "" } = options;
    const name = options.name ?? this.#unique(`${this.#scope}${type}`);
    for (const input of inputs)
      if (input !== undefined && input.graph !== this)
        throw new VesaliusError("bad-argument", `value "${input.name}" belongs to another graph`, { where: name });
    const types = options.outputTypes ?? inferTypes(type, inputs, { attributes, domain, outputCount, name });
    for (const { shape } of types) requireSize(shape, name);
    this.#countNode(name);
    const outputs: Value[] = [];
    const node: Node = {
      name,
      type,
      domain,
      inputs,
      attributes,
      outputs,
      ...(options.gradient ? { gradient: options.gradient } : {}),
      ...(this.#block === undefined ? {} : { block: this.#block }),
    };
    for (let i = 0; i < outputCount; i++) {
      const outputName = options.outputNames?.[i] ?? (outputCount === 1 ? `${name}:out` : `${name}:out${i}`);
      this.#claim(outputName);
      outputs.push(new Value({ graph: this, kind: "node", name: outputName, type: types[i]!, node }));
    }
    this.nodes.push(node);
    return outputs;
  }

  /** Notes that nodes of a domain need at least this version of it. */
  requireOpset(domain: string, version: number): void {
    this.opsets.set(domain, Math.max(version, this.opsets.get(domain) ?? 0));
  }

  /** Whether a value of that name exists. */
  hasName(name: string): boolean {
    return this.#names.has(name);
  }

  /** Names a value as a result of the graph. */
  output(name: string, value: Value): Value {
    if (value.graph !== this) throw new VesaliusError("bad-argument", `value "${value.name}" belongs to another graph`);
    if (this.outputs.has(name)) throw new VesaliusError("bad-argument", `the graph already has an output "${name}"`);
    this.outputs.set(name, value);
    return value;
  }

  /** Runs `build` with a prefix on the names of the nodes that it adds, so that messages say which layer is meant. */
  scope<T>(prefix: string, build: () => T): T {
    const outer = this.#scope;
    this.#scope = `${outer}${prefix}/`;
    try {
      return build();
    } finally {
      this.#scope = outer;
    }
  }

  /**
   * Runs `build` with a prefix on the names of the parameters, buffers and inputs that it adds or asks for, so that
   * several networks stand in one graph: `image.conv1.weight`. Prefixes add up; nodes and blocks carry them too.
   *
   * @param prefix with its dot, `image.`
   */
  named<T>(prefix: string, build: () => T): T {
    const outer = this.#prefix;
    this.#prefix = `${outer}${prefix}`;
    try {
      return this.scope(prefix.replace(/\.$/, ""), build);
    } finally {
      this.#prefix = outer;
    }
  }

  /**
   * Runs `build` and marks the nodes that it adds as one block of the model, such as a transformer layer: a part that is
   * entered with few values and holds many activations, which a training step may compute again in place of keeping
   * them. A block inside another is part of the outer one.
   *
   * @param name of the block; without one nothing is marked
   */
  block<T>(name: string | undefined, build: () => T): T {
    const outer = this.#block;
    this.#block = outer ?? (name === undefined ? undefined : `${this.#prefix}${name}`);
    try {
      return build();
    } finally {
      this.#block = outer;
    }
  }

  /**
   * The output of that name.
   *
   * @throws VesaliusError `bad-argument` listing the outputs there are.
   */
  result(name: string): Value {
    const value = this.outputs.get(name);
    if (value === undefined)
      throw new VesaliusError(
        "bad-argument",
        `the graph has no output "${name}", only: ${[...this.outputs.keys()].join(", ")}`,
      );
    return value;
  }

  #claim(name: string): void {
    if (this.#names.has(name)) throw new VesaliusError("bad-argument", `the graph already has a value named "${name}"`);
    this.#names.add(name);
  }

  #unique(stem: string): string {
    let name: string;
    do {
      const count = this.#counters.get(stem) ?? 0;
      this.#counters.set(stem, count + 1);
      name = `${stem}_${count}`;
    } while (this.#names.has(name) || this.#names.has(`${name}:out`) || this.#names.has(`${name}:out0`));
    return name;
  }
}
