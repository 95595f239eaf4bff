import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import {
  type Graph,
  gradients,
  type Recomputation,
  type Tensor,
  type Tensors,
  toOnnx,
  type Value,
} from "../graph/index.ts";
import { readSafetensors } from "../common/safetensors.ts";
import { nodeCpu } from "../runtime/index.node.ts";

const root = fileURLToPath(new URL("../../fixtures/reference/", import.meta.url));

/** Tensors computed with an original implementation. */
export interface Fixture {
  readonly description: {
    readonly config: Record<string, unknown>;
    readonly float64_check: {
      readonly mathematically_zero_gradients: readonly string[];
      /** Tensors whose float32 gradient in the fixture is itself off by this share of its largest element. */
      readonly ill_conditioned_gradients: Readonly<Record<string, number>>;
    };
    readonly tied_parameters: Readonly<Record<string, string>>;
    readonly loss: number;
  };
  readonly weights: Tensors;
  readonly inputs: Tensors;
  readonly outputs: Tensors;
  readonly gradients: Tensors;
  readonly files: ReadonlyMap<string, Tensors>;
}

/** Fixtures keep some weights as float16 to be small; the numbers are exact. */
function widened({ dtype, shape, data }: Tensor): Tensor {
  if (dtype !== "float16") return { dtype, shape, data };
  const values = Float32Array.from(data as Uint16Array, (bits) => {
    const [exponent, fraction] = [(bits >> 10) & 31, (bits & 1023) / 1024];
    const size = exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15);
    return bits & 0x8000 ? -size : size;
  });
  return { dtype: "float32", shape, data: values };
}

/** Reads `fixtures/reference/${path}`. */
export async function readFixture(path: string): Promise<Fixture> {
  const folder = `${root}${path}/`;
  const files = new Map<string, Tensors>();
  for (const name of await readdir(folder))
    if (name.endsWith(".safetensors"))
      files.set(name.slice(0, -12), readSafetensors(await readFile(folder + name), name).tensors);
  const get = (name: string): Tensors => files.get(name) ?? new Map();
  return {
    description: readFixtureJson(path) as Fixture["description"],
    weights: new Map([...get("weights")].map(([name, tensor]) => [name, widened(tensor)])),
    inputs: get("inputs"),
    outputs: get("outputs"),
    gradients: get("gradients"),
    files,
  };
}

/** Reads `fixture.json` of a fixture. */
export function readFixtureJson(path: string): unknown {
  return JSON.parse(readFileSync(`${root}${path}/fixture.json`, "utf8"));
}

/** int64 tensor as int32, which the graphs take for indices. */
export function toInt32(source: Tensor): Tensor {
  return { dtype: "int32", shape: source.shape, data: Int32Array.from(source.data as BigInt64Array, Number) };
}

/** A tensor of any element type as float32, which the graphs take for masks. */
export function toFloat32(source: Tensor): Tensor {
  return { dtype: "float32", shape: source.shape, data: Float32Array.from(source.data as ArrayLike<number>, Number) };
}

/**
 * Inputs of a graph for all inputs of a fixture, and what feeds them: integers as int32, booleans and the named masks
 * as float32.
 */
export function fixtureInputs(
  graph: Graph,
  fixture: Fixture,
  masks: readonly string[] = [],
): { readonly values: (name: string) => Value; readonly feeds: Tensors } {
  const feeds: Tensors = new Map();
  for (const [name, tensor] of fixture.inputs) {
    const float = masks.includes(name) || tensor.dtype === "bool";
    const fed = float ? toFloat32(tensor) : tensor.dtype === "int64" ? toInt32(tensor) : tensor;
    graph.input(name, fed.dtype, fed.shape);
    feeds.set(name, fed);
  }
  return { values: (name) => graph.inputs.get(name)!, feeds };
}

