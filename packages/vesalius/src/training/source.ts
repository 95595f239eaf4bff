import { VesaliusError } from "../common/errors.ts";
import type { Graph, Tensors } from "../graph/index.ts";

/** Inputs of one micro-batch. */
export interface TrainingBatch {
  /** Which of the source's shapes it has. */
  readonly bucket: string;
  readonly feeds: Tensors;
  /** Real examples in it. */
  readonly examples: number;
}

/** A micro-batch with everything that its step needs. */
export interface PreparedBatch extends TrainingBatch {
  /** When its shape began to be compiled, and when it was. */
  readonly compiling: readonly [began: number, ended: number];
}

/**
 * What is trained on batches of several shapes: one graph for each, over the same parameters. A step still means one
 * batch, and each graph is compiled when its first batch comes.
 */
export interface TrainingSource {
  /** The shape whose graph says which parameters there are. */
  readonly bucket: string;
  /** Forward graph with a scalar output `loss` for batches of a shape. */
  graph(bucket: string): Graph;
  /** Batch of a micro-step; the same number always gives the same batch. */
  batch(microStep: number): Promise<TrainingBatch>;
}

/** A single graph as a source. */
export const singleSource = (
  graph: Graph,
  batchSize: number,
  batch: ((microStep: number) => Promise<Tensors>) | undefined,
): TrainingSource => {
  if (batch === undefined)
    throw new VesaliusError("bad-argument", "there is nothing to train on", { fix: "give the option batch" });
  return {
    bucket: "",
    graph: () => graph,
    batch: async (step) => ({ bucket: "", feeds: await batch(step), examples: batchSize }),
  };
};
