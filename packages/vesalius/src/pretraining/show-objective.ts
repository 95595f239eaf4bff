import { platform } from "#platform";
import { type Split, takeRows } from "../data/index.ts";
import type { Tensors } from "../graph/index.ts";
import type { ReportSection } from "../report/index.ts";
import { type Backend, Program } from "../runtime/index.ts";
import { feedsOf, type PlanOptions, trainingPlan } from "../tasks/index.ts";
import { randomInputs } from "../training/index.ts";
import type { Objective } from "./objective.ts";
import { objectiveGraph, shownPrefix } from "./objective-graph.ts";
import type { Pretrained } from "./pretrain.ts";

/** Examples to show where the objective asks for no other number. */
const fewExamples = 6;

/** Options of `showObjective`. */
export interface ShowOptions extends Pick<PlanOptions, "catalogues"> {
  /** Examples to show, as many as the objective asks for where it is left out; fewer where the split has fewer. */
  readonly count?: number;
  /** Seed of what the objective draws: masks, crops. */
  readonly seed?: number;
  readonly backend?: Backend;
}

/**
 * What an objective has to show after pretraining: reconstructions, filled masks, signs of collapse.
 *
 * @param split examples that were not trained on
 * @returns sections of a report; none for an objective that shows nothing
 */
export async function showObjective(
  { pretraining, ...backbone }: Pretrained,
  objective: Objective,
  split: Split,
  { count = objective.shownExamples ?? fewExamples, seed = 0, backend, catalogues }: ShowOptions = {},
): Promise<readonly ReportSection[]> {
  if (objective.show === undefined || split.length === 0) return [];
  const plan = trainingPlan(objective.feeds(backbone), split, {
    batchSize: count,
    seed,
    sampler: { name: "inOrder" },
    ...(catalogues === undefined ? {} : { catalogues }),
  });
  const batches = await platform.batches(split, plan, {
    workers: 0,
    ...(catalogues === undefined ? {} : { catalogues }),
  });
  try {
    const { bucket, feeds, rows, size } = await batches.batch(0);
    const { graph } = objectiveGraph(backbone, objective, batches.inputs(bucket), batches.rows(bucket));
    const program = await Program.compile(graph, backend ?? (await platform.defaultBackend()));
    try {
      const given = new Map([...feedsOf(program.graph, feeds), ...randomInputs(program.graph, seed, 0)]);
      const outputs = await program.run(given, pretraining.objectiveWeights);
      const shown: Tensors = new Map(
        [...outputs].flatMap(([name, tensor]) =>
          name.startsWith(shownPrefix) ? [[name.slice(shownPrefix.length), tensor] as const] : [],
        ),
      );
      return await objective.show(shown, takeRows(split, rows.subarray(0, size)));
    } finally {
      await program.release();
    }
  } finally {
    await batches.close();
  }
}
