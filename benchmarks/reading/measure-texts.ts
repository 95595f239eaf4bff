import { batches, type Batches, textsColumn } from "vesalius/data";
import { createBackbone } from "vesalius/models";
import { objectiveGraph, objectives, pretrain } from "vesalius/pretraining";
import { nodeCpu } from "vesalius/runtime";
import { prepare, trainingPlan } from "vesalius/tasks";
import { adamW, trainingStep } from "vesalius/training";
import { answer, askedFor } from "../measuring/child.ts";
import { productRate, productRun } from "../measuring/product.ts";
import { timeRuns } from "../measuring/timing.ts";
import { matrixProductOperations } from "../training/matrix-products.ts";
import { drawnTexts, splitOf } from "./drawn-columns.ts";
import { textsAnswerSchema, textsQuestionSchema } from "./messages.ts";

const { count, batchSize, rounds, steps, secondsPerBlock } = askedFor(textsQuestionSchema);
const longest = 128;
const seed = 1;

const backend = await nodeCpu();
const train = splitOf({ text: textsColumn(drawnTexts(count, 120)) });
const backbone = await prepare(
  createBackbone(
    { name: "bert", preset: "mini", maximumPositions: longest },
    { encoders: { text: { tokenizer: { name: "words", vocabularySize: 4000 } } } },
  ),
  train,
);
const objective = objectives.create({ name: "maskedTokens" });
const feeds = objective.feeds(backbone);
const [part] = Object.keys(feeds.parts) as [string];

/** Steps after which every shape has come up, so that none is compiled while time is taken. */
async function warmUp(made: Batches): Promise<number> {
  const seen = new Set<string>();
  let step = 0;
  while (seen.size < made.buckets.length && step < 10 * made.stepsPerEpoch) seen.add((await made.batch(step++)).bucket);
  return step + 1;
}

/** A run in some shapes: what its timed steps hold, and how to do it. */
async function way(extents: Readonly<Record<string, readonly number[]>>) {
  const made = await batches(train, trainingPlan(feeds, train, { batchSize, seed, extents }), { workers: 0 });
  const warm = await warmUp(made);
  const operationsOf = new Map(
    made.buckets.map((bucket) => {
      const { graph } = objectiveGraph(backbone, objective, made.inputs(bucket), made.rows(bucket));
      return [bucket, matrixProductOperations(trainingStep(graph, { optimizer: adamW() }).update.graph)];
    }),
  );
  const sums = { operations: 0, tokens: 0, places: 0 };
  for (let step = warm; step < warm + steps; step++) {
    const { bucket, feeds: inputs } = await made.batch(step);
    const mask = inputs.get(`${part}.mask`)!.data as Float32Array;
    sums.operations += operationsOf.get(bucket)!;
    sums.tokens += mask.reduce((sum, there) => sum + there, 0);
    sums.places += mask.length;
  }
  await made.close();
  const run = async (): Promise<number> => {
    const times = { began: 0, ended: 0 };
    await pretrain(backbone, objective, train, {
      seed,
      steps: warm + steps,
      batchSize,
      extents,
      backend,
      workers: 1,
      onProgress({ step }) {
        if (step === warm) times.began = performance.now();
        if (step === warm + steps) times.ended = performance.now();
      },
    });
    return times.ended - times.began;
  };
  return { ...sums, run, tokensPerSecond: [] as number[], shares: [] as number[] };
}

const product = await productRun(backend);
/** Rate of the matrix product over a block of time. */
async function productBlock(): Promise<number> {
  const times: number[] = [];
  await timeRuns(product, Infinity, times, secondsPerBlock);
  return productRate(times.reduce((sum, time) => sum + time, 0) / times.length);
}

const ways = { shapes: await way({}), longest: await way({ [part]: [longest] }) };
let before = await productBlock();
for (let round = 0; round < rounds; round++)
  for (const one of Object.values(ways)) {
    const milliseconds = await one.run();
    const after = await productBlock();
    one.tokensPerSecond.push((1000 * one.tokens) / milliseconds);
    one.shares.push(one.operations / milliseconds / 1e6 / ((before + after) / 2));
    before = after;
  }
const answerOf = ({ tokensPerSecond, shares, tokens, places }: (typeof ways)["shapes"]) => ({
  tokensPerSecond,
  shares,
  padding: 1 - tokens / places,
});
answer(textsAnswerSchema, { shapes: answerOf(ways.shapes), longest: answerOf(ways.longest) });
