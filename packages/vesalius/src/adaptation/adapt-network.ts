import { platform } from "#platform";
import type { Value } from "../graph/index.ts";
import type { Backbone } from "../models/index.ts";
import type { Backend } from "../runtime/index.ts";
import { feedsOf, type Task, trainingPlan } from "../tasks/index.ts";
import { decayMatrices, type ParameterPolicy, train, trainOptions } from "../training/index.ts";
import type { Adaptation } from "./adapt-options.ts";
import { applyAdapter } from "./adapter.ts";
import { adapterPolicy, attachAdapter } from "./attach.ts";
import { storeBase, storedGraph } from "./fine-tuning/quantized-base.ts";
import { adaptationMemory, requireMemory } from "./required-memory.ts";
import { countElements, startingWeights } from "./starting-weights.ts";
import type { Trained } from "./trained.ts";
import { trainingGraphs } from "./training-graphs.ts";

const decay = decayMatrices();

/** Trains a network (or adapters on it) and the head, running it on every batch. */
export async function adaptNetwork(
  backbone: Backbone,
  task: Task,
  options: Adaptation,
  backend: Backend,
): Promise<Trained> {
  const { method, data, seed, settings, evaluation } = options;
  const plan = trainingPlan(task.feeds(backbone), data, { ...options, batchSize: settings.batchSize });
  const batches = await platform.batches(data, plan, {
    workers: options.workers ?? 1,
    ...(options.catalogues && { catalogues: options.catalogues }),
  });
  try {
    const { largest, built, base, terms, isHead, isNew } = trainingGraphs(backbone, task, method, batches);
    const { network } = backbone;
    const changes = (each: Value): boolean => isNew(each.name) || method.policy(each, network) !== undefined;
    const needed = adaptationMemory(base, changes, options.base ?? "float32", method.adapter !== undefined);
    requireMemory(needed, platform.memory, network.name);
    const baseWeights = startingWeights(base, backbone, isHead, method, seed);
    const attached = method.adapter && (await attachAdapter(base, baseWeights, method.adapter, { seed, backend }));
    const graph = attached?.adapted.graph ?? base;
    const weights = attached?.weights ?? baseWeights;
    const ofBase = (parameter: Value): ParameterPolicy | undefined => {
      // The adapter has a policy of its own, and what a stored base consists of (codes, scales) is never trained.
      if (!base.parameters.has(parameter.name)) return undefined;
      return isNew(parameter.name) ? decay(parameter) : method.policy(parameter, network);
    };
    const policy = attached === undefined ? ofBase : adapterPolicy(attached.adapted, ofBase);
    const format = options.base ?? "float32";
    const isTrained = (each: Value): boolean => policy(each) !== undefined;
    const stored = await storeBase(graph, weights, format, isTrained, backend);
    const graphs = new Map([[largest, stored.graph]]);
    for (const bucket of batches.buckets)
      if (!graphs.has(bucket)) {
        const other = built(bucket).graph;
        const adapted = attached === undefined ? other : applyAdapter(other, attached.config).graph;
        graphs.set(bucket, storedGraph(adapted, format, isTrained));
      }
    const source = {
      bucket: largest,
      graph: (bucket: string) => graphs.get(bucket)!,
      async batch(step: number) {
        const { bucket, feeds, size } = await batches.batch(step);
        return { bucket, feeds: feedsOf(stored.graph, feeds), examples: size };
      },
    };
    const { weights: trained, ...result } = await train(source, stored.weights, {
      ...trainOptions(settings, { ...options, backend }, batches.stepsPerEpoch),
      ...(evaluation
        ? { evaluation: { ...evaluation, score: (current) => evaluation.score(stored.restore(current)) } }
        : {}),
      policy,
      report: terms,
      batchSize: plan.rows,
    });
    const names = [...graph.parameters.values()].filter(
      (parameter) => !parameter.isBuffer && policy(parameter) !== undefined,
    );
    return {
      base,
      weights: stored.restore(trained),
      result,
      attached,
      memory: stored.memory,
      heads: new Set([...base.parameters.keys()].filter(isNew)),
      counts: batches.counts,
      trainedParameters: countElements(
        graph,
        names.map(({ name }) => name),
      ),
      parameters: countElements(graph, graph.parameters.keys()),
    };
  } finally {
    await batches.close();
  }
}
