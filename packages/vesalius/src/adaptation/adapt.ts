import { platform } from "#platform";
import { VesaliusError } from "../common/errors.ts";
import type { Split } from "../data/index.ts";
import type { Graph, Tensors } from "../graph/index.ts";
import type { Backbone } from "../models/index.ts";
import { Model, type ModelParts, prepare, type Result, type Task } from "../tasks/index.ts";
import { pickTraining, resolveTraining } from "../training/index.ts";
import { adaptNetwork } from "./adapt-network.ts";
import type { Adaptation, AdaptOptions } from "./adapt-options.ts";
import { applyAdapter } from "./adapter.ts";
import { adaptProbe } from "./adapters/adapt-probe.ts";
import { detachAdapter, mergeAdapter, type TrainedAdapter } from "./attach.ts";
import { adapterFiles } from "./files/adapter-files.ts";
import { divideExamples } from "./fitting-examples.ts";

/** Parameters of a graph with an adapter that stays on it. */
const withAdapter = (base: Graph, trained: Tensors, adapter: TrainedAdapter): Tensors =>
  new Map([...[...trained].filter(([name]) => base.parameters.has(name)), ...adapter.weights]);

/** Results of a model on the examples that a task fits itself on. */
const resultsOf = (model: Model, split: Split, { signal }: Adaptation): AsyncIterable<Result> =>
  model.results(split, model.task.columns, signal === undefined ? {} : { signal });

/** The training examples with what the network as it starts says of them, where the task compares with that. */
async function begun(task: Task, backbone: ModelParts["backbone"], split: Split, all: Adaptation): Promise<Split> {
  if (task.fromStart === undefined) return split;
  if (backbone.weights === undefined || !all.method.pretrained)
    throw new VesaliusError(
      "bad-configuration",
      `${task.name} starts from a pretrained backbone, and compares with it`,
      {
        where: `method ${all.method.name}`,
        fix: "load or pretrain one and use another method, such as lora or fullFineTuning",
      },
    );
  const start = new Model({ task, backbone, weights: backbone.weights });
  try {
    return await task.fromStart(resultsOf(start, split, all), split);
  } finally {
    await start.release();
  }
}

/**
 * Adapts a backbone to a task with labelled examples.
 *
 * @param backbone pretrained, or (for the method `scratch`) only its shape
 * @param task what to learn, for example `classification({ classes })`
 * @returns the task's model, adapters merged into plain weights where they can be
 * @throws VesaliusError `bad-configuration`, `bad-data`, `checkpoint-mismatch`, `shape-mismatch` before training;
 * whatever `train` throws
 *
 * @example
 * const model = await adapt(backbone, classification({ classes: ["normal", "pneumonia"] }), {
 *   method: lora({ rank: 8 }),
 *   data: xrays.splits.train,
 * });
 */
export async function adapt<Truth, Answer, Measure>(
  backbone: Backbone,
  task: Task<Truth, Answer, Measure>,
  options: AdaptOptions,
): Promise<Model<Answer>> {
  const { method, data, seed = 0 } = options;
  // The types of truth, answer and measure are the task's own affair.
  const general = task as unknown as Task;
  const { train, toFit } = divideExamples(general, data, seed);
  const backend = options.backend ?? (await platform.defaultBackend());
  const fitted = await prepare(backbone, train, {
    seed,
    columns: task.fitsOn?.(backbone),
    ...(options.catalogues && { encoders: options.catalogues.encoders }),
  });
  const ready = method.prepare?.(fitted) ?? fitted;
  const settings = resolveTraining(method.defaults, pickTraining(options));
  const all: Adaptation = {
    ...options,
    data: train,
    seed,
    settings: { ...settings, batchSize: Math.min(settings.batchSize, train.length) },
  };
  const run = method.frozenFeatures === true ? adaptProbe : adaptNetwork;
  const { base, weights, result, attached, heads, memory, ...facts } = await run(
    ready,
    general,
    { ...all, data: await begun(general, ready, train, all) },
    backend,
  );
  const adapter = attached && (await detachAdapter(attached, weights, backend, heads));
  const merged = attached && (await mergeAdapter(base, attached.adapted, weights, backend));
  const stays = adapter !== undefined && merged === undefined ? adapter : undefined;
  const parts = {
    task: general,
    backbone: ready,
    weights: merged ?? (stays === undefined ? weights : withAdapter(base, weights, stays)),
    attached: stays && { config: stays.config, apply: (graph: Graph) => applyAdapter(graph, stays.config).graph },
    ...(adapter === undefined
      ? {}
      : { files: new Map([...adapterFiles(adapter)].map(([name, content]) => [`adapter/${name}`, content])) }),
    training: {
      method: method.name,
      settings: {
        ...method.settings,
        ...all.settings,
        ...(options.base === undefined ? {} : { base: options.base, baseBytes: memory }),
      },
      examples: data.length,
      seed,
      ...facts,
      result,
    },
  };
  const model = new Model(parts);
  const ofAnswers = await task.fit?.(resultsOf(model, toFit, all));
  return (ofAnswers === undefined ? model : new Model({ ...parts, fitted: ofAnswers })) as Model<Answer>;
}
