import { type RandomStream, randomStream } from "../../../common/random.ts";
import { VesaliusError } from "../../../common/errors.ts";
import {
  ancestors,
  definitionOf,
  elementCount,
  gradients,
  type Graph,
  hasStaticShape,
  multiply,
  reduceSum,
  sum,
  type Tensor,
  type Tensors,
  toOnnx,
  type Value,
} from "../../../graph/index.ts";
import type { Backend } from "../../../runtime/index.ts";
import {
  contradicts,
  derivativeSettings,
  drawMove,
  judge,
  type Judgement,
  type Move,
  moved,
  predicted,
} from "./differences.ts";

/** What came of checking a derivative. */
export type DerivativeCheck =
  | { readonly status: "checked" }
  | { readonly status: "skipped"; readonly reason: string }
  | { readonly status: "wrong"; readonly reason: string };

const skipped = (reason: string): DerivativeCheck => ({ status: "skipped", reason });

const projection = (i: number): string => `vesalius:projection ${i}`;
const gradientPrefix = "vesalius:gradient of ";

interface Differentiated {
  readonly model: Uint8Array;
  readonly outputs: readonly string[];
  readonly sources: readonly Value[];
}

/** Values that a source changes, with the nodes that compute them. */
function dependents(graph: Graph, sources: readonly Value[]): ReadonlySet<Value> {
  const reached = new Set(sources);
  for (const { inputs, outputs } of graph.nodes)
    if (inputs.some((input) => input !== undefined && reached.has(input)))
      for (const output of outputs) reached.add(output);
  return reached;
}

/** Why differences would not show the derivative of an output, or there is none; undefined where it can be checked. */
function obstacle(output: Value, sources: readonly Value[]): string | undefined {
  const between = ancestors([output]);
  for (const value of dependents(output.graph, sources)) {
    if (!between.has(value) || value.node === undefined) continue;
    const { type, domain } = value.node;
    if (definitionOf(type, domain)?.straightThrough !== undefined)
      return `gradients go straight through the rounding of ${type}, which differences do not`;
    if (value.dtype === "float16" || value.dtype === "bfloat16")
      return `${type} computes in ${value.dtype}, whose rounding is larger than the differences`;
  }
  try {
    gradients(reduceSum(output, undefined, { keepDimensions: false }), sources);
    return undefined;
  } catch (error) {
    if (error instanceof VesaliusError && error.code === "not-differentiable") return error.what;
    throw error;
  }
}

/** Adds the gradient of a random projection of the float32 outputs that have one; a reason where none has. */
function differentiate(graph: Graph): Differentiated | string {
  const sources = [...graph.inputs.values(), ...graph.parameters.values()].filter(
    ({ dtype, shape }) => dtype === "float32" && elementCount(shape) > 0,
  );
  if (sources.length === 0) return "no float32 input";
  const floating = [...graph.outputs]
    .filter(([, value]) => value.dtype === "float32" && hasStaticShape(value))
    .filter(([, { shape }]) => elementCount(shape) > 0);
  if (floating.length === 0) return "no float32 output of a static shape with elements";
  const obstacles = floating.map(([, value]) => obstacle(value, sources));
  const outputs = floating.filter((_, i) => obstacles[i] === undefined);
  if (outputs.length === 0) return obstacles[0]!;
  const terms = outputs.map(([, y], i) =>
    reduceSum(multiply(y, graph.input(projection(i), "float32", y.shape)), undefined, { keepDimensions: false }),
  );
  const found = gradients(sum(terms), sources);
  if (found.size === 0) return "the outputs have no derivative";
  for (const [value, gradient] of found) graph.output(`${gradientPrefix}${value.name}`, gradient);
  return { model: toOnnx(graph), outputs: outputs.map(([name]) => name), sources };
}

/** Random numbers that the outputs are summed with; those of an output that is no finite number do not count. */
function projections(outputs: readonly string[], base: Tensors, seed: number): Tensor[] {
  return outputs.map((name, i): Tensor => {
    const { shape, data } = base.get(name)!;
    const stream = randomStream(seed, "projection", i);
    const numbers = Float32Array.from(data as Float32Array, (y) => {
      const weight = 2 * stream.uniform() - 1;
      return Number.isFinite(y) ? weight : 0;
    });
    return { dtype: "float32", shape, data: numbers };
  });
}

