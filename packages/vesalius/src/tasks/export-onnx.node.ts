import { readFile } from "node:fs/promises";
import { VesaliusError } from "../common/errors.ts";
import { writeFileAtomic } from "../common/files.node.ts";
import { randomStream } from "../common/random.ts";
import { allocate, elementCount, type Graph, type Tensors } from "../graph/index.ts";
import { type Backend, Program } from "../runtime/index.ts";
import { nodeCpu } from "../runtime/index.node.ts";
import { exportGraph } from "./export-graph.ts";
import type { Model } from "./model.ts";

/** Options of `exportOnnx`. */
export interface ExportOnnxOptions {
  /** Examples that the file takes at once; 1 by default. */
  readonly batchSize?: number;
  /** Extents of parts that vary in length (tokens, genes); the largest that the encoders allow by default. */
  readonly extents?: Readonly<Record<string, number>>;
  readonly backend?: Backend;
  /** Largest absolute difference of a value that is accepted, relative to the largest value; 1e-4 by default. */
  readonly tolerance?: number;
}

/** What `exportOnnx` wrote. */
export interface ExportedOnnx {
  readonly bytes: number;
  /** Element type and shape of each input; images take pixels from 0 to 1. */
  readonly inputs: Readonly<Record<string, { readonly dtype: string; readonly shape: readonly number[] }>>;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  /** Largest difference between outputs of the file and of the model, relative to the largest value. */
  readonly largestDifference: number;
}

/** Uniform noise and small whole numbers: far from any example, so that an agreement on them is one of the function. */
function noise(graph: Graph): Tensors {
  const stream = randomStream(0, "export-onnx");
  return new Map(
    [...graph.inputs.values()].map(({ name, dtype, shape }) => {
      const data = allocate(dtype, elementCount(shape)) as Float32Array | Int32Array;
      // Masks and marks of what is present read as there; tokens and genes are numbers that every table has.
      const isMark = /\.(mask|present)$/.test(name);
      for (let i = 0; i < data.length; i++)
        data[i] = isMark ? 1 : dtype === "int32" ? stream.integer(2) : stream.uniform();
      return [name, { dtype, shape, data }];
    }),
  );
}

async function largestDifference(graph: Graph, weights: Tensors, file: Uint8Array, backend: Backend): Promise<number> {
  const feeds = noise(graph);
  // The model itself runs with its weights as inputs, so the weights in the file are compared with them.
  const program = await Program.compile(graph, backend);
  const session = await backend.load(file);
  try {
    const expected = await program.run(feeds, weights);
    const found = await session.run(feeds);
    let largest = 0;
    for (const [name, { data }] of expected) {
      const other = found.get(name)?.data as Float32Array | undefined;
      const scale = (data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      (data as Float32Array).forEach((value, i) => {
        const difference = Math.abs(value - (other?.[i] ?? NaN)) / scale;
        largest = Number.isNaN(difference) ? NaN : Math.max(largest, difference);
      });
    }
    return largest;
  } finally {
    await program.release();
    await session.release();
  }
}

/**
 * Writes a model as one plain ONNX file and checks the file that was written against the model, before it takes its
 * name: a file that exists under that name is only replaced by one that was checked.
 *
 * @throws VesaliusError `runtime-failure` where the outputs differ by more than the tolerance; `output-not-writable`,
 * `disk-full`
 *
 * @example
 * await exportOnnx(model, "pneumonia.onnx", { batchSize: 8 });
 */
export async function exportOnnx<Answer>(
  model: Model<Answer>,
  path: string,
  { batchSize = 1, extents = {}, backend, tolerance = 1e-4 }: ExportOnnxOptions = {},
): Promise<ExportedOnnx> {
  const graph = exportGraph(model, batchSize, extents);
  let [bytes, difference] = [0, NaN];
  await writeFileAtomic(path, model.toOnnx(batchSize, extents), {
    async check(temporary) {
      const file = await readFile(temporary);
      bytes = file.length;
      difference = await largestDifference(graph, model.weights, file, backend ?? (await nodeCpu()));
      if (!(difference <= tolerance))
        throw new VesaliusError("runtime-failure", `the exported file differs from the model by ${difference}`, {
          where: path,
          fix: "nothing was written; please report this model's configuration",
        });
    },
  });
  return {
    bytes,
    inputs: Object.fromEntries([...graph.inputs].map(([name, { dtype, shape }]) => [name, { dtype, shape }])),
    outputs: Object.fromEntries([...graph.outputs].map(([name, { shape }]) => [name, shape])),
    largestDifference: difference,
  };
}
