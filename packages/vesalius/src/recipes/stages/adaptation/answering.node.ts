import type { Answering } from "../../../adaptation/index.ts";
import type { Split } from "../../../data/index.ts";
import type { Predictor } from "../../../tasks/index.ts";
import { columnsDigest } from "../../data/columns-read.ts";
import { methodNamed, ownOf } from "../../resolve.ts";
import type { PretrainingStage } from "../pretraining/pretraining-stage.node.ts";
import type { RunParts } from "../run-parts.ts";
import type { Found, StageSession } from "../stage.ts";
import { type AdaptationPlan, backboneOf, examplesOf } from "./adaptation-plan.node.ts";

/** Raised when the same settings and data come to be answered otherwise. */
const version = 1;

/** What stands in the folder of a method that trains nothing. */
export const answeringFile = "answering.json";

/** How a method answers that trains nothing; undefined for one that trains. */
export const answeringOf = ({ catalogues }: RunParts, { method }: Pick<AdaptationPlan, "method">) =>
  methodNamed(method, catalogues).answering;

/** Columns of a split that are there and that a method or the task reads. */
const columnsThere = ({ task }: RunParts, { columns }: Answering, split: Split): string[] =>
  [...new Set([...columns, ...task!.columns])].filter((name) => Object.hasOwn(split.columns, name)).sort();

/** Hash of what is read of the examples that questions are made of. */
export const askedDigest = (parts: RunParts, answering: Answering, split: Split): string =>
  columnsDigest(split, columnsThere(parts, answering, split));

/** Exactly what decides the answers of a method that trains nothing. */
export function answeringDecides(
  parts: RunParts,
  plan: AdaptationPlan,
  pretraining: PretrainingStage | undefined,
  answering: Answering,
): Readonly<Record<string, unknown>> {
  const { start, catalogues, data, startDigest, answers } = parts;
  const { pretrained } = methodNamed(plan.method, catalogues);
  const task = parts.task!;
  const { network, columns, encoders } = start;
  return {
    stage: "answering",
    version,
    ...(pretrained
      ? { network: { name: network.name, ...network.config }, columns, encoders, from: pretraining?.key ?? startDigest }
      : {}),
    task: { name: task.name, ...task.settings },
    method: ownOf(plan.method, catalogues),
    identity: answers.get(plan.method.label),
    seed: plan.seed,
    sample: plan.sample,
    data: askedDigest(parts, answering, data.train!),
  };
}

/** Opens what answers. */
export async function openAnswering(
  parts: RunParts,
  plan: AdaptationPlan,
  pretraining: PretrainingStage | undefined,
  session: StageSession,
  answering: Answering,
): Promise<Predictor> {
  const { pretrained } = methodNamed(plan.method, parts.catalogues);
  const { backend } = session.options;
  return answering.open({
    task: parts.task!,
    train: examplesOf(parts, plan),
    seed: plan.seed,
    place: parts.place,
    ...(pretrained ? { backbone: await backboneOf(parts, plan, pretraining, session) } : {}),
    ...(backend === undefined ? {} : { backend }),
  });
}

/** What is worth recording of a method that trains nothing. */
export const answeringRecord = (parts: RunParts, plan: AdaptationPlan, answering: Answering): Found<"adaptation"> => ({
  method: plan.method.label,
  settings: { ...answering.describe(parts.task!) },
  seed: plan.seed,
  examples: plan.sample ?? parts.data.train!.length,
  counts: {},
  trainedParameters: 0,
  parameters: 0,
  steps: 0,
  history: [],
  time: { total: 0, engine: 0, waiting: 0, evaluation: 0 },
});