/** Gradients with the elements left out that are no finite numbers, which outputs that are none make so. */
function finiteAlone(gradient: Tensor | undefined): Tensor | undefined {
  if (gradient === undefined) return undefined;
  const data = (gradient.data as Float32Array).map((x) => (Number.isFinite(x) ? x : 0));
  return { ...gradient, data };
}

const isFinite = ({ data }: Tensor): boolean => (data as Float32Array).every((x) => Number.isFinite(x));

/** A move without the elements whose gradient is no finite number. */
const whereFinite = (move: Move, gradientOf: (source: string) => Tensor | undefined): Move =>
  new Map(
    [...move].map(([name, along]) => {
      const gradient = gradientOf(name)?.data as Float32Array | undefined;
      return [
        name,
        gradient === undefined ? along : along.map((amount, i) => (Number.isFinite(gradient[i]) ? amount : 0)),
      ];
    }),
  );

/**
 * Compares the gradient of a graph with central differences along random directions that move a few elements each, in
 * several sizes. A direction says nothing where differences of two steps disagree (it crosses a kink, or leaves the
 * domain), where rounding is as large as they are, or where outputs are infinite; it speaks against the gradient where the
 * slopes of two sizes agree with each other and not with it. Of the directions that say something most have to agree,
 * since a kink can also go unnoticed.
 *
 * @param graph the graph to check; the gradient is added to it
 * @param feeds inputs and parameters by name
 * @param seed names all random numbers
 */
export async function checkDerivative(
  graph: Graph,
  feeds: Tensors,
  backend: Backend,
  seed = 0,
): Promise<DerivativeCheck> {
  const differentiated = differentiate(graph);
  if (typeof differentiated === "string") return skipped(differentiated);
  const { outputs, sources } = differentiated;
  const session = await backend.load(differentiated.model, { threads: 1 });
  try {
    const all: Tensors = new Map(feeds);
    for (const [i, name] of outputs.entries()) {
      const { shape } = graph.result(name);
      all.set(projection(i), { dtype: "float32", shape, data: new Float32Array(elementCount(shape)) });
    }
    const results = await session.run(all);
    const weights = projections(outputs, results, seed);
    if (weights.every(({ data }) => (data as Float32Array).every((weight) => weight === 0)))
      return skipped("the outputs are infinite or no numbers at these inputs");
    weights.forEach((tensor, i) => all.set(projection(i), tensor));
    const base = await session.run(all);
    const isWhole = outputs.every((name) => isFinite(results.get(name)!));
    const given = (name: string): Tensor | undefined => base.get(`${gradientPrefix}${name}`);
    const gradientOf = isWhole ? given : (name: string) => finiteAlone(given(name));
    const { attempts, sizes } = derivativeSettings;
    let agreeing = 0;
    const wrong: string[] = [];
    const reasons = new Set<string>();
    for (let attempt = 0; attempt < attempts; attempt++) {
      const stream = (name: string): RandomStream => randomStream(seed, "direction", name, attempt);
      const drawn = drawMove(sources, feeds, stream, attempt % 2 === 0 ? gradientOf : undefined);
      const move = isWhole ? drawn : whereFinite(drawn, given);
      const gradient = predicted(move, gradientOf);
      const found: { size: number; judgement: Judgement }[] = [];
      for (const size of sizes) {
        const at = (share: number): Promise<Tensors> => session.run(moved(all, move, share));
        const judgement = await judge(size, at, { base, outputs, weights }, gradient);
        found.push({ size, judgement });
        if (judgement.kind === "agrees" || contradicts(found)) break;
      }
      if (found.some(({ judgement }) => judgement.kind === "agrees")) agreeing++;
      else if (contradicts(found)) wrong.push(describe(found));
      else for (const { judgement } of found) if (judgement.kind === "says nothing") reasons.add(judgement.reason);
      if (agreeing >= 2 && wrong.length === 0) break;
    }
    if (agreeing + wrong.length === 0)
      return skipped([...reasons][0] ?? "differences of several sizes do not agree with each other");
    return wrong.length >= Math.max(agreeing, 1) ? { status: "wrong", reason: wrong[0]! } : { status: "checked" };
  } finally {
    await session.release();
  }
}

function describe(found: readonly { readonly judgement: Judgement }[]): string {
  for (const { judgement } of found)
    if (judgement.kind === "disagrees")
      return `the gradient gives ${judgement.gradient}, central differences ${judgement.slope}`;
  return "";
}
