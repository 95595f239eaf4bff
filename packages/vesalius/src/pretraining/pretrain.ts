import { platform } from "#platform";
import type { FeedCounts, Split } from "../data/index.ts";
import { initializeParameters, type Tensors } from "../graph/index.ts";
import type { Backbone, Preparation } from "../models/index.ts";
import {
  exportTypes,
  feedsOf,
  ownParameters,
  type PlanOptions,
  prepare,
  roleParts,
  trainingPlan,
} from "../tasks/index.ts";
import {
  decayMatrices,
  pickTraining,
  resolveTraining,
  type RunOptions,
  train,
  type TrainingInput,
  trainOptions,
  type TrainingResult,
} from "../training/index.ts";
import type { Objective } from "./objective.ts";
import { objectiveGraph } from "./objective-graph.ts";

/** Options of `pretrain`. What is left out comes from the objective's defaults. */
export interface PretrainOptions
  extends Omit<RunOptions, "recomputation">, TrainingInput, Omit<PlanOptions, "batchSize" | "seed"> {
  /** Worker threads that prepare batches. */
  readonly workers?: number;
}

/** A pretrained backbone and how it came about. */
export interface Pretrained extends Backbone {
  readonly weights: Tensors;
  readonly preparation: Preparation;
  readonly pretraining: {
    readonly objective: string;
    readonly settings: Readonly<Record<string, unknown>>;
    readonly examples: number;
    /** What encoders tell of the examples: tokens, texts that were cut. */
    readonly counts: FeedCounts;
    readonly seed: number;
    readonly result: Omit<TrainingResult, "weights">;
    /** All weights, those of the objective's own parts (a decoder) too. */
    readonly objectiveWeights: Tensors;
  };
}

const overlap = (names: ReadonlyMap<string, unknown>, weights: Tensors | undefined): Tensors =>
  new Map([...(weights ?? [])].filter(([name]) => names.has(name)));

/**
 * Pretrains a backbone.
 *
 * @param backbone what to train; where it has weights, training goes on from them
 * @param objective what it learns
 * @param split the training examples; labels are not looked at unless the objective reads them
 * @returns the backbone with weights and with the encoders that they expect
 * @throws VesaliusError `bad-data` for a split that the backbone cannot read, `bad-configuration` for an objective that
 * the backbone does not fit; whatever `train` throws
 *
 * @example
 * const backbone = await pretrain(vit.tiny({ imageSize: 28, patchSize: 4 }), maskedImageModelling(), xrays.splits.train);
 */
export async function pretrain(
  backbone: Backbone,
  objective: Objective,
  split: Split,
  options: PretrainOptions = {},
): Promise<Pretrained> {
  const { seed = 0 } = options;
  const prepared = await prepare(backbone, split, {
    seed,
    ...(options.catalogues && { encoders: options.catalogues.encoders }),
  });
  const settings = resolveTraining(objective.defaults ?? {}, pickTraining(options));
  const plan = trainingPlan(objective.feeds(prepared), split, { ...options, seed, batchSize: settings.batchSize });
  const batches = await platform.batches(split, plan, {
    workers: options.workers ?? 1,
    ...(options.catalogues && { catalogues: options.catalogues }),
  });
  try {
    const largest = batches.buckets.at(-1)!;
    const built = (bucket: string) => objectiveGraph(prepared, objective, batches.inputs(bucket), batches.rows(bucket));
    const { graph, terms } = built(largest);
    const start = new Map([...initializeParameters(graph, seed), ...overlap(graph.parameters, backbone.weights)]);
    const source = {
      bucket: largest,
      graph: (bucket: string) => (bucket === largest ? graph : built(bucket).graph),
      async batch(step: number) {
        const { bucket, feeds, size } = await batches.batch(step);
        return { bucket, feeds: feedsOf(graph, feeds), examples: size };
      },
    };
    const { weights: trained, ...result } = await train(source, start, {
      ...trainOptions(
        settings,
        { ...options, seed, backend: options.backend ?? (await platform.defaultBackend()) },
        batches.stepsPerEpoch,
      ),
      policy: decayMatrices(),
      report: terms,
      batchSize: plan.rows,
    });
    // The objective may feed views of a role, and no part of the role's own name.
    const types = exportTypes(roleParts(prepared), 1, {}, options.catalogues?.encoders);
    const own = ownParameters(prepared, types);
    const { network } = prepared;
    return {
      ...prepared,
      weights: new Map(
        [...trained].filter(([name]) => own.has(name) || ["left", "either"].includes(network.mayDiffer?.(name) ?? "")),
      ),
      pretraining: {
        objective: objective.name,
        settings: objective.settings,
        examples: split.length,
        counts: batches.counts,
        seed,
        result,
        objectiveWeights: trained,
      },
    };
  } finally {
    await batches.close();
  }
}
