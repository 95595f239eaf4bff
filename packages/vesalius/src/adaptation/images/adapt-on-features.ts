import { VesaliusError } from "../../common/errors.ts";
import { Graph } from "../../graph/index.ts";
import type { Backend } from "../../runtime/index.ts";
import { train } from "../../training/index.ts";
import { type AdaptOptions, type ReadyBackbone, type Settings, trainOptionsOf } from "./adapt-options.ts";
import type { Task } from "./task.ts";
import { countElements, headNames, input, startingWeights, taskGraph } from "./task-graph.ts";
import { extractFeatures, featureBatches, foldScale, standardizeFeatures } from "./frozen-features.ts";

/** Trains the head alone on features that are computed once. */
export async function adaptOnFeatures(
  backbone: ReadyBackbone,
  task: Task<unknown>,
  options: AdaptOptions,
  settings: Settings,
  backend: Backend,
) {
  if (options.base !== undefined && options.base !== "float32")
    throw new VesaliusError("bad-configuration", "features are computed once, from the base as it is", {
      where: "base",
      fix: "leave base out, or choose a method that runs the backbone at every step",
    });
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
      ...trainOptionsOf(options, settings, backend, batches.stepsPerEpoch),
      // The backbone, whose activations it would be about, does not run here.
      recomputation: "none",
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
    attached: undefined,
    memory: undefined,
    heads,
    trainedParameters,
    parameters: countElements(base, base.parameters.keys()),
  };
}
