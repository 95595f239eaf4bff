import { type RandomStream, randomStream } from "../../../common/random.ts";
import { VesaliusError } from "../../../common/errors.ts";
import {
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

/**
 * Step of the central differences, and largest difference between gradient and differences as a share of the size of
 * their terms. float32 leaves about three digits.
 */
export const derivativeSettings = { step: 2 ** -7, tolerance: 1e-2, attempts: 6, movedElements: 32 } as const;

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

/** Why an output cannot be differentiated; undefined where it can. */
function obstacle(output: Value, sources: readonly Value[]): string | undefined {
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
  const floating = [...graph.outputs].filter(([, value]) => value.dtype === "float32" && hasStaticShape(value));
  if (floating.length === 0) return "no float32 output of a static shape";
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

/** Spacing of float32 numbers of that size. */
const spacing = (x: number): number => 2 ** (Math.floor(Math.log2(Math.max(Math.abs(x), 2 ** -100))) - 23);

/**
 * Moves a few random elements of each source, by amounts that float32 holds exactly, halved as well, at their place.
 *
 * @param along gives the moves the signs of these gradients, so that a wrong factor is not hidden by terms that cancel
 */
function drawMove(
  sources: readonly Value[],
  feeds: Tensors,
  stream: (source: string) => RandomStream,
  along?: (source: string) => Tensor | undefined,
): Map<string, Float64Array> {
  return new Map(
    sources.map(({ name, shape }) => {
      const random = stream(name);
      const gradient = along?.(name)?.data as Float32Array | undefined;
      const move = new Float64Array(elementCount(shape));
      const x = feeds.get(name)!.data as Float32Array;
      for (const i of random.permutation(move.length).slice(0, derivativeSettings.movedElements)) {
        const grain = 2 * spacing(Math.abs(x[i]!) + derivativeSettings.step);
        const amount = Math.round(((2 * random.uniform() - 1) * derivativeSettings.step) / grain) * grain;
        move[i] = gradient === undefined || gradient[i] === 0 ? amount : Math.abs(amount) * Math.sign(gradient[i]!);
      }
      return [name, move];
    }),
  );
}

function moved(feeds: Tensors, move: ReadonlyMap<string, Float64Array>, share: number): Tensors {
  const result: Tensors = new Map(feeds);
  for (const [name, along] of move) {
    const tensor = feeds.get(name)!;
    result.set(name, { ...tensor, data: (tensor.data as Float32Array).map((x, i) => x + share * along[i]!) });
  }
  return result;
}

/** Change of the projected outputs from one run to another, and the size of its terms, in double precision. */
function change(from: Tensors, to: Tensors, outputs: readonly string[], weights: readonly Tensor[]) {
  let [value, squares] = [0, 0];
  outputs.forEach((name, k) => {
    const w = weights[k]!.data as Float32Array;
    const [a, b] = [from.get(name)!.data as Float32Array, to.get(name)!.data as Float32Array];
    for (let i = 0; i < w.length; i++) {
      if (Object.is(a[i], b[i])) continue;
      const term = w[i]! * (b[i]! - a[i]!);
      value += term;
      squares += term * term;
    }
  });
  return { value, size: Math.sqrt(squares) };
}

/** The change that the gradients predict for a move. */
function predicted(move: ReadonlyMap<string, Float64Array>, gradientOf: (source: string) => Tensor | undefined) {
  let [value, squares] = [0, 0];
  for (const [name, along] of move) {
    const gradient = gradientOf(name)?.data as Float32Array | undefined;
    if (gradient === undefined) continue;
    along.forEach((amount, i) => {
      if (amount === 0) return;
      value += amount * gradient[i]!;
      squares += (amount * gradient[i]!) ** 2;
    });
  }
  return { value, size: Math.sqrt(squares) };
}

/**
 * Compares the gradient of a graph with central differences along random directions that move a few elements each. A
 * direction along which differences of two steps disagree crosses a kink or leaves the domain, and says nothing; of the
 * others most have to agree, since a kink can also go unnoticed.
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
  const weights = outputs.map((name, i): Tensor => {
    const { shape } = graph.result(name);
    const stream = randomStream(seed, "projection", i);
    return {
      dtype: "float32",
      shape,
      data: Float32Array.from({ length: elementCount(shape) }, () => 2 * stream.uniform() - 1),
    };
  });
  const all: Tensors = new Map(feeds);
  weights.forEach((tensor, i) => all.set(projection(i), tensor));
  const session = await backend.load(differentiated.model, { threads: 1 });
  try {
    const base = await session.run(all);
    const gradientOf = (name: string): Tensor | undefined => base.get(`${gradientPrefix}${name}`);
    const { tolerance, attempts, step } = derivativeSettings;
    let agreeing = 0;
    const wrong: string[] = [];
    for (let attempt = 0; attempt < attempts; attempt++) {
      const stream = (name: string): RandomStream => randomStream(seed, "direction", name, attempt);
      const move = drawMove(sources, feeds, stream, attempt % 2 === 0 ? gradientOf : undefined);
      const at = (share: number): Promise<Tensors> => session.run(moved(all, move, share));
      const [low, lower, higher, high] = [await at(-1), await at(-0.5), await at(0.5), await at(1)];
      const [left, right] = [change(low, base, outputs, weights), change(base, high, outputs, weights)];
      const [nearLeft, nearRight] = [change(lower, base, outputs, weights), change(base, higher, outputs, weights)];
      const whole = change(low, high, outputs, weights);
      const expectation = predicted(move, gradientOf);
      const scale = Math.max(whole.size / 2, expectation.size, 1e-2 * step);
      const slope = whole.value / 2;
      const nearSlope = nearLeft.value + nearRight.value;
      // Half the step halves what the two sides of a smooth function differ by; at a kink it stays as it was.
      const bend = Math.abs(right.value - left.value);
      const nearBend = 2 * Math.abs(nearRight.value - nearLeft.value);
      const isSmooth =
        Math.abs(slope - nearSlope) <= (tolerance / 2) * scale && nearBend <= Math.max(0.7 * bend, tolerance * scale);
      if (!isSmooth) continue;
      if (Math.abs(expectation.value - slope) <= tolerance * scale) agreeing++;
      else wrong.push(`the gradient gives ${expectation.value}, central differences ${slope}`);
      if (agreeing >= 2 && wrong.length === 0) break;
    }
    if (agreeing + wrong.length === 0) return skipped("not smooth at these inputs");
    return wrong.length >= Math.max(agreeing, 1) ? { status: "wrong", reason: wrong[0]! } : { status: "checked" };
  } finally {
    await session.release();
  }
}
