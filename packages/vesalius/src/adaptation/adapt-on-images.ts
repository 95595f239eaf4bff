import { platform } from "#platform";
import { type Graph, initializeParameters } from "../graph/index.ts";
import { type Backbone, startsNew } from "../models/index.ts";
import type { Backend } from "../runtime/index.ts";
import { decayMatrices, train } from "../training/index.ts";
import { type AdaptOptions, type ReadyBackbone, type Settings, trainOptionsOf } from "./adapt-options.ts";
import type { AdaptationMethod } from "./method.ts";
import type { Task } from "./task.ts";
import { countElements, headNames, input, startingWeights, taskGraph } from "./task-graph.ts";

const decay = decayMatrices();

/** Trains backbone (or adapters) and head on images. */
export async function adaptOnImages(
  backbone: ReadyBackbone,
  task: Task<unknown>,
  options: AdaptOptions,
  settings: Settings,
  backend: Backend,
) {
  const { method, data } = options;
  const base = taskGraph(backbone, task, settings.batchSize);
  const adapters = method.adapters?.apply(base);
  const graph = adapters?.graph ?? base;
  const baseWeights = startingWeights(base, backbone, method, settings.seed);
  const weights = new Map([...initializeParameters(graph, settings.seed), ...baseWeights]);
  const heads = headNames(backbone, base);
  const loader = platform.imageLoader(data, {
    batchSize: settings.batchSize,
    seed: settings.seed,
    transforms: [...(options.transforms ?? [])],
    ...backbone.preprocessing,
    workers: options.workers ?? 1,
  });
  try {
    const { weights: trained, ...result } = await train(graph, weights, {
      ...trainOptionsOf(options, settings, backend, loader.stepsPerEpoch),
      policy: (parameter) => {
        if (startsNew(parameter.name) || heads.has(parameter.name)) return decay(parameter);
        return method.policy(parameter, backbone);
      },
      batch: async (step) => {
        const batch = await loader.batch(step);
        return new Map([input(graph, "images", batch.images), input(graph, "labels", batch.labels)]);
      },
    });
    const count = countTrained(graph, backbone, method, heads);
    return { base, trained, result, adapters, heads, ...count };
  } finally {
    await loader.close();
  }
}

function countTrained(graph: Graph, backbone: Backbone, method: AdaptationMethod, heads: ReadonlySet<string>) {
  const names = [...graph.parameters.values()]
    .filter(
      (parameter) =>
        startsNew(parameter.name) || heads.has(parameter.name) || method.policy(parameter, backbone) !== undefined,
    )
    .map(({ name }) => name);
  return { trainedParameters: countElements(graph, names), parameters: countElements(graph, graph.parameters.keys()) };
}
