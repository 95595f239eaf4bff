import { z } from "zod";
import {
  add,
  clip,
  erf,
  gelu,
  leakyRelu,
  mish,
  multiply,
  quickGelu,
  relu,
  sigmoid,
  silu,
  square,
  subtract,
  tanh,
  type Value,
} from "../../graph/index.ts";
import type { Activation } from "./transformer.ts";

/** The distribution function of a normal distribution, as MEGA (Ma et al. 2023) fits it to the squared ReLU. */
const laplace = (x: Value): Value =>
  multiply(add(erf(multiply(subtract(x, Math.SQRT1_2), 1 / (0.282095 * Math.SQRT2))), 1), 0.5);

/** Nonlinearities between the linear layers of transformers. */
export const hiddenActivations = {
  gelu,
  geluTanh: (x: Value): Value => gelu(x, "tanh"),
  geluClipped: (x: Value): Value => clip(gelu(x), -10, 10),
  quickGelu,
  relu,
  relu6: (x: Value): Value => clip(x, 0, 6),
  squaredRelu: (x: Value): Value => square(relu(x)),
  leakyRelu: (x: Value): Value => leakyRelu(x),
  silu,
  mish,
  laplace,
  sigmoid,
  tanh,
  linear: (x: Value): Value => x,
} satisfies Readonly<Record<string, Activation>>;

/** Name of a nonlinearity. */
export type HiddenActivation = keyof typeof hiddenActivations;

/** A nonlinearity by its name here. */
export const hiddenActivationSchema = z.enum(Object.keys(hiddenActivations) as HiddenActivation[]);

/** Names of transformers' `ACT2FN`; the first of several for one function is written. Those with parameters are left out. */
const published: Readonly<Record<string, HiddenActivation>> = {
  gelu: "gelu",
  gelu_python: "gelu",
  gelu_new: "geluTanh",
  gelu_pytorch_tanh: "geluTanh",
  gelu_python_tanh: "geluTanh",
  gelu_fast: "geluTanh",
  gelu_accurate: "geluTanh",
  gelu_10: "geluClipped",
  quick_gelu: "quickGelu",
  relu: "relu",
  relu6: "relu6",
  relu2: "squaredRelu",
  leaky_relu: "leakyRelu",
  silu: "silu",
  swish: "silu",
  mish: "mish",
  laplace: "laplace",
  sigmoid: "sigmoid",
  tanh: "tanh",
  linear: "linear",
};

/** Names of nonlinearities in transformers. */
export const publishedActivations: readonly string[] = Object.keys(published);

/** A nonlinearity by its name in transformers (`hidden_act`, `activation_function`), before any default. */
const namedSchema = z.string().transform((name, context): HiddenActivation => {
  const found = Object.hasOwn(published, name) ? published[name] : undefined;
  if (found !== undefined) return found;
  context.addIssue({
    code: "custom",
    message: `the activation ${JSON.stringify(name)} is not supported; known are ${publishedActivations.join(", ")}`,
  });
  return z.NEVER;
});

/** A nonlinearity by its name in transformers (`hidden_act`, `activation_function`); `usual` where it is left out. */
export const publishedActivationSchema = (usual: HiddenActivation) => namedSchema.default(usual);

/** The nonlinearity of a published name that is known to be one. */
export const activationNamed = (name: string): Activation => hiddenActivations[published[name]!];

/** Name of a nonlinearity in transformers. */
export const publishedActivation = (activation: HiddenActivation): string =>
  Object.entries(published).find(([, own]) => own === activation)![0];
