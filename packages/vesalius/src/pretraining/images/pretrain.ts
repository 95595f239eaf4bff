import { platform } from "#platform";
import type { ImageSplit, TransformInput } from "../../data/index.ts";
import { Graph, initializeParameters, type Tensors } from "../../graph/index.ts";
import { type Backbone, backboneFeatures, checkFit, inputShape, isFixed } from "../../models/index.ts";
import { preprocessingOf } from "../../platform/preprocessing.ts";
import { adamW, decayMatrices, type RunOptions, train, type TrainingResult } from "../../training/index.ts";
import type { PretrainingObjective } from "./objective.ts";

/** Options of `pretrain`. */
export interface ImagePretrainOptions extends RunOptions {
  readonly epochs?: number;
  readonly batchSize?: number;
  /** Peak learning rate. */
  readonly learningRate?: number;
  readonly weightDecay?: number;
  /** Share of the steps in which the learning rate rises. */
  readonly warmupFraction?: number;
  readonly clipNorm?: number;
  readonly transforms?: readonly TransformInput[];
  /** Worker threads that prepare batches. */
  readonly workers?: number;
}

/** A pretrained backbone and how it came about. */
export interface PretrainedOnImages extends Backbone {
  readonly weights: Tensors;
  readonly pretraining: {
    readonly objective: string;
    readonly settings: Readonly<Record<string, unknown>>;
    readonly images: number;
    readonly seed: number;
    readonly result: Omit<TrainingResult, "weights">;
    /** All weights, those of the objective's own parts (a decoder) too. */
    readonly objectiveWeights: Tensors;
  };
}

const defaultTransforms: readonly TransformInput[] = [
  { name: "randomResizedCrop", scale: [0.5, 1] },
  { name: "randomFlip" },
];

/** Names of the parameters that the backbone itself has. */
function backboneNames(backbone: Backbone): Set<string> {
  const graph = new Graph();
  const { tokens, pooled } = backboneFeatures(backbone, graph.input("images", "float32", [1, ...inputShape(backbone)]));
  graph.output("tokens", tokens);
  graph.output("pooled", pooled);
  return new Set(graph.parameters.keys());
}

/**
 * Pretrains a backbone without labels.
 *
 * @param backbone shape to train; where it has weights, training goes on from them
 * @param objective what it learns
 * @param images the training images; labels are not looked at
 * @returns the backbone with weights and with the preprocessing that they expect
 * @throws VesaliusError `shape-mismatch` when the images do not fit the backbone; whatever `train` throws
 *
 * @example
 * const backbone = await pretrain(vit.tiny({ image: 28, patch: 4 }), maskedImageModelling({ ratio: 0.75 }), xrays.train);
 */
export async function pretrainOnImages(
  backbone: Backbone,
  objective: PretrainingObjective,
  images: ImageSplit,
  options: ImagePretrainOptions = {},
): Promise<PretrainedOnImages> {
  checkFit(backbone, images.images);
  const { epochs = 100, seed = 0 } = options;
  const batchSize = Math.min(options.batchSize ?? 64, images.length);
  const preprocessing = await preprocessingOf(backbone, images);
  const graph = objective.build(backbone, batchSize);
  const weights = new Map([...initializeParameters(graph, seed), ...overlap(graph, backbone.weights)]);
  const loader = platform.imageLoader(images, {
    batchSize,
    seed,
    transforms: [...(options.transforms ?? defaultTransforms)],
    mean: preprocessing.mean,
    std: preprocessing.std,
    workers: options.workers ?? 1,
  });
  try {
    const { weights: trained, ...result } = await train(graph, weights, {
      ...options,
      backend: options.backend ?? (await platform.defaultBackend()),
      optimizer: adamW({ betas: [0.9, 0.95], weightDecay: options.weightDecay ?? 0.05 }),
      policy: decayMatrices((name) => !isFixed(backbone, name)),
      clipNorm: options.clipNorm ?? 1,
      totalSteps: epochs * loader.stepsPerEpoch,
      learningRate: options.learningRate ?? 1e-3,
      schedule: { name: "cosine", warmupFraction: options.warmupFraction ?? 0.1 },
      seed,
      batchSize,
      batch: async (step) => {
        const batch = await loader.batch(step);
        return new Map([
          ["images", { dtype: "float32" as const, shape: graph.inputs.get("images")!.shape, data: batch.images }],
        ]);
      },
    });
    const names = backboneNames(backbone);
    return {
      ...backbone,
      preprocessing,
      weights: new Map([...trained].filter(([name]) => names.has(name) || name.startsWith("norm."))),
      pretraining: {
        objective: objective.name,
        settings: objective.settings,
        images: images.length,
        seed,
        result,
        objectiveWeights: trained,
      },
    };
  } finally {
    await loader.close();
  }
}

const overlap = (graph: Graph, weights: Tensors | undefined): Tensors =>
  new Map([...(weights ?? [])].filter(([name]) => graph.parameters.has(name)));
