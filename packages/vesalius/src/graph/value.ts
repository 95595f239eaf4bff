import type { Graph } from "./graph.ts";
import type { DataType, Tensor, TensorType } from "../common/tensor.ts";

/** Attribute values of ONNX operators. Graph attributes (If, Loop, Scan bodies) stay encoded as they were read. */
export type Attribute =
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "tensor"; readonly value: Tensor }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "strings"; readonly value: readonly string[] }
  | { readonly kind: "encoded"; readonly value: Uint8Array };

/** Attributes of a node by name. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** How a value comes to be: fed at each run, held as a weight, fixed in the graph, or computed by a node. */
export type ValueKind = "input" | "parameter" | "constant" | "node";

/** How the elements of a new parameter are drawn; see `initializeParameters`. */
export type Initializer =
  | { readonly kind: "zeros" }
  | { readonly kind: "ones" }
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "normal"; readonly standardDeviation: number }
  | { readonly kind: "truncatedNormal"; readonly standardDeviation: number }
  | { readonly kind: "uniform"; readonly bound: number }
  /** Glorot and Bengio 2010; `fanOut` and `fanIn` default to the first two axes times the rest. */
  | { readonly kind: "xavierUniform"; readonly fanIn?: number; readonly fanOut?: number }
  /** PyTorch's default of Linear and Conv: uniform in plus or minus 1 / sqrt(fanIn). */
  | { readonly kind: "kaimingUniform"; readonly fanIn?: number }
  | { readonly kind: "values"; readonly tensor: Tensor };

/**
 * Random numbers that a graph needs at each training step. They are inputs drawn by a seeded generator outside the
 * graph, because backends differ in which random operators they have and none of them is reproducible across devices.
 */
export type RandomSource =
  /** 1 / keep with probability keep, else 0: an inverted dropout mask. */
  | { readonly kind: "dropout"; readonly keep: number }
  | { readonly kind: "uniform" }
  | { readonly kind: "normal" }
  /** Each row of the last axis is a random permutation's first entries, out of `of`. */
  | { readonly kind: "permutation"; readonly of: number };

/** A symbolic tensor: a place in one graph with an element type and a static shape. */
export class Value implements TensorType {
  readonly graph: Graph;
  readonly kind: ValueKind;
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  /** The node that computes this value; undefined for inputs, parameters and constants. */
  readonly node: Node | undefined;
  /** Elements of a constant. */
  readonly tensor: Tensor | undefined;
  /** How a parameter starts. */
  readonly initializer: Initializer | undefined;
  /** How an input is drawn, for random inputs. */
  readonly random: RandomSource | undefined;
  /** Whether a parameter is a buffer, which is stored with the weights and never trained. */
  readonly isBuffer: boolean;

  constructor(fields: {
    graph: Graph;
    kind: ValueKind;
    name: string;
    type: TensorType;
    node?: Node;
    tensor?: Tensor;
    initializer?: Initializer;
    random?: RandomSource;
    isBuffer?: boolean;
  }) {
    this.graph = fields.graph;
    this.kind = fields.kind;
    this.name = fields.name;
    this.dtype = fields.type.dtype;
    this.shape = fields.type.shape;
    this.node = fields.node;
    this.tensor = fields.tensor;
    this.initializer = fields.initializer;
    this.random = fields.random;
    this.isBuffer = fields.isBuffer ?? false;
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }
}

/** What a gradient rule sees of the node that it differentiates. */
export interface GradientContext {
  readonly node: Node;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  /** d loss / d output; undefined where the loss does not depend on that output. */
  readonly outputGradients: readonly (Value | undefined)[];
  /** Values beside the inputs that a node's own rule reads (see `CustomGradient`). */
  readonly uses: readonly Value[];
  /** Which inputs lead to a value that is differentiated; a rule may skip the others. */
  readonly needed: readonly boolean[];
}

/** Returns d loss / d input for each input; undefined where there is none. */
export type GradientRule = (context: GradientContext) => readonly (Value | undefined)[];

/**
 * A gradient rule of one node. A rule must not hold on to values of a graph, since rewriting copies the node into
 * another one: what it needs beside inputs and outputs stands in `uses`, which is translated with the node.
 */
export interface CustomGradient {
  readonly rule: GradientRule;
  readonly uses?: readonly Value[];
}

/** One operator application. */
export interface Node {
  readonly name: string;
  readonly type: string;
  /** Operator domain; the empty string is ONNX's own. */
  readonly domain: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
  /** Replaces the registered gradient of this node alone. */
  readonly gradient?: CustomGradient;
  /** The block of the model that this node is part of; see `Graph.block`. */
  readonly block?: string;
}
