import { platform } from "#platform";
import type { Value } from "../../graph/index.ts";
import { startsNew } from "../../models/index.ts";
import type { Backend } from "../../runtime/index.ts";
import { decayMatrices, type ParameterPolicy, train } from "../../training/index.ts";
import { type AdaptOptions, type ReadyBackbone, type Settings, trainOptionsOf } from "./adapt-options.ts";
import { adapterPolicy, attachAdapter } from "../attach.ts";
import { storeBase } from "../fine-tuning/quantized-base.ts";
import type { Task } from "./task.ts";
import { countElements, headNames, input, layersOf, startingWeights, taskGraph } from "./task-graph.ts";

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
  const baseWeights = startingWeights(base, backbone, method, settings.seed);
  const attached =
    method.adapter && (await attachAdapter(base, baseWeights, method.adapter, { seed: settings.seed, backend }));
  const graph = attached?.adapted.graph ?? base;
  const weights = attached?.weights ?? baseWeights;
  const heads = headNames(backbone, base);
  const ofBase = (parameter: Value): ParameterPolicy | undefined =>
    startsNew(parameter.name) || heads.has(parameter.name)
      ? decay(parameter)
      : method.policy(parameter, layersOf(backbone));
  const policy = attached === undefined ? ofBase : adapterPolicy(attached.adapted, ofBase);
  const stored = await storeBase(graph, weights, options.base ?? "float32", (each) => policy(each) !== undefined);
  const { evaluation } = options;
  const loader = platform.imageLoader(data, {
    batchSize: settings.batchSize,
    seed: settings.seed,
    transforms: [...(options.transforms ?? [])],
    ...backbone.preprocessing,
    workers: options.workers ?? 1,
  });
  try {
    const { weights: trained, ...result } = await train(stored.graph, stored.weights, {
      ...trainOptionsOf(options, settings, backend, loader.stepsPerEpoch),
      ...(evaluation
        ? { evaluation: { ...evaluation, score: (current) => evaluation.score(stored.restore(current)) } }
        : {}),
      policy,
      batch: async (step) => {
        const batch = await loader.batch(step);
        return new Map([input(graph, "images", batch.images), input(graph, "labels", batch.labels)]);
      },
    });
    const names = [...graph.parameters.values()].filter(
      (parameter) => !parameter.isBuffer && policy(parameter) !== undefined,
    );
    return {
      base,
      trained: stored.restore(trained),
      memory: stored.memory,
      result,
      attached,
      heads,
      trainedParameters: countElements(
        graph,
        names.map(({ name }) => name),
      ),
      parameters: countElements(graph, graph.parameters.keys()),
    };
  } finally {
    await loader.close();
  }
}
