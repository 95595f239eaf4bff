import { VesaliusError } from "../common/errors.ts";
import {
  ancestors,
  formatShape,
  type Graph,
  type Node,
  sameShape,
  type Tensor,
  type Tensors,
  type Value,
  zeros,
} from "../graph/index.ts";
import type { Backend, Session, SessionOptions } from "./backend.ts";
import { DeviceState } from "./device-state.ts";
import { loadGraph } from "./load-graph.ts";

/** A tensor that lives on between runs: read as one value of the graph, replaced by an output. */
export interface StateSlot {
  /** Name of the parameter or input that reads the state. */
  readonly read: string;
  /** Name of the output that holds the next state. */
  readonly write: string;
}

/** Operators whose kernels may write their result over an operand of the same shape. */
const elementWise = new Set(["Add", "Sub", "Mul", "Div", "Identity", "Where", "Sqrt"]);

/** Operators that write single places of their first operand, which their kernels leave where it is if they may. */
const scattering = new Set(["ScatterND", "ScatterElements"]);

/** Whether a node's kernel may write its result over an operand that it reads. */
const writesOver = ({ type, inputs }: Node, operand: Value): boolean =>
  elementWise.has(type) || (scattering.has(type) && inputs.indexOf(operand) === 0 && !inputs.includes(operand, 1));

/** Operators that the engine may fuse with what follows, so that the last node of the update reads what they read. */
const fusable = new Set(["MatMul", "Gemm", "Conv", "ConvTranspose", "LayerNormalization", "BatchNormalization"]);
/** Nodes in a row that the engine fuses at most. */
const longestFusion = 4;

/** Whether an operator that reads a value may become one node with the one that writes another value. */
function mayFuse(read: Value, written: Value): boolean {
  let reached: readonly Value[] = [written];
  for (let distance = 0; distance < longestFusion; distance++) {
    const nodes = reached.flatMap(({ node }) => node ?? []);
    if (nodes.some(({ type, inputs }) => fusable.has(type) && inputs.includes(read))) return true;
    reached = [...new Set(nodes.flatMap(({ inputs }) => inputs.filter((input) => input !== undefined)))];
  }
  return false;
}

/** The value that reads a state. */
function stateOf(graph: Graph, name: string): Value {
  const value = graph.parameters.get(name) ?? graph.inputs.get(name);
  if (value === undefined)
    throw new VesaliusError("bad-argument", "the graph has no parameter or input to read this state", { where: name });
  return value;
}

/**
 * Whether a state may be overwritten by its successor in the same run: everything that reads the old state has to be
 * finished before the new one is written, and the node that writes it must go element by element or leave all but a few
 * places as they are.
 */
export function overwritable(graph: Graph, slot: StateSlot): boolean {
  const old = stateOf(graph, slot.read);
  const next = graph.result(slot.write);
  // An output that is the old state itself is copied at a time that nobody fixes.
  if ([...graph.outputs.values()].includes(old)) return false;
  if (mayFuse(old, next)) return false;
  const before = ancestors([next]);
  for (const node of graph.nodes) {
    if (!node.inputs.includes(old)) continue;
    if (node === next.node) {
      if (!writesOver(node, old)) return false;
    } else if (!node.outputs.some((output) => before.has(output))) return false;
  }
  return true;
}

/** Settings of a program beyond those of its session. */
export interface ProgramOptions extends SessionOptions {
  /** Weights that stand in the model in place of being fed: the 4-bit ones, which an engine takes in no other way. */
  readonly stored?: Tensors;
}

/** A graph loaded into a backend, with the tensors that persist from run to run. */
export class Program {
  readonly graph: Graph;
  readonly states: readonly StateSlot[];
  readonly #session: Session;
  readonly #inPlace: ReadonlySet<string>;
  readonly #device: DeviceState | undefined;
  readonly #spare = new Map<string, Tensor>();