/** Runs a graph on the CPU: parameters and inputs by name, all outputs returned. */
export async function runGraph(graph: Graph, feeds: Tensors): Promise<Tensors> {
  const session = await (await nodeCpu()).load(toOnnx(graph));
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** Largest absolute element. */
export const largest = (tensor: Tensor): number =>
  (tensor.data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Fails unless |a - b| <= absolute + relative * |b| for every element. */
export function expectClose(actual: Tensor, expected: Tensor, relative: number, absolute: number, name: string): void {
  expect(actual.shape, `shape of ${name}`).toEqual(expected.shape);
  const [a, b] = [actual.data as Float32Array, expected.data as Float32Array];
  let worst = 0;
  for (let i = 0; i < b.length; i++) {
    const excess = Math.abs(a[i]! - b[i]!) / (absolute + relative * Math.abs(b[i]!));
    worst = Number.isNaN(excess) ? Infinity : Math.max(worst, excess);
  }
  expect(worst, `${name}: largest difference as a share of the tolerance`).toBeLessThanOrEqual(1);
}

/**
 * Checks a graph against a fixture: the named outputs, the loss, and the gradient of every parameter that has one; where
 * the graph has blocks, also the gradients that compute the activations inside them again.
 *
 * @param graph with an output `loss` and outputs named as in the fixture
 * @param options.parameter name of the graph's parameter for a name in the fixture
 * @param options.feeds extra inputs beside the weights
 */
export async function expectReference(
  graph: Graph,
  fixture: Fixture,
  options: {
    readonly feeds: Tensors;
    readonly outputs: readonly string[];
    readonly parameter?: (name: string) => string;
    readonly outputTolerance?: readonly [relative: number, absolute: number];
    readonly gradientTolerance?: readonly [perTensor: number, perModel: number];
  },
): Promise<void> {
  const rename = options.parameter ?? ((name: string) => name);
  const feeds: Tensors = new Map(options.feeds);
  for (const [name, tensor] of fixture.weights) if (graph.parameters.has(rename(name))) feeds.set(rename(name), tensor);
  const unfed = [...graph.parameters.keys()].filter((name) => !feeds.has(name));
  expect(unfed, "parameters that the fixture does not have").toEqual([]);
  const wanted = new Map<string, Value>();
  for (const name of fixture.gradients.keys()) wanted.set(name, graph.parameters.get(rename(name))!);
  expect(
    [...wanted].filter(([, value]) => value === undefined).map(([name]) => name),
    "parameters that the graph lacks",
  ).toEqual([]);
  const ways = new Map<string, Recomputation>([["gradient", "none"]]);
  if (graph.nodes.some(({ block }) => block !== undefined)) ways.set("recomputed gradient", "blocks");
  for (const [way, recomputation] of ways) {
    const found = gradients(graph.result("loss"), [...wanted.values()], { recomputation });
    for (const [name, value] of wanted) graph.output(`${way} of ${name}`, found.get(value)!);
  }
  const results = await runGraph(graph, feeds);
  const [relative, absolute] = options.outputTolerance ?? [1e-4, 1e-5];
  for (const name of options.outputs)
    expectClose(results.get(name)!, fixture.outputs.get(name)!, relative, absolute, name);
  const loss = (results.get("loss")!.data as Float32Array)[0]!;
  expect(Math.abs(loss - fixture.description.loss) / Math.abs(fixture.description.loss)).toBeLessThanOrEqual(
    Math.max(1e-5, relative / 10),
  );
  const [perTensor, perModel] = options.gradientTolerance ?? [1e-4, 1e-6];
  const scale = Math.max(...[...fixture.gradients.values()].map(largest));
  expect(fixture.gradients.size, "gradients in the fixture").toBeGreaterThan(0);
  const inaccurate = fixture.description.float64_check.ill_conditioned_gradients;
  for (const [name, expected] of fixture.gradients) {
    const share = Math.max(perTensor, 2 * (inaccurate[name] ?? 0));
    const tolerance = share * largest(expected) + perModel * scale;
    for (const way of ways.keys())
      expectClose(results.get(`${way} of ${name}`)!, expected, 0, tolerance, `${way} of ${name}`);
  }
}

/** Tolerances that the fixtures of convolutional networks state, as options of `expectReference`. */
export const convolutionalTolerance = {
  outputTolerance: [1e-3, 1e-4],
  gradientTolerance: [1e-3, 1e-5],
} as const;

/**
 * Names every updated buffer of a graph as the fixture does, and checks that none is missing.
 *
 * @returns the names, to compare as outputs
 */
export function exposeBuffers(graph: Graph, fixture: Fixture): string[] {
  const names = [...fixture.outputs.keys()].filter((name) => /^buffer_after\..*\.running_(mean|var)$/.test(name));
  for (const name of names) graph.output(name, graph.result(`${name.replace("buffer_after.", "")}.next`));
  const updated = [...graph.outputs.keys()].filter((name) => name.endsWith(".next"));
  expect(updated.length, "updated buffers").toBe(names.length);
  return names;
}
