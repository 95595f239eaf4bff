import { platform } from "#platform";
import type { Graph, Tensors } from "../graph/index.ts";
import { type Backbone, checkFit, startsNew } from "../models/index.ts";
import { preprocessingOf } from "../platform/preprocessing.ts";
import { type Backend, Program } from "../runtime/index.ts";
import { type AdaptOptions, type ReadyBackbone, settingsOf } from "./adapt-options.ts";
import { adaptOnFeatures } from "./adapters/adapt-on-features.ts";
import { adaptOnImages } from "./adapt-on-images.ts";
import { type LoraGraph, loraMergeGraph } from "./fine-tuning/lora.ts";
import type { Task } from "./task.ts";

/** Adds the low-rank updates to the weights that they belong to. */
async function merge(
  base: Graph,
  adapters: LoraGraph | undefined,
  trained: Tensors,
  backend: Backend,
): Promise<Tensors> {
  const weights = new Map([...trained].filter(([name]) => base.parameters.has(name)));
  if (adapters === undefined) return weights;
  const program = await Program.compile(
    loraMergeGraph(base, adapters, (name) => adapters.graph.parameters.get(name)!.shape),
    backend,
  );
  try {
    const merged = await program.run(trained, new Map());
    for (const { weight } of adapters.modules) weights.set(weight, merged.get(`${weight}.merged`)!);
  } finally {
    await program.release();
  }
  return weights;
}

/**
 * Adapts a backbone to a task with labelled images.
 *
 * @param backbone pretrained, or (for the method `scratch`) only its shape
 * @param task what to learn, for example `classification(labels)`
 * @returns the task's model, adapters merged into plain weights
 * @throws VesaliusError `bad-configuration`, `bad-data`, `checkpoint-mismatch`, `shape-mismatch` before training;
 * whatever `train` throws
 *
 * @example
 * const model = await adapt(backbone, classification(xrays.labels), { method: lora({ rank: 8 }), data: xrays.train });
 */
export async function adapt<Model>(backbone: Backbone, task: Task<Model>, options: AdaptOptions): Promise<Model> {
  const { method, data } = options;
  checkFit(backbone, data.images);
  task.check(data.labels, data.ids);
  const backend = options.backend ?? (await platform.defaultBackend());
  const settings = settingsOf(options);
  const ready: ReadyBackbone = { ...backbone, preprocessing: await preprocessingOf(backbone, data) };
  const run = method.frozenFeatures === true ? adaptOnFeatures : adaptOnImages;
  const { base, trained, result, adapters, heads, trainedParameters, parameters } = await run(
    ready,
    task,
    options,
    settings,
    backend,
  );
  const weights = await merge(base, adapters, trained, backend);
  const kept = new Set([...heads, ...(adapters?.modules ?? []).flatMap(({ a, b }) => [a, b])]);
  for (const name of base.parameters.keys()) if (startsNew(name)) kept.add(name);
  return task.model({
    backbone: ready,
    weights,
    adapter:
      adapters === undefined || method.adapters === undefined
        ? undefined
        : { config: method.adapters.config, weights: new Map([...trained].filter(([name]) => kept.has(name))) },
    training: {
      method: method.name,
      settings: { ...method.settings, ...settings, ...(options.steps === undefined ? {} : { steps: options.steps }) },
      examples: data.length,
      seed: settings.seed,
      trainedParameters,
      parameters,
      result,
    },
  });
}
