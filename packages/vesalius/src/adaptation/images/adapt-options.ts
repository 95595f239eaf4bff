import type { ImageSplit, TransformInput } from "../../data/index.ts";
import type { Backbone, Preprocessing } from "../../models/index.ts";
import type { Backend } from "../../runtime/index.ts";
import { adamW, type RunOptions, type TrainingEvaluation } from "../../training/index.ts";
import type { BaseFormat } from "../fine-tuning/quantized-base.ts";
import type { AdaptationMethod } from "../method.ts";

/** Options of `adapt`. What is left out comes from the method's defaults. */
export interface AdaptOptions extends RunOptions {
  readonly method: AdaptationMethod;
  /** How what the method freezes is stored while the rest is trained (see `storeBase`); float32 by default. */
  readonly base?: BaseFormat;
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

/** A backbone that knows how pixels become its inputs. */
export type ReadyBackbone = Backbone & { readonly preprocessing: Preprocessing };

/** Settings of a run with the method's defaults filled in. */
export function settingsOf(options: AdaptOptions) {
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

/** Settings of a run with nothing left out. */
export type Settings = ReturnType<typeof settingsOf>;

/** What every way of adapting hands to `train`. */
export const trainOptionsOf = (options: AdaptOptions, settings: Settings, backend: Backend, stepsPerEpoch: number) => ({
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
