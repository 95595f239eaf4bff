import { platform } from "#platform";
import type { Split } from "../data/index.ts";
import type { Backbone, Preparation } from "../models/index.ts";
import { exportGraph, Model, type PlanOptions, rehearseAnswers, type Task, trainingPlan } from "../tasks/index.ts";
import type { AdaptedGraph } from "./adapted-graph.ts";
import { applyAdapter } from "./adapter.ts";
import type { AdaptationMethod } from "./method.ts";
import { pretrainedWeights } from "./starting-weights.ts";
import { trainingGraphs } from "./training-graphs.ts";

/** Options of `rehearseAdaptation`. */
export interface RehearsalOptions extends PlanOptions {
  readonly method: AdaptationMethod;
  /** A few training examples. */
  readonly data: Split;
}

/** What stays on the graph of the model that an adaptation gives. */
const staying = (adapted: AdaptedGraph | undefined, method: AdaptationMethod) =>
  adapted === undefined || adapted.merge !== undefined
    ? undefined
    : {
        config: method.adapter!,
        apply: (graph: Parameters<typeof applyAdapter>[0]) => applyAdapter(graph, method.adapter!).graph,
      };

/**
 * Goes through an adaptation, its answers and its exported file on a few examples without computing anything: batches are
 * made, graphs are built, adapters are put on them. So it takes moments and shows what would fail after long training:
 * patterns without a layer, a head that the network does not have, a window that does not fit, weights of another shape.
 *
 * @param given the backbone with encoders; weights are compared where there are some
 * @returns what is allowed and worth a thought
 * @throws VesaliusError what `adapt`, `predict` and `save` would throw
 */
export async function rehearseAdaptation(
  given: Backbone & { readonly preparation: Preparation },
  task: Task,
  { method, data, ...options }: RehearsalOptions,
): Promise<readonly string[]> {
  // What the network says before it is trained is computed, and nothing is computed here.
  if (task.fromStart !== undefined) return [];
  const backbone = method.prepare?.(given) ?? given;
  const plan = trainingPlan(task.feeds(backbone), data, options);
  const known = options.catalogues === undefined ? {} : { catalogues: options.catalogues };
  const batches = await platform.batches(data, plan, { workers: 0, ...known });
  try {
    const { base, isHead } = trainingGraphs(backbone, task, method, batches);
    if (method.pretrained && backbone.weights !== undefined) pretrainedWeights(base, backbone, isHead);
    const adapted = method.adapter && applyAdapter(base, method.adapter);
    await batches.batch(0);
    const model = new Model({ task, backbone, weights: new Map(), attached: staying(adapted, method) });
    await rehearseAnswers(model, data);
    exportGraph(model, 1, {});
    return adapted?.cautions ?? [];
  } finally {
    await batches.close();
  }
}
