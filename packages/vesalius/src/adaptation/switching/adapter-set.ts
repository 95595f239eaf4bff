import { VesaliusError } from "../../common/errors.ts";
import type { Graph, Tensors } from "../../graph/index.ts";
import { type Backend, Program, type SessionOptions } from "../../runtime/index.ts";
import { type AttachedAdapter, reattachAdapter, type TrainedAdapter } from "../attach.ts";
import { jointConfig, jointLora, type LoraMember, loraMember } from "./joint-lora.ts";

/** A program that several adapters share, because they change the graph in the same way. */
interface Shared {
  /** Identifies the graph; another one is compiled when it changes. */
  plan: string;
  program: Promise<Program> | undefined;
  /** Parameters of the program that differ from the base's, by adapter. */
  states: Map<string, Tensors>;
  readonly members: Map<string, { readonly attached: AttachedAdapter; readonly lora: LoraMember | undefined }>;
}

/** Adapters that may share a program have the same key. */
function keyOf({ config }: AttachedAdapter, lora: LoraMember | undefined): string {
  if (lora === undefined) return JSON.stringify(config);
  // With DoRA a module that an adapter leaves alone could not be told from one whose magnitudes it learned.
  return lora.config.dora
    ? `dora ${lora.modules
        .map(({ module }) => module)
        .sort()
        .join()}`
    : "lora";
}

/**
 * Several adapters on one base. The base's weights are held once and fed to every program, so that switching reloads
 * nothing: LoRA adapters share one program, their factors padded to the largest rank; DoRA adapters of the same modules
 * share one, as do adapters of other types with the same settings. Without an adapter the base's own program runs, so
 * that its outputs are those of the base to the last bit.
 *
 * @example
 * const model = await AdapterSet.open(graph, weights, backend);
 * model.add("pneumonia", readAdapterFiles(config, bytes, "adapters/pneumonia"));
 * model.setAdapter("pneumonia");
 * const outputs = await model.run(feeds);
 */
export class AdapterSet {
  readonly #graph: Graph;
  readonly #weights: Tensors;
  readonly #backend: Backend;
  readonly #options: SessionOptions;
  readonly #base: Program;
  readonly #shared = new Map<string, Shared>();
  /** Key of the program of each adapter. */
  readonly #keys = new Map<string, string>();
  #active: string | null = null;

  private constructor(graph: Graph, weights: Tensors, backend: Backend, options: SessionOptions, base: Program) {
    this.#graph = graph;
    this.#weights = weights;
    this.#backend = backend;
    this.#options = options;
    this.#base = base;
  }

  /**
   * Opens a base without adapters.
   *
   * @param graph the base's, built here or imported
   * @param weights every parameter of the graph; kept, not copied
   */
  static async open(
    graph: Graph,
    weights: Tensors,
    backend: Backend,
    options: SessionOptions = {},
  ): Promise<AdapterSet> {
    return new AdapterSet(graph, weights, backend, options, await Program.compile(graph, backend, [], options));
  }

  /** Names of the adapters, in the order in which they were added. */
  get names(): readonly string[] {
    return [...this.#keys.keys()];
  }

  /** Name of the adapter that runs; null for the base alone. */
  get active(): string | null {
    return this.#active;
  }

  /**
   * Adds an adapter under a name. Weights of the base that it brings along (a head of its own) stand in for the base's
   * while it is active.
   *
   * @throws VesaliusError `bad-argument` for a name that is taken; `bad-configuration` or `checkpoint-mismatch` for an
   * adapter that does not fit the base
   */
  add(name: string, adapter: TrainedAdapter): void {
    if (this.#keys.has(name))
      throw new VesaliusError("bad-argument", `there is an adapter "${name}" already`, { fix: "choose another name" });
    const attached = reattachAdapter(this.#graph, this.#weights, adapter, `adapter ${name}`);
    const lora = loraMember(attached);
    const key = keyOf(attached, lora);
    const shared = this.#shared.get(key) ?? { plan: "", program: undefined, states: new Map(), members: new Map() };
    shared.members.set(name, { attached, lora });
    this.#shared.set(key, shared);
    this.#keys.set(name, key);
  }

  /**
   * Chooses the adapter of the runs from now on; null for the base alone. Nothing is loaded.
   *
   * @throws VesaliusError `bad-argument` for a name that was not added, listing those that were
   */
  setAdapter(name: string | null): void {
    if (name !== null && !this.#keys.has(name))
      throw new VesaliusError("bad-argument", `there is no adapter "${name}"`, {
        fix: `choose one of ${this.names.join(", ") || "none"}, or null for the base`,
      });
    this.#active = name;
  }

  /** Runs the base with the active adapter. */
  async run(feeds: Tensors): Promise<Tensors> {
    const name = this.#active;
    if (name === null) return this.#base.run(feeds, this.#weights);
    const shared = this.#shared.get(this.#keys.get(name)!)!;
    const program = await this.#compiled(shared);
    const { adapted, weights } = shared.members.get(name)!.attached;
    const brought = [...weights].filter(([parameter]) => this.#graph.parameters.has(parameter));
    const own = shared.states.get(name) ?? new Map(adapted.parameters.map((each) => [each, weights.get(each)!]));
    return program.run(feeds, new Map([...brought, ...own]));
  }

  /** Frees the engine's memory. The set cannot be used afterwards. */
  async release(): Promise<void> {
    await this.#base.release();
    for (const { program } of this.#shared.values()) await (await program)?.release();
  }

  /** The program of a group, made anew when an adapter was added that it was not made for. */
  async #compiled(shared: Shared): Promise<Program> {
    const [first] = shared.members.values();
    const loras = [...shared.members].flatMap(([name, { lora }]) =>
      lora === undefined ? [] : [[name, lora] as const],
    );
    const config = loras.length === 0 ? undefined : jointConfig(loras.map(([, lora]) => lora));
    const plan = JSON.stringify([config, [...shared.members.keys()]]);
    if (shared.program !== undefined && shared.plan === plan) return shared.program;
    const former = shared.program;
    const joint = config && jointLora(this.#graph, config);
    const graph = joint?.graph ?? first!.attached.adapted.graph;
    shared.states = new Map(joint === undefined ? [] : loras.map(([name, lora]) => [name, joint.stateOf(lora)]));
    const program = Program.compile(graph, this.#backend, [], this.#options);
    shared.program = program;
    shared.plan = plan;
    // A program that failed to compile is not remembered.
    program.catch(() => {
      if (shared.program === program) shared.program = undefined;
    });
    await (await former)?.release();
    return program;
  }
}
