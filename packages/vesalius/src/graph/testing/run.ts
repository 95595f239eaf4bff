import type { Graph } from "../graph.ts";
import { type OnnxOptions, toOnnx } from "../onnx/write.ts";
import type { Tensor, Tensors } from "../../common/tensor.ts";
import type { Engine } from "./finite-difference.ts";

/** Runs a graph once and returns its outputs. */
export async function runGraph(
  engine: Engine,
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>> = {},
  options: OnnxOptions = {},
): Promise<Tensors> {
  return runModel(engine, toOnnx(graph, options), feeds);
}

/** Runs an encoded model once and returns its outputs. */
export async function runModel(
  engine: Engine,
  model: Uint8Array,
  feeds: Readonly<Record<string, Tensor>> = {},
): Promise<Tensors> {
  const session = await engine.load(model, { threads: 1 });
  try {
    return await session.run(new Map(Object.entries(feeds)));
  } finally {
    await session.release();
  }
}

/** Elements of an output as plain numbers. */
export const numbersOf = (tensors: Tensors, name: string): number[] =>
  Array.from((tensors.get(name) as Tensor).data as ArrayLike<number>, Number);
