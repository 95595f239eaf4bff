import { crossEntropy, Graph, select } from "vesalius/graph";
import { bertClassifier, bertConfigSchema, bertEncoder } from "vesalius/models";
import { nodeCpu } from "vesalius/runtime";
import { adamW } from "vesalius/training";
import { answer, askedFor } from "../measuring/child.ts";
import { peakMemory } from "../measuring/figures.ts";
import { stepRun } from "../measuring/step.ts";
import { timeRuns } from "../measuring/timing.ts";
import { memoryAnswerSchema, memoryQuestionSchema } from "./messages.ts";

const { blocks, depth, batchSize, steps } = askedFor(memoryQuestionSchema);
const length = 128;
const classes = 2;
const config = bertConfigSchema.parse({ vocabularySize: 1000, width: 256, depth, heads: 4, hiddenWidth: 1024 });
const graph = new Graph("encoder");
const tokens = graph.input("tokens", "int32", [batchSize, length]);
const first = select(bertEncoder({ tokens }, config), 1, 0);
graph.output("loss", crossEntropy(bertClassifier(first, classes), graph.input("labels", "int32", [batchSize])));
const before = process.memoryUsage.rss();
const { run } = await stepRun(
  {
    label: "encoder",
    graph,
    options: {
      optimizer: adamW(),
      clipNorm: 1,
      recomputation: blocks === 0 ? "none" : { everyNthBlock: blocks },
    },
    batchSize,
    bounds: { tokens: config.vocabularySize, labels: classes },
  },
  await nodeCpu(),
);
const times: number[] = [];
await timeRuns(run, steps, times);
answer(memoryAnswerSchema, { steps: times, before, peakMemory: peakMemory() });
