import { expect } from "vitest";
import { type RandomStream, randomStream } from "../common/random.ts";
import { elementCount, type Graph, type Tensor, type Tensors } from "../graph/index.ts";
import { nodeCpu, Program } from "../runtime/index.node.ts";
import { expectClose } from "./reference.node.ts";

const normal = (stream: RandomStream): number => stream.normal();

/** float32 tensor of random elements, standard normal ones where nothing else is said; the same for the same label. */
export function drawn(shape: readonly number[], label: string, next = normal): Tensor {
  const stream = randomStream(1, label);
  return { dtype: "float32", shape, data: Float32Array.from({ length: elementCount(shape) }, () => next(stream)) };
}

/**
 * Fails unless a graph gives the same outputs on the CPU as the backend lowers it and as it stands, for random inputs:
 * |lowered - plain| <= absolute + relative * |plain|.
 *
 * @param next draws an element of an input; standard normal by default
 */
export async function expectSameLowered(
  graph: Graph,
  relative: number,
  absolute: number,
  next?: (stream: RandomStream) => number,
): Promise<void> {
  const feeds: Tensors = new Map();
  for (const { name, shape } of graph.inputs.values()) feeds.set(name, drawn(shape, name, next));
  const backend = await nodeCpu();
  const run = async (each: typeof backend): Promise<Tensors> => {
    const program = await Program.compile(graph, each);
    try {
      return await program.run(feeds, new Map());
    } finally {
      await program.release();
    }
  };
  const lowered = await run(backend);
  const plain = await run({ ...backend, lower: (same) => same });
  expect([...lowered.keys()]).toEqual([...graph.outputs.keys()]);
  for (const [name, expected] of plain) expectClose(lowered.get(name)!, expected, relative, absolute, name);
}
