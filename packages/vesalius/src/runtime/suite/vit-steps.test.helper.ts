import { randomStream } from "../../common/random.ts";
import { crossEntropy, Graph, initializeParameters, type Tensors } from "../../graph/index.ts";
import { classificationHead, vit } from "../../models/index.ts";
import { adamW, train } from "../../training/index.ts";
import type { Backend } from "../backend.ts";

/** What a short training run left. */
export interface StepRecord {
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
  /** Elements of the head's weight after the last step. */
  readonly head: readonly number[];
}

const [batch, side, classes] = [8, 16, 3];

/** A vision transformer with a classification loss, small enough for a software graphics processor. */
function smallVit(): Graph {
  const { network } = vit.nano({ imageSize: side, patchSize: 4 });
  const graph = new Graph("small vit");
  const pixels = graph.input("images", "float32", [batch, 1, side, side]);
  const logits = classificationHead(network.features({ image: { pixels } }, { training: true }).pooled, classes);
  graph.output("loss", crossEntropy(logits, graph.input("labels", "int32", [batch])));
  return graph;
}

/** A batch whose labels can be learned: the class sets the brightness of one part of the image. */
function batchOf(step: number): Tensors {
  const stream = randomStream(0, "small vit", step);
  const labels = Int32Array.from({ length: batch }, () => stream.integer(classes));
  const images = Float32Array.from({ length: batch * side * side }, (_, i) => {
    const row = Math.floor(i / (side * side));
    const line = Math.floor((i % (side * side)) / side);
    return stream.normal() * 0.5 + (Math.floor(line / 6) === labels[row] ? 1 : 0);
  });
  return new Map([
    ["images", { dtype: "float32", shape: [batch, 1, side, side], data: images }],
    ["labels", { dtype: "int32", shape: [batch], data: labels }],
  ]);
}

/** Trains with AdamW, clipping and a moving average, the same numbers on every backend up to rounding. */
export async function trainSmallVit(backend: Backend, steps: number): Promise<StepRecord> {
  const graph = smallVit();
  const { weights, history } = await train(graph, initializeParameters(graph, 0), {
    backend,
    optimizer: adamW({ weightDecay: 0.05 }),
    totalSteps: steps,
    learningRate: 2e-3,
    clipNorm: 1,
    emaDecay: 0.9,
    seed: 0,
    batchSize: batch,
    recordEvery: 1,
    batch: (step) => Promise.resolve(batchOf(step)),
  });
  return {
    losses: history.map(({ loss }) => loss),
    gradientNorms: history.map(({ gradientNorm }) => gradientNorm),
    head: [...(weights.get("head.weight")!.data as Float32Array)],
  };
}
