import { adapt, scratch } from "vesalius/adaptation";
import { assembleDataset, batches, datasetCardSchema, type FeedPlan } from "vesalius/data";
import { createBackbone } from "vesalius/models";
import { fitTask, prepare, trainingPlan } from "vesalius/tasks";
import { answer, askedFor } from "../measuring/child.ts";
import { kinds } from "./kinds.ts";
import { kindAnswerSchema, kindQuestionSchema } from "./messages.ts";

const { kind, steps: asked } = askedFor(kindQuestionSchema);
const {
  split,
  backbone: spec,
  columns,
  encoders,
  task: taskSpec,
  batchSize,
  stepsForEach = 1,
  transforms,
  together,
} = kinds[kind];
const steps = asked * stepsForEach;
const train = split();
const dataset = assembleDataset({
  name: "drawn",
  card: datasetCardSchema.parse({ name: "drawn" }),
  unit: "examples",
  splits: { train },
});
const backbone = createBackbone(spec, {
  ...(columns === undefined ? {} : { columns }),
  ...(encoders === undefined ? {} : { encoders }),
});
const task = fitTask(taskSpec, dataset, dataset.splits["train"]);
const feeds = {
  ...(transforms === undefined ? {} : { transforms }),
  ...(together === undefined ? {} : { together }),
};

/** Examples in a second that one thread reads into batches, the look at all of them before the first included. */
async function readAlone(plan: FeedPlan): Promise<number> {
  const began = performance.now();
  const made = await batches(train, plan, { workers: 0 });
  let read = 0;
  for (let step = 0; step < steps; step++) read += (await made.batch(step)).size;
  await made.close();
  return (1000 * read) / (performance.now() - began);
}

const model = await adapt(backbone, task, {
  method: scratch(),
  data: train,
  steps,
  batchSize,
  learningRate: 0.001,
  workers: 1,
  ...feeds,
});
const { total, waiting } = model.training!.result.time;
await model.release();
const plan = trainingPlan(task.feeds(await prepare(backbone, train)), train, { batchSize, seed: 0, ...feeds });
answer(kindAnswerSchema, {
  read: await readAlone(plan),
  trained: (steps * batchSize) / total,
  waiting: waiting / total,
});
