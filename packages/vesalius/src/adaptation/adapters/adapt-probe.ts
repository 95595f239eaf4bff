import { platform } from "#platform";
import { VesaliusError } from "../../common/errors.ts";
import { randomStream } from "../../common/random.ts";
import { type FeedPlan, type Part } from "../../data/index.ts";
import { Graph, type Tensors, type Value } from "../../graph/index.ts";
import type { Backbone } from "../../models/index.ts";
import type { Backend } from "../../runtime/index.ts";
import { featureGraph, graphInputs, predictionPlan, type Task, trainingGraph } from "../../tasks/index.ts";
import { train, trainOptions } from "../../training/index.ts";
import { adaptNetwork } from "../adapt-network.ts";
import type { Adaptation } from "../adapt-options.ts";
import { type AdaptableLayer, adaptableLayers } from "../layers.ts";
import { countElements, startingWeights } from "../starting-weights.ts";
import type { Trained } from "../trained.ts";
import { extractFeatures, type FeatureTable, foldScale, standardizeFeatures } from "./frozen-features.ts";

/** Shuffled positions of examples; the same step always gives the same ones. */
function featureOrder(count: number, rows: number, seed: number) {
  const stepsPerEpoch = Math.max(1, Math.floor(count / rows));
  return {
    stepsPerEpoch,
    at(step: number): Int32Array {
      const order = randomStream(seed, "features", Math.floor(step / stepsPerEpoch)).permutation(count);
      const start = (step % stepsPerEpoch) * rows;
      return Int32Array.from({ length: rows }, (_, row) => order[(start + row) % count]!);
    },
  };
}

const targetsOf = (plan: FeedPlan, parts: Readonly<Record<string, Part>>): FeedPlan => ({
  ...plan,
  parts: Object.fromEntries(Object.entries(parts).filter(([, part]) => part.target === true)),
});

/** Every target of every example, by input. */
async function readTargets(task: Task, backbone: Backbone, options: Adaptation): Promise<Tensors> {
  const { parts } = task.feeds(backbone);
  const plan = targetsOf(predictionPlan({ parts: {} }, options.data.length), parts);
  const batches = await platform.batches(options.data, plan, { workers: 0 });
  try {
    return (await batches.batch(0)).feeds;
  } finally {
    await batches.close();
  }
}

/** The layers of a head that read the features, all of them linear and with a bias; undefined where others do too. */
function firstLayers(graph: Graph, features: Value): readonly AdaptableLayer[] | undefined {
  const readers = graph.nodes.filter(({ inputs }) => inputs.includes(features));
  const linear = adaptableLayers(graph).filter(
    ({ node, kind, matrix }) => kind === "linear" && matrix === undefined && readers.includes(node),
  );
  const simple = linear.every(
    ({ bias, fanInFanOut, node }) => bias !== undefined && !fanInFanOut && node.inputs[0] === features,
  );
  return simple && linear.length === readers.length ? linear : undefined;
}

/**
 * Trains the head alone on pooled features that are computed once. They are standardised where the head begins with
 * linear layers, into which the scale is folded afterwards, so that the model stays a plain one. Tasks whose head reads
 * more than pooled features are trained on a frozen network, batch by batch.
 */
export async function adaptProbe(
  backbone: Backbone,
  task: Task,
  options: Adaptation,
  backend: Backend,
): Promise<Trained> {
  if (task.readsPooled !== true) return adaptNetwork(backbone, task, options, backend);
  if (options.base !== undefined && options.base !== "float32")
    throw new VesaliusError("bad-configuration", "features are computed once, from the base as it is", {
      where: "base",
      fix: "leave base out, or choose a method that runs the backbone at every step",
    });
  const { data, seed, settings } = options;
  const { parts } = task.feeds(backbone);
  const plan = predictionPlan({ parts }, Math.min(64, data.length));
  const batches = await platform.batches(data, { ...plan, parts }, { workers: 0 });
  const { counts } = batches;
  const [largest] = batches.buckets.slice(-1) as [string];
  const { graph: base } = trainingGraph(backbone, task, batches.inputs(largest), batches.rows(largest));
  const own = featureGraph(backbone, batches.inputs(largest)).parameters;
  await batches.close();
  const heads = new Set([...base.parameters.keys()].filter((name) => !own.has(name)));
  const weights = startingWeights(base, backbone, (name) => heads.has(name), options.method, seed);
  const table = await extractFeatures(backbone, weights, data, plan, backend);
  const targets = await readTargets(task, backbone, options);
  const rows = settings.batchSize;
  const { graph, features } = probeGraph(task, backbone, table, targets, rows);
  const layers = firstLayers(graph, features);
  const scale = layers === undefined ? undefined : standardizeFeatures(table);
  const order = featureOrder(table.count, rows, seed);
  const { weights: trained, ...result } = await train(
    graph,
    new Map([...weights].filter(([name]) => heads.has(name))),
    {
      ...trainOptions(settings, { ...options, backend }, order.stepsPerEpoch),
      // The backbone, whose activations it would be about, does not run here.
      recomputation: "none",
      batchSize: rows,
      batch: (step) => Promise.resolve(gatherRows(table, targets, order.at(step))),
    },
  );
  const folded: Tensors = new Map([...weights, ...trained]);
  for (const { weight, bias } of scale === undefined ? [] : layers!) {
    const plain = foldScale(trained.get(weight.name)!, trained.get(bias!.name)!, scale!);
    folded.set(weight.name, plain.weight).set(bias!.name, plain.bias);
  }
  return {
    base,
    weights: folded,
    result,
    attached: undefined,
    memory: undefined,
    heads,
    counts,
    trainedParameters: countElements(base, heads),
    parameters: countElements(base, base.parameters.keys()),
  };
}

/** The head with its loss on given features. */
function probeGraph(task: Task, backbone: Backbone, table: FeatureTable, targets: Tensors, rows: number) {
  const graph = new Graph("probe");
  const features = graph.input("features", "float32", [rows, table.width]);
  const types = [...targets].map(([name, { dtype, shape }]) => [name, { dtype, shape: [rows, ...shape.slice(1)] }]);
  const inputs = graphInputs(graph, Object.fromEntries(types) as Parameters<typeof graphInputs>[1]);
  const context = { inputs, rows, backbone, training: true };
  graph.output("loss", task.loss(task.head({ pooled: features }, context), context).loss);
  return { graph, features };
}

function gatherRows(table: FeatureTable, targets: Tensors, picked: Int32Array): Tensors {
  const { width, values } = table;
  const features = new Float32Array(picked.length * width);
  picked.forEach((source, row) => features.set(values.subarray(source * width, (source + 1) * width), row * width));
  const feeds: Tensors = new Map([["features", { dtype: "float32", shape: [picked.length, width], data: features }]]);
  for (const [name, { dtype, shape, data }] of targets) {
    const size = data.length / shape[0]!;
    const all = data as Float32Array;
    const rows = all.slice(0, picked.length * size).constructor as Float32ArrayConstructor;
    const gathered = new rows(picked.length * size);
    picked.forEach((source, row) => gathered.set(all.subarray(source * size, (source + 1) * size), row * size));
    feeds.set(name, { dtype, shape: [picked.length, ...shape.slice(1)], data: gathered });
  }
  return feeds;
}