  private constructor(
    graph: Graph,
    states: readonly StateSlot[],
    session: Session,
    inPlace: ReadonlySet<string>,
    device: DeviceState | undefined,
  ) {
    this.graph = graph;
    this.states = states;
    this.#session = session;
    this.#inPlace = inPlace;
    this.#device = device;
  }

  /**
   * Compiles a graph. Parameters stay inputs of the model, so that one session serves changing weights.
   *
   * @param states which outputs replace which values after each run
   * @throws VesaliusError `bad-argument` or `shape-mismatch` when a state is not read by the graph, or is replaced by
   * an output of another type
   */
  static async compile(
    graph: Graph,
    backend: Backend,
    states: readonly StateSlot[] = [],
    { stored = new Map(), ...options }: ProgramOptions = {},
  ): Promise<Program> {
    for (const { read, write } of states) {
      const [old, next] = [stateOf(graph, read), graph.result(write)];
      if (old.dtype !== next.dtype || !sameShape(old.shape, next.shape))
        throw new VesaliusError(
          "shape-mismatch",
          `a state ${old.dtype}${formatShape(old.shape)} cannot become ${next.dtype}${formatShape(next.shape)}`,
          { where: read },
        );
    }
    const { device } = backend;
    const keepOnDevice =
      device && states.filter(({ read }) => device.stores(stateOf(graph, read))).map(({ write }) => write);
    const settings = { ...(keepOnDevice ? { keepOnDevice } : {}), ...options };
    const session = await loadGraph(graph, backend, settings, { weights: stored });
    const inPlace = new Set(
      backend.writesInPlace ? states.filter((slot) => overwritable(graph, slot)).map(({ write }) => write) : [],
    );
    const resident = device && new DeviceState(device, session.inputNames);
    const program = new Program(graph, states, session, inPlace, resident);
    // A state that cannot be overwritten alternates between two buffers where the backend fills given ones.
    if (backend.writesInPlace)
      for (const { read, write } of states)
        if (!inPlace.has(write)) {
          const value = stateOf(graph, read);
          program.#spare.set(write, zeros(value.dtype, value.shape));
        }
    return program;
  }

  /**
   * Runs once. `state` is updated: its tensors are overwritten or replaced by their successors, which lie in the
   * device's memory where the backend has one (see `download`). There, what else `state` holds is copied to the device
   * once and read from there as long as the map holds the same tensor, so its elements must not change.
   *
   * @param feeds inputs of this run
   * @param state parameters and persistent tensors by the name under which the graph reads them
   * @returns the outputs that are not states
   */
  async run(feeds: Tensors, state: Tensors): Promise<Tensors> {
    const all: Tensors = this.#device?.resident(state) ?? new Map(state);
    for (const [name, tensor] of feeds) all.set(name, tensor);
    const fetches: Tensors = new Map();
    for (const { read, write } of this.states) {
      const held = state.get(read);
      if (held === undefined)
        throw new VesaliusError("bad-argument", "a state of the program is missing", { where: read });
      const target = this.#inPlace.has(write) ? held : this.#spare.get(write);
      if (target !== undefined) fetches.set(write, target);
    }
    const outputs = await this.#session.run(all, fetches);
    for (const { read, write } of this.states) {
      const next = outputs.get(write)!;
      outputs.delete(write);
      if (this.#spare.has(write)) this.#spare.set(write, state.get(read)!);
      this.#device?.replaced(read, state.get(read)!);
      state.set(read, next);
    }
    return outputs;
  }

  /** Copies of those tensors that lie in the device's memory, in the main memory; the others as they are. */
  async download(tensors: Tensors): Promise<Tensors> {
    return this.#device === undefined ? tensors : this.#device.download(tensors);
  }

  /**
   * Frees the session, and what the program holds in the device's memory.
   *
   * @param state tensors that nobody reads any more; those of the main memory are left alone
   */
  async release(state: Tensors = new Map()): Promise<void> {
    // Before the session, whose allocator the tensors that it made come from.
    this.#device?.release(state);
    await this.#session.release();
  }
}
