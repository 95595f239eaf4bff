import { VesaliusError } from "../../common/errors.ts";
import { type RandomStream, randomStream } from "../../common/random.ts";
import { gradients } from "../autodiff.ts";
import { multiply, reduceSum, sum } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { toOnnx } from "../onnx/write.ts";
import { formatShape } from "../shapes.ts";
import { allocate, type DataType, elementCount, sameShape, type Tensor, type Tensors } from "../../common/tensor.ts";
import type { Value } from "../value.ts";

/** The part of a runtime backend that the checks need, so that one table of cases serves every backend. */
export interface Engine {
  load(
    model: Uint8Array,
    options?: { readonly threads?: number },
  ): Promise<{ run(feeds: Tensors): Promise<Tensors>; release(): Promise<void> }>;
}

/** How the elements of a test input are drawn. */
export type Elements =
  /** Independent uniform numbers in [low, high). */
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  /** A shuffled grid around zero without ties and without zero, for operators with kinks at ties or at 0. */
  | { readonly kind: "distinct"; readonly spacing: number }
  /** Integers from low to high, both included. */
  | { readonly kind: "integers"; readonly low: number; readonly high: number }
  | { readonly kind: "values"; readonly values: readonly number[] };

/** One random input of a graph under test. */
export interface TestInput {
  readonly shape: readonly number[];
  /** The precision of the case where it is left out. */
  readonly dtype?: DataType;
  readonly elements: Elements;
  /** Fixed in the graph rather than fed, as shapes and axes have to be. */
  readonly constant?: boolean;
  /** Whether a gradient is expected; by default for floating-point inputs that are not constant. */
  readonly differentiable?: boolean;
}

/** A graph under test. */
export interface GraphCase {
  /** What the case is, for messages. */
  readonly label?: string;
  readonly inputs: readonly (TestInput | undefined)[];
  /** Builds the outputs from the inputs. Those of a floating-point type are differentiated. */
  readonly build: (inputs: readonly (Value | undefined)[], graph: Graph) => readonly Value[];
  /** float64 where every kernel of the case exists in it. */
  readonly precision: "float32" | "float64";
  /** Opset of the model; the library's default where it is left out. */
  readonly opset?: number;
}

/**
 * Step and tolerance of the central differences. Truncation grows with the square of the step and rounding with its
 * inverse; the tolerances leave a factor of ten or more above both for inputs of size 1.
 */
const settings = {
  float32: { step: 2 ** -7, tolerance: 5e-3 },
  float64: { step: 2 ** -13, tolerance: 2e-6 },
} as const;

function drawElements(elements: Elements, count: number, stream: RandomStream): number[] {
  switch (elements.kind) {
    case "uniform":
      return Array.from({ length: count }, () => elements.low + (elements.high - elements.low) * stream.uniform());
    case "distinct":
      return Array.from(stream.permutation(count), (rank) => (rank - Math.floor(count / 2) + 0.5) * elements.spacing);
    case "integers":
      return Array.from(
        { length: count },
        () => elements.low + stream.integer(Math.floor(elements.high - elements.low) + 1),
      );
    default:
      return [...elements.values];
  }
}

/** Draws the tensor of a test input. */
export function drawTensor(input: TestInput, precision: DataType, stream: RandomStream): Tensor {
  const dtype = input.dtype ?? precision;
  const numbers = drawElements(input.elements, elementCount(input.shape), stream);
  const data = allocate(dtype, numbers.length);
  numbers.forEach((number, i) => {
    data[i] = data instanceof BigInt64Array || data instanceof BigUint64Array ? BigInt(number) : number;
  });
  return { dtype, shape: input.shape, data };
}

const isFloat = (dtype: DataType): boolean => dtype === "float32" || dtype === "float64";
const numbersOf = ({ data }: Tensor): ArrayLike<number> => data as Float32Array;

function fail(what: string): never {
  throw new VesaliusError("shape-mismatch", what);
}

function checkType(what: string, inferred: Value, actual: Tensor): void {
  if (inferred.dtype !== actual.dtype || !sameShape(inferred.shape, actual.shape))
    fail(
      `${what}: inferred ${inferred.dtype}${formatShape(inferred.shape)}, ` +
        `the runtime gave ${actual.dtype}${formatShape(actual.shape)}`,
    );
}

/** A case that was built, with everything that its run and its check need. */
export interface BuiltCase {
  readonly graph: Graph;
  readonly tensors: readonly (Tensor | undefined)[];
  readonly values: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  /** Random weights of the projection of each floating-point output. */
  readonly projections: readonly (Tensor | undefined)[];
  readonly gradients: ReadonlyMap<Value, Value>;
}

/**
 * The graph of a case with outputs `y0`, `y1`, ... and, of the inputs that have one, `g:x0`, `g:x1`, ...: the gradient of a random projection of the outputs (sum of weights times outputs).
 */
