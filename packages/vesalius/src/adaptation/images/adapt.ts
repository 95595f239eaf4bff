import { platform } from "#platform";
import type { Graph, Tensors } from "../../graph/index.ts";
import { type Backbone, checkFit, startsNew } from "../../models/index.ts";
import { preprocessingOf } from "../../platform/preprocessing.ts";
import { type AdaptOptions, type ReadyBackbone, settingsOf } from "./adapt-options.ts";
import { adaptOnFeatures } from "./adapt-on-features.ts";
import { adaptOnImages } from "./adapt-on-images.ts";
import { detachAdapter, mergeAdapter, type TrainedAdapter } from "../attach.ts";
import type { Task } from "./task.ts";

/** Parameters of a graph with an adapter that stays on it. */
const withAdapter = (base: Graph, trained: Tensors, adapter: TrainedAdapter): Tensors =>
  new Map([...[...trained].filter(([name]) => base.parameters.has(name)), ...adapter.weights]);

/**
 * Adapts a backbone to a task with labelled images.
 *
 * @param backbone pretrained, or (for the method `scratch`) only its shape
 * @param task what to learn, for example `classification(labels)`
 * @returns the task's model, adapters merged into plain weights where they can be
 * @throws VesaliusError `bad-configuration`, `bad-data`, `checkpoint-mismatch`, `shape-mismatch` before training;
 * whatever `train` throws
 *
 * @example
 * const model = await adapt(backbone, classification(xrays.labels), { method: lora({ rank: 8 }), data: xrays.train });
 */
export async function adaptOnLabelledImages<Model>(
  backbone: Backbone,
  task: Task<Model>,
  options: AdaptOptions,
): Promise<Model> {
  const { method, data } = options;
  checkFit(backbone, data.images);
  task.check(data.labels, data.ids);
  const backend = options.backend ?? (await platform.defaultBackend());
  const settings = settingsOf(options);
  const ready: ReadyBackbone = { ...backbone, preprocessing: await preprocessingOf(backbone, data) };
  const run = method.frozenFeatures === true ? adaptOnFeatures : adaptOnImages;
  const { base, trained, result, attached, heads, trainedParameters, parameters, memory } = await run(
    ready,
    task,
    options,
    settings,
    backend,
  );
  const also = new Set(heads);
  for (const name of base.parameters.keys()) if (startsNew(name)) also.add(name);
  const adapter = attached && (await detachAdapter(attached, trained, backend, also));
  const merged = attached && (await mergeAdapter(base, attached.adapted, trained, backend));
  const isAttached = adapter !== undefined && merged === undefined;
  return task.model({
    backbone: ready,
    weights: merged ?? (isAttached ? withAdapter(base, trained, adapter) : trained),
    attached: isAttached ? adapter.config : undefined,
    adapter,
    training: {
      method: method.name,
      settings: {
        ...method.settings,
        ...settings,
        ...(options.steps === undefined ? {} : { steps: options.steps }),
        ...(options.base === undefined ? {} : { base: options.base, baseBytes: memory }),
      },
      examples: data.length,
      seed: settings.seed,
      trainedParameters,
      parameters,
      result,
    },
  });
}
