import { nodeCpu } from "vesalius/runtime";
import { answer, askedFor } from "../measuring/child.ts";
import { peakMemory } from "../measuring/figures.ts";
import { productRun } from "../measuring/product.ts";
import { stepRun } from "../measuring/step.ts";
import { timeInTurns } from "../measuring/timing.ts";
import { layerOperations } from "./layer-operations.ts";
import { engineAnswerSchema, engineQuestionSchema } from "./messages.ts";
import { operatorShares } from "./profile.ts";
import { engineWorkloads, policyOf } from "./workloads.ts";

const question = askedFor(engineQuestionSchema);
const workload = await engineWorkloads[question.workload](question.size);
const backend = await nodeCpu();
const product = await productRun(backend);
const step = await stepRun(workload, backend);
const times = await timeInTurns(step.run, product, question);
const peak = peakMemory();
await step.release();
const operators = await operatorShares(async (profile) => {
  const profiled = await stepRun(workload, backend, { profile });
  for (let i = 0; i < 3; i++) await profiled.run();
  await profiled.release();
});
const policy = policyOf(workload);
answer(engineAnswerSchema, {
  label: workload.label,
  operations: layerOperations(workload.graph, (parameter) => policy(parameter) !== undefined),
  ...times,
  operators,
  peakMemory: peak,
});
