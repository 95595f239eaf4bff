import { nodeCpu } from "vesalius/runtime";
import { answer, askedFor } from "../measuring/child.ts";
import { peakMemory } from "../measuring/figures.ts";
import { productRun } from "../measuring/product.ts";
import { parameterCount, stepRun } from "../measuring/step.ts";
import { timeInTurns } from "../measuring/timing.ts";
import { matrixProductOperations } from "./matrix-products.ts";
import { stepAnswerSchema, stepQuestionSchema } from "./messages.ts";
import { workloads } from "./workloads.ts";

const question = askedFor(stepQuestionSchema);
const workload = await workloads[question.workload]();
const backend = await nodeCpu();
const product = await productRun(backend);
const step = await stepRun(workload, backend);
const times = await timeInTurns(step.run, product, question);
answer(stepAnswerSchema, {
  label: workload.label,
  batchSize: workload.batchSize,
  parameters: parameterCount(workload),
  operations: matrixProductOperations(step.graph),
  ...times,
  peakMemory: peakMemory(),
});
