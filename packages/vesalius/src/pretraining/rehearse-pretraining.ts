import { platform } from "#platform";
import type { Split } from "../data/index.ts";
import type { Backbone, Preparation } from "../models/index.ts";
import { type PlanOptions, trainingPlan } from "../tasks/index.ts";
import type { Objective } from "./objective.ts";
import { objectiveGraph } from "./objective-graph.ts";

/**
 * Goes through a pretraining on a few examples without computing anything: a batch is made, the graph of the objective is
 * built.
 *
 * @param backbone with encoders
 * @throws VesaliusError what `pretrain` would throw before its first step
 */
export async function rehearsePretraining(
  backbone: Backbone & { readonly preparation: Preparation },
  objective: Objective,
  split: Split,
  options: PlanOptions,
): Promise<void> {
  const plan = trainingPlan(objective.feeds(backbone), split, options);
  const known = options.catalogues === undefined ? {} : { catalogues: options.catalogues };
  const batches = await platform.batches(split, plan, { workers: 0, ...known });
  try {
    const largest = batches.buckets.at(-1)!;
    objectiveGraph(backbone, objective, batches.inputs(largest), batches.rows(largest));
    await batches.batch(0);
  } finally {
    await batches.close();
  }
}
