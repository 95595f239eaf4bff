import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { decayMatrices, layerDecayMultipliers } from "../../training/index.ts";
import type { AdaptationMethod } from "../method.ts";
import { matchesAny } from "../patterns.ts";

const decay = decayMatrices();

/** Options of `fullFineTuning`. */
export interface FullFineTuningOptions {
  /** Factor on the learning rate from one layer to the one below (Clark et al. 2020, as in MAE); 1 turns it off. */
  readonly layerDecay?: number;
}

/** Fine-tuning of all parameters, with learning rates that fall towards the input. */
export function fullFineTuning({ layerDecay = 0.75 }: FullFineTuningOptions = {}): AdaptationMethod {
  return {
    name: "fullFineTuning",
    settings: { layerDecay },
    defaults: { learningRate: 1e-3, epochs: 10, batchSize: 64, weightDecay: 0.05 },
    pretrained: true,
    policy: (parameter, network) => {
      const multipliers = layerDecayMultipliers(network.layers, layerDecay);
      return { ...decay(parameter), learningRateScale: multipliers[network.layerOf(parameter.name)]! };
    },
  };
}

/** Training of all parameters from random weights: the baseline that shows what pretraining is worth. */
export function scratch(): AdaptationMethod {
  return {
    name: "scratch",
    settings: {},
    defaults: { learningRate: 1e-3, epochs: 10, batchSize: 64, weightDecay: 0.05 },
    pretrained: false,
    policy: decay,
  };
}

/** Options of `partialFineTuning`. */
export interface PartialFineTuningOptions {
  /** Patterns of the parameters to train (see `matchesAny`), for example `blocks.11.*` or `*.bias`. */
  readonly parameters: readonly string[];
}

/** Fine-tuning of the parameters that the patterns name; the rest is frozen. */
export function partialFineTuning({ parameters }: PartialFineTuningOptions): AdaptationMethod {
  return {
    name: "partialFineTuning",
    settings: { parameters },
    defaults: { learningRate: 1e-3, epochs: 10, batchSize: 64, weightDecay: 0.05 },
    pretrained: true,
    patterns: parameters,
    policy: (parameter) => (matchesAny(parameter.name, parameters) ? decay(parameter) : undefined),
  };
}

/** Fine-tuning of all or some parameters, and training from random weights, in the catalogue of methods. */
export const fineTuningMethods = [
  entry({
    name: "scratch",
    summary: "Trains all parameters from random weights: what pretraining is held against.",
    settings: z.strictObject({}),
    create: () => scratch(),
  }),
  entry({
    name: "fullFineTuning",
    summary: "Trains all parameters, with learning rates that fall towards the input.",
    settings: z.strictObject({
      /** Factor on the learning rate from one layer to the one below; 1 turns it off. */
      layerDecay: z.number().gt(0).max(1).default(0.75),
    }),
    create: (settings) => fullFineTuning(settings),
    paper: "Clark et al. 2020",
  }),
  entry({
    name: "partialFineTuning",
    summary: "Trains the parameters that patterns name.",
    settings: z.strictObject({
      /** Patterns of the parameters to train, for example `blocks.11.*` or `*.bias`. */
      parameters: z.array(z.string().min(1)).min(1),
    }),
    create: (settings) => partialFineTuning(settings),
  }),
] as const;
