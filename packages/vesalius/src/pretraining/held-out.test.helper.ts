import { platform } from "#platform";
import type { Split } from "../data/index.ts";
import { initializeParameters, type Tensors } from "../graph/index.ts";
import { feedsOf, lossName, type PlanOptions, trainingPlan } from "../tasks/index.ts";
import { runGraph } from "../testing/reference.node.ts";
import { randomInputs } from "../training/index.ts";
import type { Objective } from "./objective.ts";
import { objectiveGraph } from "./objective-graph.ts";
import type { Pretrained } from "./pretrain.ts";

/** Loss and terms of an objective on examples that were not trained on, as one batch. */
export type HeldOut = Readonly<Record<string, number>>;

/**
 * Loss and terms on a split with the starting weights and with those after pretraining.
 *
 * @param changes random changes in place of the objective's own
 */
export async function heldOut(
  { pretraining, ...backbone }: Pretrained,
  objective: Objective,
  split: Split,
  changes: Pick<PlanOptions, "transforms"> = {},
): Promise<{ readonly before: HeldOut; readonly after: HeldOut }> {
  const plan = trainingPlan(objective.feeds(backbone), split, {
    batchSize: split.length,
    seed: 99,
    sampler: { name: "inOrder" },
    ...changes,
  });
  const batches = await platform.batches(split, plan, { workers: 0 });
  const { bucket, feeds } = await batches.batch(0);
  const { graph, terms } = objectiveGraph(backbone, objective, batches.inputs(bucket), batches.rows(bucket));
  await batches.close();
  const valuesWith = async (weights: Tensors): Promise<HeldOut> => {
    const given = new Map([...weights, ...feedsOf(graph, feeds), ...randomInputs(graph, 99, 0)]);
    const outputs = await runGraph(graph, given);
    return Object.fromEntries(
      [lossName, ...terms].map((name) => [name, (outputs.get(name)!.data as Float32Array)[0]!]),
    );
  };
  return {
    before: await valuesWith(initializeParameters(graph, 1)),
    after: await valuesWith(pretraining.objectiveWeights),
  };
}
