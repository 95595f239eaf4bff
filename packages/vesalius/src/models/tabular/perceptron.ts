import { z } from "zod";
import { concat, relu, silu, tanh, type Value } from "../../graph/index.ts";
import { dropoutLayer } from "../layers/dropout.ts";
import { layerNormLayer, linearLayer } from "../layers/linear.ts";
import type { Activation } from "../layers/transformer.ts";
import { architectureEntry, type Mode, type Network } from "../network.ts";
import { inputOf, known } from "../network-inputs.ts";
import { suggestPerceptron } from "../suggestions/perceptron.ts";

const role = "record";

/** Settings of a perceptron over the numbers of a record. */
export const perceptronSettingsSchema = z.strictObject({
  /** Numbers of a record; as many as the data have where it is left out. */
  numbers: z.int().positive().optional(),
  /** Hidden layers. None makes the model linear: with a survival task, Cox regression. */
  depth: z.int().nonnegative().max(100).default(2),
  width: z.int().positive().default(64),
  activation: z.enum(["relu", "silu", "tanh"]).default("relu"),
  /** Share of each hidden layer that training drops. */
  dropout: z.number().min(0).lt(1).default(0),
  /** Normalise each hidden layer. */
  normalize: z.boolean().default(false),
  /** Tell the network which numbers are missing, beside the zeros that stand for them. */
  missing: z.boolean().default(true),
});

/** Settings of a perceptron. */
export type PerceptronSettings = z.infer<typeof perceptronSettingsSchema>;

const activations: Readonly<Record<PerceptronSettings["activation"], Activation>> = { relu, silu, tanh };

function hiddenLayers(x: Value, config: PerceptronSettings, mode: Mode): Value {
  let y = x;
  for (let i = 0; i < config.depth; i++) {
    const dense = linearLayer(y, `layers.${i}.linear`, config.width, { initializer: { kind: "kaimingUniform" } });
    const normed = config.normalize ? layerNormLayer(dense, `layers.${i}.norm`, 1e-5) : dense;
    y = dropoutLayer(activations[config.activation](normed), `layers.${i}`, config.dropout, mode);
  }
  return y;
}

function perceptronNetwork(config: PerceptronSettings): Network {
  const network: Network = {
    name: "perceptron",
    config,
    reads: { [role]: { name: "numbers" } },
    fitted(preparation) {
      const names = preparation[role]?.["names"];
      return Array.isArray(names) ? perceptronNetwork({ ...config, numbers: names.length }) : network;
    },
    features(inputs, mode) {
      known(config.numbers, "numbers", "perceptron");
      const values = inputOf(inputs, role, "values");
      const missing = config.missing ? inputs[role]?.["missing"] : undefined;
      return { pooled: hiddenLayers(missing === undefined ? values : concat([values, missing], 1), config, mode) };
    },
    layers: config.depth,
    layerOf(parameter) {
      const layer = /^layers\.(\d+)\./.exec(parameter);
      return layer === null ? config.depth + 1 : Number(layer[1]) + 1;
    },
  };
  return network;
}

/** A perceptron over numbers in the catalogue of architectures. */
export const perceptronArchitecture = architectureEntry({
  name: "perceptron",
  summary: "Fully connected layers over the numbers of a record; without any, a linear model such as Cox regression",
  paper:
    "Katzman et al. 2018, DeepSurv: personalized treatment recommender system using a Cox proportional hazards deep neural network",
  settings: perceptronSettingsSchema,
  roles: { [role]: "numbers or categories" },
  presets: {
    nano: { depth: 1, width: 8 },
    linear: { depth: 0 },
    micro: { depth: 1, width: 32 },
    small: { depth: 2, width: 64 },
  },
  suggest: suggestPerceptron,
  create: perceptronNetwork,
});