export function buildCase(graphCase: GraphCase, stream: RandomStream, differentiate: boolean): BuiltCase {
  const { precision } = graphCase;
  const graph = new Graph("case");
  const tensors = graphCase.inputs.map((input) => input && drawTensor(input, precision, stream));
  const values = graphCase.inputs.map((input, i) => {
    const drawn = tensors[i];
    if (input === undefined || drawn === undefined) return undefined;
    return input.constant ? graph.constant(drawn, `x${i}`) : graph.input(`x${i}`, drawn.dtype, drawn.shape);
  });
  const outputs = graphCase.build(values, graph);
  outputs.forEach((value, i) => graph.output(`y${i}`, value));
  const projections = outputs.map(({ dtype, shape }) =>
    isFloat(dtype)
      ? drawTensor({ shape, dtype, elements: { kind: "uniform", low: -1, high: 1 } }, precision, stream)
      : undefined,
  );
  if (!differentiate) return { graph, tensors, values, outputs, projections, gradients: new Map() };
  const terms = outputs.flatMap((y, i) => {
    const weights = projections[i];
    if (weights === undefined) return [];
    return [reduceSum(multiply(y, graph.input(`p${i}`, y.dtype, y.shape)), undefined, { keepDimensions: false })];
  });
  const wanted = values.filter((value): value is Value => value?.kind === "input" && isFloat(value.dtype));
  const found = terms.length === 0 ? new Map<Value, Value>() : gradients(sum(terms), wanted);
  for (const [value, gradient] of found) graph.output(`g:${value.name}`, gradient);
  return { graph, tensors, values, outputs, projections, gradients: found };
}

/** What a run of a built case is fed. */
export function feedsOf({ values, tensors, projections }: BuiltCase): Tensors {
  const feeds: Tensors = new Map();
  values.forEach((value, i) => {
    if (value?.kind === "input") feeds.set(value.name, tensors[i]!);
  });
  projections.forEach((weights, i) => weights && feeds.set(`p${i}`, weights));
  return feeds;
}

/** Sum over outputs of weights times differences, and the norm of the terms, both in double precision. */
function project(built: BuiltCase, low: Tensors, high: Tensors, width: number): { value: number; size: number } {
  let value = 0;
  let squares = 0;
  built.projections.forEach((weights, output) => {
    if (weights === undefined) return;
    const [w, a, b] = [weights, low.get(`y${output}`)!, high.get(`y${output}`)!].map(numbersOf);
    for (let i = 0; i < w!.length; i++) {
      const term = (w![i]! * (b![i]! - a![i]!)) / width;
      value += term;
      squares += term * term;
    }
  });
  return { value, size: Math.sqrt(squares) };
}

/** Options of `checkGraph`. */
export interface CheckOptions {
  /** Whether the outputs have a gradient; true by default. Without, only types are checked. */
  readonly differentiate?: boolean;
}

/** Outputs of a checked case, for further assertions, with the tensors that were fed. */
export interface CheckedCase {
  readonly inputs: readonly (Tensor | undefined)[];
  readonly outputs: readonly Tensor[];
}

/**
 * Runs a graph on random inputs and checks that the inferred types are those of the runtime, and that the gradient of
 * a random projection of all floating-point outputs agrees with central differences along a random direction of each
 * differentiable input.
 *
 * @param seed names all random numbers of the check
 * @throws VesaliusError saying which input or output disagrees, and by how much
 */
export async function checkGraph(
  engine: Engine,
  graphCase: GraphCase,
  seed: number,
  options: CheckOptions = {},
): Promise<CheckedCase> {
  const stream = randomStream(seed, "finite difference");
  const built = buildCase(graphCase, stream, options.differentiate ?? true);
  const model = toOnnx(built.graph, graphCase.opset === undefined ? {} : { opset: graphCase.opset });
  const session = await engine.load(model, { threads: 1 });
  try {
    const feeds = feedsOf(built);
    const results = await session.run(feeds);
    built.outputs.forEach((value, i) => checkType(`output ${i}`, value, results.get(`y${i}`)!));
    const { step, tolerance } = settings[graphCase.precision];
    for (const [i, input] of graphCase.inputs.entries()) {
      const value = built.values[i];
      if (input === undefined || value?.kind !== "input" || !isFloat(value.dtype) || options.differentiate === false)
        continue;
      const gradient = built.gradients.get(value);
      const expected = input.differentiable ?? true;
      if (expected !== (gradient !== undefined)) fail(`input ${i} has ${expected ? "no" : "a"} gradient`);
      if (gradient === undefined) continue;
      const analytic = results.get(`g:${value.name}`)!;
      checkType(`gradient of input ${i}`, gradient, analytic);
      if (!sameShape(gradient.shape, value.shape) || gradient.dtype !== value.dtype)
        fail(`gradient of input ${i} is ${gradient.dtype}${formatShape(gradient.shape)}`);
      // Bounded directions keep every element within its well-conditioned range.
      const direction = Float64Array.from({ length: elementCount(value.shape) }, () => 2 * stream.uniform() - 1);
      const shifted = (sign: number): Tensors => {
        const moved = built.tensors[i]!;
        const data = (moved.data as Float32Array | Float64Array).map((x, k) => x + sign * step * direction[k]!);
        return new Map(feeds).set(value.name, { ...moved, data });
      };
      const numeric = project(built, await session.run(shifted(-1)), await session.run(shifted(1)), 2 * step);
      const terms = Array.from(direction, (v, k) => v * numbersOf(analytic)[k]!);
      const derivative = terms.reduce((total, term) => total + term, 0);
      const scale = Math.max(numeric.size, Math.hypot(...terms), 1e-2);
      // Written so that a NaN fails as well.
      if (!(Math.abs(derivative - numeric.value) <= tolerance * scale))
        fail(
          `input ${i}: the gradient rule gives ${derivative}, central differences ${numeric.value} (scale ${scale})`,
        );
    }
    return { inputs: built.tensors, outputs: built.outputs.map((_, i) => results.get(`y${i}`)!) };
  } finally {
    await session.release();
  }
}
