import { VesaliusError } from "../../../common/errors.ts";
import {
  type ExternalData,
  fromOnnx,
  hasStaticShape,
  type ImportedModel,
  isFloatingPoint,
  readInterface,
  sameShape,
  type Tensor,
  type Tensors,
  toOnnx,
} from "../../../graph/index.ts";
import type { Backend } from "../../../runtime/index.ts";
import { importEngine } from "../import-engine.ts";
import { differenceOf } from "./compare.ts";
import { checkDerivative, type DerivativeCheck } from "./directional-derivative.ts";

/** Inputs and expected outputs of one run, in the order of the model's; undefined for what is no tensor. */
export interface DataSet {
  readonly inputs: readonly (Tensor | undefined)[];
  readonly outputs: readonly (Tensor | undefined)[];
}

/** A test case in ONNX's layout. */
export interface ConformanceCase {
  readonly name: string;
  readonly model: Uint8Array;
  readonly dataSets: readonly DataSet[];
  readonly externalData?: ExternalData;
}

/** What came of a case. */
export interface CaseResult {
  readonly name: string;
  /**
   * `unsupported` where the importer says by name what it does not support, or where the engine itself does not run
   * the original model or gives other numbers for it.
   */
  readonly status: "pass" | "fail" | "unsupported";
  readonly reason?: string;
  /** What came of the derivative, where the case got as far. */
  readonly derivative?: DerivativeCheck;
}

/** Runs a model with the feeds that it has inputs for. */
async function runModel(model: Uint8Array, feeds: Tensors, backend: Backend): Promise<Tensors> {
  const session = await backend.load(model, { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

const what = (error: unknown): string => {
  if (error instanceof VesaliusError) return error.what;
  throw error;
};

/** The first output that differs from what is expected. */
function firstDifference(outputs: Tensors, expected: Tensors): string | undefined {
  for (const [name, tensor] of expected) {
    const actual = outputs.get(name);
    const difference = actual === undefined ? "is missing" : differenceOf(actual, tensor);
    if (difference !== undefined) return `output ${name}: ${difference}`;
  }
  return undefined;
}

/** The first output whose inferred type is not that of the run. */
function firstWrongType({ graph }: ImportedModel, outputs: Tensors): string | undefined {
  for (const [name, value] of graph.outputs) {
    const actual = outputs.get(name);
    if (actual === undefined) continue;
    const fits = value.dtype === actual.dtype && (!hasStaticShape(value) || sameShape(value.shape, actual.shape));
    if (!fits)
      return `output ${name}: inferred ${value.dtype} [${value.shape.join(", ")}], the engine gave ${actual.dtype} [${actual.shape.join(", ")}]`;
  }
  return undefined;
}

/** Tensors by the names of the model's inputs or outputs; undefined where one is no tensor. */
function named(names: readonly { name: string }[], tensors: readonly (Tensor | undefined)[]): Tensors | undefined {
  const result: Tensors = new Map();
  for (const [i, { name }] of names.entries()) {
    const tensor = tensors[i];
    if (tensor === undefined) return undefined;
    result.set(name, tensor);
  }
  return result;
}

/** A case with one of its data sets, ready to run. */
interface PreparedCase {
  readonly test: ConformanceCase;
  readonly feeds: Tensors;
  readonly expected: Tensors;
  readonly backend: Backend;
}

/** Whether the engine does the same to the model before it went through the graph, and how. */
async function originalFailure({ test, feeds, expected, backend }: PreparedCase): Promise<string | undefined> {
  try {
    return firstDifference(await runModel(test.model, feeds, backend), expected);
  } catch (error) {
    return what(error);
  }
}

/**
 * Imports a model with some inputs fixed, writes it back, runs it and compares.
 *
 * @returns the imported model, or what came of the case
 */
async function verifyRoundTrip(prepared: PreparedCase, fixedInputs: Tensors): Promise<ImportedModel | CaseResult> {
  const { test, feeds, expected, backend } = prepared;
  const { name } = test;
  const inputShapes = Object.fromEntries([...feeds].map(([input, { shape }]) => [input, shape]));
  let reason: string | undefined;
  try {
    const imported = await fromOnnx(test.model, {
      where: name,
      inputShapes,
      fixedInputs,
      engine: importEngine(backend),
      ...(test.externalData === undefined ? {} : { externalData: test.externalData }),
    });
    const outputs = await runModel(toOnnx(imported.graph, { weights: imported.weights }), feeds, backend);
    reason = firstDifference(outputs, expected) ?? firstWrongType(imported, outputs);
    if (reason === undefined) return imported;
  } catch (error) {
    reason = what(error);
    if ((error as VesaliusError).code === "unsupported-operator") return { name, status: "unsupported", reason };
  }
  const original = await originalFailure(prepared);
  return original === undefined
    ? { name, status: "fail", reason }
    : { name, status: "unsupported", reason: `engine: ${original}` };
}

async function verifyDataSet(prepared: PreparedCase, settings: Tensors): Promise<CaseResult> {
  const { test, feeds, backend } = prepared;
  const { name } = test;
  let imported = await verifyRoundTrip(prepared, new Map());
  if ("status" in imported) return imported;
  if (settings.size > 0) {
    // With its sizes, axes and bounds known, more of the model is folded, inferred and differentiated.
    imported = await verifyRoundTrip(prepared, settings);
    if ("status" in imported) return imported;
  }
  let derivative: DerivativeCheck;
  try {
    derivative = await checkDerivative(imported.graph, new Map([...imported.weights, ...feeds]), backend);
  } catch (error) {
    const reason = what(error);
    // Which types an engine computes a gradient's operators in is not the gradient's fault.
    const isMissing =
      (error as VesaliusError).code === "runtime-failure" && /could not find an implementation/i.test(reason);
    derivative = { status: isMissing ? "skipped" : "wrong", reason };
  }
  return derivative.status === "wrong"
    ? { name, status: "fail", reason: derivative.reason, derivative }
    : { name, status: "pass", derivative };
}

/**
 * Takes a model through the graph and back and compares what it computes with the expected outputs, with inputs such as
 * sizes and axes fed and fixed; where every operator on the way can be differentiated, also a directional derivative
 * with central differences.
 */
export async function verifyCase(test: ConformanceCase, backend: Backend): Promise<CaseResult> {
  const { name } = test;
  let result: CaseResult = { name, status: "unsupported", reason: "the case has no data" };
  for (const dataSet of test.dataSets) {
    try {
      const { inputs, outputs } = readInterface(test.model, name);
      const [feeds, expected] = [named(inputs, dataSet.inputs), named(outputs, dataSet.outputs)];
      if (
        feeds === undefined ||
        expected === undefined ||
        [...inputs, ...outputs].some(({ dtype }) => dtype === undefined)
      )
        return { name, status: "unsupported", reason: "an input or output is no tensor of a supported type" };
      const settings = inputs.filter(({ dtype, isSetting }) => isSetting || !isFloatingPoint(dtype!));
      const fixed: Tensors = new Map(settings.map((input) => [input.name, feeds.get(input.name)!]));
      result = await verifyDataSet({ test, feeds, expected, backend }, fixed);
    } catch (error) {
      const reason = what(error);
      return {
        name,
        status: (error as VesaliusError).code === "unsupported-operator" ? "unsupported" : "fail",
        reason,
      };
    }
    if (result.status !== "pass") break;
  }
  return result;
}
