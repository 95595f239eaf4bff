import {
  add,
  cast,
  concat,
  crossEntropy,
  equal,
  type Graph,
  greater,
  l2Normalize,
  matMul,
  multiply,
  reduceSum,
  reshape,
  subtract,
  type Value,
  where,
} from "../../../graph/index.ts";
import { cosines, products, rowProducts, withoutSelf } from "./similarities.ts";

/**
 * Normalised temperature-scaled cross-entropy of SimCLR (Chen et al. 2020), as lightly's `NTXentLoss`: each view finds
 * the other view of its image among all other views of the batch.
 *
 * @param first projections of one view of each image, `[batch, width]`
 * @param second projections of the other, same shape
 * @returns scalar
 */
export function ntXentLoss(first: Value, second: Value, temperature = 0.5): Value {
  const batch = first.shape[0]!;
  const views = concat([first, second], 0);
  const data = Int32Array.from({ length: 2 * batch }, (_, i) => (i + batch) % (2 * batch));
  const partners = first.graph.constant({ dtype: "int32", shape: [2 * batch], data });
  return crossEntropy(withoutSelf(cosines(views, views, temperature)), partners);
}

/**
 * Contrastive loss of MoCo (He et al. 2020): each query finds its key among the keys of earlier batches. Gradients reach
 * keys too where these are not cut off.
 *
 * @param queries `[batch, width]`
 * @param keys of the other view from the momentum encoder, same shape
 * @param queue normalised keys of earlier batches, `[queueSize, width]`
 * @returns scalar
 */
export function queueContrastiveLoss(queries: Value, keys: Value, queue: Value, temperature = 0.07): Value {
  const [query, key] = [l2Normalize(queries), l2Normalize(keys)];
  const batch = query.shape[0]!;
  const positive = reshape(rowProducts(query, key), [batch, 1]);
  const logits = multiply(concat([positive, products(query, queue)], 1), 1 / temperature);
  const first = { dtype: "int32" as const, shape: [batch], data: new Int32Array(batch) };
  return crossEntropy(logits, query.graph.constant(first));
}

/** 0, 1, ... as a constant. */
const integers = (graph: Graph, count: number, shape: readonly number[]): Value =>
  graph.constant({ dtype: "int32", shape, data: Int32Array.from({ length: count }, (_, i) => i) });

/** What a queue becomes after a batch. */
export interface QueueUpdate {
  /** `[queueSize, width]` */
  readonly queue: Value;
  /** Where the next batch is written, int32 `[1]`. */
  readonly position: Value;
}

/**
 * Puts the keys of a batch into the queue of MoCo, as lightly's `MemoryBankModule`: from `position` on; keys that no
 * longer fit are dropped, and the next batch starts at 0.
 *
 * @param keys `[batch, width]`
 * @param queue `[queueSize, width]`
 * @param position int32 `[1]`
 */
export function updateQueue(keys: Value, queue: Value, position: Value): QueueUpdate {
  const { graph } = keys;
  const [batch, size] = [keys.shape[0]!, queue.shape[0]!];
  const places = add(integers(graph, batch, [1, batch]), position);
  // One where a key goes to a place of the queue.
  const written = cast(equal(integers(graph, size, [size, 1]), places), "float32");
  const kept = subtract(graph.scalar(1), reduceSum(written, [1]));
  const next = add(position, graph.scalar(batch, "int32"));
  const last = graph.scalar(size - 1, "int32");
  return {
    queue: add(multiply(queue, kept), matMul(written, l2Normalize(keys))),
    position: where(greater(next, last), graph.scalar(0, "int32"), next),
  };
}
