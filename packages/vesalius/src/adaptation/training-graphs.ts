import type { Batches } from "../data/index.ts";
import type { Backbone } from "../models/index.ts";
import { decoderParameters, ownParameters, type Task, trainingGraph } from "../tasks/index.ts";
import { refuseIdlePatterns } from "./choose-layers.ts";
import type { AdaptationMethod } from "./method.ts";
import type { IsHead } from "./starting-weights.ts";

/**
 * The graphs that an adaptation trains, before an adapter is put on them, one for each shape of batches.
 *
 * @throws VesaliusError `bad-configuration` where network, task and method do not fit each other
 */
export function trainingGraphs(backbone: Backbone, task: Task, method: AdaptationMethod, batches: Batches) {
  const largest = batches.buckets.at(-1)!;
  const built = (bucket: string) => trainingGraph(backbone, task, batches.inputs(bucket), batches.rows(bucket));
  const { graph: base, terms } = built(largest);
  const own = ownParameters(backbone, batches.inputs(largest));
  const isHead: IsHead = (name) => !own.has(name);
  // What a pretrained decoder writes with is its own, though other checkpoints may lack it: an output layer.
  const writing = decoderParameters(backbone);
  /** Whether a parameter is no checkpoint's, and is trained whatever the method says. */
  const isNew = (name: string): boolean =>
    isHead(name) ||
    (["new", "either"].includes(backbone.network.mayDiffer?.(name) ?? "") &&
      !(writing.has(name) && backbone.weights?.has(name) === true));
  const names = [...base.parameters.keys()];
  refuseIdlePatterns(`the patterns of ${method.name} match no parameter`, method.patterns ?? [], names, names);
  return { largest, built, base, terms, isHead, isNew };
}
