import { platform } from "#platform";
import { VesaliusError } from "../common/errors.ts";
import type { ImageSplit, TransformInput } from "../data/index.ts";
import { elementCount, Graph, initializeParameters, type Tensor, type Tensors } from "../graph/index.ts";
import {
  type Backbone,
  backboneFeatures,
  checkFit,
  checkWeights,
  inputShape,
  mayBeUnused,
  type Preprocessing,
  startsNew,
} from "../models/index.ts";
import { preprocessingOf } from "../platform/preprocessing.ts";
import { type Backend, Program } from "../runtime/index.ts";
import { adamW, decayMatrices, type RunOptions, train, type TrainingEvaluation } from "../training/index.ts";
import { extractFeatures, featureBatches, foldScale, standardizeFeatures } from "./adapters/frozen-features.ts";
import { type LoraGraph, loraMergeGraph } from "./fine-tuning/lora.ts";
import type { AdaptationMethod } from "./method.ts";
import type { Task } from "./task.ts";

/** Options of `adapt`. What is left out comes from the method's defaults. */
export interface AdaptOptions extends RunOptions {
  readonly method: AdaptationMethod;
  readonly data: ImageSplit;
  readonly epochs?: number;
  /** Fixes the number of steps instead of the epochs: for comparisons over different amounts of data. */
  readonly steps?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly weightDecay?: number;
  readonly warmupFraction?: number;
  readonly clipNorm?: number;
  /** Decay of a moving average of the weights, which is what the model gets. */
  readonly emaDecay?: number;
  readonly transforms?: readonly TransformInput[];
  readonly workers?: number;
  readonly evaluation?: TrainingEvaluation;
}

type ReadyBackbone = Backbone & { readonly preprocessing: Preprocessing };

const decay = decayMatrices();

/** Graph of a task on a backbone: inputs `images` and `labels`, outputs `output` and `loss`. */
function taskGraph(backbone: Backbone, task: Task<unknown>, batchSize: number): Graph {
  const graph = new Graph(task.name);
  const images = graph.input("images", "float32", [batchSize, ...inputShape(backbone)]);
  const labels = graph.input("labels", "int32", [batchSize]);
  const output = task.head(backboneFeatures(backbone, images).pooled);
  graph.output("output", output);
  graph.output("loss", task.loss(output, labels));
  return graph;
}

/** Starting weights: new ones from the seed, and over them the pretrained ones, checked name by name. */
function startingWeights(graph: Graph, backbone: Backbone, method: AdaptationMethod, seed: number): Tensors {
  const weights = initializeParameters(graph, seed);
  if (!method.pretrained) return weights;
  if (backbone.weights === undefined)
    throw new VesaliusError(
      "bad-configuration",
      `${method.name} needs a pretrained backbone, this one has no weights`,
      {
        fix: "pretrain or load it first, or use the method scratch",
      },
    );
  const loaded = checkWeights(graph, backbone.weights, {
    where: "the backbone",
    mayMiss: startsNew,
    mayBeLeft: mayBeUnused,
  });
  return new Map([...weights, ...loaded]);
}

const countElements = (graph: Graph, names: Iterable<string>): number =>
  [...names].reduce((total, name) => total + elementCount(graph.parameters.get(name)!.shape), 0);

/** Names of the parameters that the head adds to the backbone. */
function headNames(backbone: Backbone, graph: Graph): Set<string> {
  const plain = new Graph();
  backboneFeatures(backbone, plain.input("images", "float32", [1, ...inputShape(backbone)]));
  return new Set([...graph.parameters.keys()].filter((name) => !plain.parameters.has(name)));
}

const input = (graph: Graph, name: string, data: Float32Array | Int32Array): [string, Tensor] => {
  const { dtype, shape } = graph.inputs.get(name)!;
  return [name, { dtype, shape, data }];
};

/** Settings of a run with the method's defaults filled in. */
function settingsOf(options: AdaptOptions) {
  const { defaults } = options.method;
  return {
    epochs: options.epochs ?? defaults.epochs,
    batchSize: Math.min(options.batchSize ?? defaults.batchSize, options.data.length),
    learningRate: options.learningRate ?? defaults.learningRate,
    weightDecay: options.weightDecay ?? defaults.weightDecay,
    warmupFraction: options.warmupFraction ?? 0.1,
    clipNorm: options.clipNorm ?? 1,
    seed: options.seed ?? 0,
  };
}

type Settings = ReturnType<typeof settingsOf>;

const shared = (options: AdaptOptions, settings: Settings, backend: Backend, stepsPerEpoch: number) => ({
  ...options,
  backend,
  optimizer: adamW({ betas: [0.9, 0.999], weightDecay: settings.weightDecay }),
  clipNorm: settings.clipNorm,
  totalSteps: options.steps ?? Math.max(1, settings.epochs * stepsPerEpoch),
  learningRate: settings.learningRate,
  schedule: { name: "cosine" as const, warmupFraction: settings.warmupFraction },
  seed: settings.seed,
  batchSize: settings.batchSize,
});

/** Trains backbone (or adapters) and head on images. */
async function adaptOnImages(
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
      ...shared(options, settings, backend, loader.stepsPerEpoch),
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

/** Trains the head alone on features that are computed once. */
async function adaptOnFeatures(
  backbone: ReadyBackbone,
  task: Task<unknown>,
  options: AdaptOptions,
  settings: Settings,
  backend: Backend,
) {
  const { data } = options;
  const base = taskGraph(backbone, task, settings.batchSize);
  const weights = startingWeights(base, backbone, options.method, settings.seed);
  const heads = headNames(backbone, base);
  const table = await extractFeatures(backbone, weights, data, backend);
  const scale = standardizeFeatures(table);
  const batches = featureBatches(table, data.labels!, settings.batchSize, settings.seed);
  const graph = new Graph("probe");
  const features = graph.input("features", "float32", [settings.batchSize, table.width]);
  const labels = graph.input("labels", "int32", [settings.batchSize]);
  graph.output("loss", task.loss(task.head(features), labels));
  const { weights: trained, ...result } = await train(
    graph,
    new Map([...weights].filter(([name]) => heads.has(name))),
    {
      ...shared(options, settings, backend, batches.stepsPerEpoch),
      batch: (step) => {
        const batch = batches.batch(step);
        return Promise.resolve(
          new Map([input(graph, "features", batch.features), input(graph, "labels", batch.labels)]),
        );
      },
    },
  );
  const folded = new Map([...weights, ...trained]);
  for (const name of heads)
    if (name.endsWith(".weight")) {
      const bias = name.replace(/weight$/, "bias");
      const plain = foldScale(trained.get(name)!, trained.get(bias)!, scale);
      folded.set(name, plain.weight).set(bias, plain.bias);
    }
  const trainedParameters = countElements(base, heads);
  return {
    base,
    trained: folded,
    result,
    adapters: undefined,
    heads,
    trainedParameters,
    parameters: countElements(base, base.parameters.keys()),
  };
}

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
