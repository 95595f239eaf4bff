import { randomBytes } from "node:crypto";
import { readFile, rename, rm } from "node:fs/promises";
import { VesaliusError } from "../../common/errors.ts";
import { fileError, writeFileAtomic } from "../../common/files.node.ts";
import { randomStream } from "../../common/random.ts";
import type { Tensors } from "../../graph/index.ts";
import { type Backend, Program } from "../../runtime/index.ts";
import { nodeCpu } from "../../runtime/index.node.ts";
import type { ImageClassifier } from "./image-classifier.ts";

/** Options of `exportOnnx`. */
export interface ExportOnnxOptions {
  /** Images that the model takes at once; 1 by default. */
  readonly batchSize?: number;
  readonly backend?: Backend;
  /** Largest absolute difference of a probability that is accepted; 1e-4 by default. */
  readonly tolerance?: number;
}

/** What `exportOnnx` wrote. */
export interface ExportedOnnx {
  readonly bytes: number;
  /** `[batch, channels, height, width]` of the input `images`, pixels from 0 to 1. */
  readonly inputShape: readonly number[];
  /** Largest absolute difference between the probabilities of the file and of the model. */
  readonly largestDifference: number;
}

/** Images of uniform noise: far from any radiograph, so that an agreement on them is one of the function. */
function noise(shape: readonly number[]): Tensors {
  const stream = randomStream(0, "export-onnx");
  const data = Float32Array.from({ length: shape.reduce((product, extent) => product * extent, 1) }, () =>
    stream.uniform(),
  );
  return new Map([["images", { dtype: "float32" as const, shape, data }]]);
}

async function largestDifference(
  model: ImageClassifier,
  file: Uint8Array,
  batchSize: number,
  backend: Backend,
): Promise<number> {
  const graph = model.graph(batchSize);
  const feeds = noise(graph.inputs.get("images")!.shape);
  // The model itself runs with its weights as inputs, so the weights in the file are compared with them.
  const program = await Program.compile(graph, backend);
  const session = await backend.load(file);
  try {
    const expected = (await program.run(feeds, model.weights)).get("probabilities")!.data as Float32Array;
    const found = (await session.run(feeds)).get("probabilities")!.data as Float32Array;
    return expected.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (found[i] ?? NaN))), 0);
  } finally {
    await program.release();
    await session.release();
  }
}

/**
 * Writes a classifier as one plain ONNX file and checks the file that was written against the model, before it takes its
 * name: a file that exists under that name is only replaced by one that was checked.
 *
 * @throws VesaliusError `runtime-failure` where the probabilities differ by more than the tolerance;
 * `output-not-writable`, `disk-full`
 *
 * @example
 * await exportOnnx(model, "pneumonia.onnx", { batchSize: 8 });
 */
export async function exportOnnx(
  model: ImageClassifier,
  path: string,
  { batchSize = 1, backend, tolerance = 1e-4 }: ExportOnnxOptions = {},
): Promise<ExportedOnnx> {
  const unchecked = `${path}.${randomBytes(6).toString("hex")}.unchecked`;
  try {
    await writeFileAtomic(unchecked, model.toOnnx(batchSize));
    const file = await readFile(unchecked);
    const difference = await largestDifference(model, file, batchSize, backend ?? (await nodeCpu()));
    if (!(difference <= tolerance))
      throw new VesaliusError("runtime-failure", `the exported file differs from the model by ${difference}`, {
        where: path,
        fix: "nothing was written; please report this model's configuration",
      });
    await rename(unchecked, path);
    return {
      bytes: file.length,
      inputShape: model.graph(batchSize).inputs.get("images")!.shape,
      largestDifference: difference,
    };
  } catch (error) {
    // The name under which the file was checked means nothing to the caller.
    const own = error instanceof VesaliusError && error.where === unchecked;
    throw fileError(own ? error.cause : error, path);
  } finally {
    await rm(unchecked, { force: true }).catch(() => {});
  }
}
