import { VesaliusError } from "../common/errors.ts";
import { randomStream } from "../common/random.ts";
import { allocate, elementCount, type Graph, type Tensors, type Value } from "../graph/index.ts";

function draw(input: Value, seed: number, step: number): Float32Array | Int32Array {
  const data = allocate(input.dtype, elementCount(input.shape));
  const stream = randomStream(seed, "input", input.name, step);
  const source = input.random!;
  if (source.kind === "permutation") {
    if (!(data instanceof Int32Array))
      throw new VesaliusError("bad-argument", "a permutation is an int32 input", { where: input.name });
    const length = input.shape.at(-1)!;
    for (let start = 0; start < data.length; start += length)
      data.set(stream.permutation(source.of).subarray(0, length), start);
    return data;
  }
  if (!(data instanceof Float32Array))
    throw new VesaliusError("bad-argument", "random numbers are a float32 input", { where: input.name });
  switch (source.kind) {
    case "dropout": {
      const scale = 1 / source.keep;
      for (let i = 0; i < data.length; i++) data[i] = stream.uniform() < source.keep ? scale : 0;
      break;
    }
    case "uniform":
      for (let i = 0; i < data.length; i++) data[i] = stream.uniform();
      break;
    case "normal":
      for (let i = 0; i < data.length; i++) data[i] = stream.normal();
      break;
  }
  return data;
}

/**
 * Draws the random inputs of a graph (dropout masks, noise, permutations) for one step. The numbers depend on nothing
 * but seed, input name and step, so they are the same after a resume and on every backend.
 */
export function randomInputs(graph: Graph, seed: number, step: number): Tensors {
  const feeds: Tensors = new Map();
  for (const input of graph.inputs.values())
    if (input.random !== undefined)
      feeds.set(input.name, { dtype: input.dtype, shape: input.shape, data: draw(input, seed, step) });
  return feeds;
}
