import { VesaliusError } from "../../common/errors.ts";
import {
  divide,
  full,
  multiply,
  reduceMean,
  reduceSum,
  reshape,
  scatterElementsAdd,
  slice,
  softmax,
  stopGradient,
  sum,
  topK,
  type Value,
} from "../../graph/index.ts";
import { linearLayer } from "./linear.ts";

/**
 * 1 for the `count` largest entries of each row, else 0; of equal entries the first ones are taken. Nothing flows back
 * through the choice.
 *
 * @param scores `[rows, entries]`
 */
export function largestEntries(scores: Value, count: number): Value {
  const { indices } = topK(stopGradient(scores), count);
  const ones = full(scores.graph, indices.shape, 1);
  return scatterElementsAdd(full(scores.graph, scores.shape, 0), indices, ones, 1);
}

/** What a mixture of experts gives. */
export interface MixtureOutputs {
  /** Same shape as the input. */
  readonly output: Value;
  /** Scores of the router `[tokens, experts]`. */
  readonly routerLogits: Value;
  /** 1 for the experts that a token goes to, else 0, `[tokens, experts]`. */
  readonly chosen: Value;
}

/**
 * Mixture of experts (Shazeer et al. 2017, in the form of Mixtral, Jiang et al. 2024): each token goes to the
 * `perToken` experts with the highest score, weighted by the softmax over these scores. The router is `${gate}.weight`
 * `[experts, width]`, without bias.
 *
 * Every expert sees every token and the weights of those that were not chosen are zero: shapes stay static, at the cost
 * of `experts / perToken` times the arithmetic.
 *
 * @param x `[..., width]`
 * @param expert result of the expert of that number for `[tokens, width]`
 */
export function mixtureOfExperts(
  x: Value,
  gate: string,
  options: { readonly experts: number; readonly perToken: number },
  expert: (x: Value, number: number) => Value,
): MixtureOutputs {
  const { experts, perToken } = options;
  if (perToken > experts)
    throw new VesaliusError("bad-configuration", `${perToken} experts for each token, but only ${experts} experts`, {
      where: gate,
    });
  const width = x.shape.at(-1)!;
  const flat = reshape(x, [x.shape.slice(0, -1).reduce((a, b) => a * b, 1), width]);
  const routerLogits = linearLayer(flat, gate, experts, { bias: false });
  const chosen = largestEntries(routerLogits, perToken);
  const masked = multiply(softmax(routerLogits), chosen);
  const weights = divide(masked, reduceSum(masked, [1]));
  const parts = Array.from({ length: experts }, (_, i) => multiply(expert(flat, i), slice(weights, 1, i, i + 1)));
  return { output: reshape(sum(parts), x.shape), routerLogits, chosen };
}

/**
 * Load-balancing loss of Switch Transformers (Fedus et al. 2021) over the layers together, as transformers'
 * `load_balancing_loss_func`: the share of choices of each expert times its mean probability, summed, times the number
 * of experts. It is the number of experts for each token where the router spreads evenly.
 *
 * @returns scalar
 */
export function loadBalancingLoss(layers: readonly Pick<MixtureOutputs, "routerLogits" | "chosen">[]): Value {
  const experts = layers[0]!.routerLogits.shape[1]!;
  const mean = (values: readonly Value[]): Value =>
    multiply(sum(values.map((value) => reduceMean(value, [0], { keepDimensions: false }))), 1 / values.length);
  const share = mean(layers.map(({ chosen }) => chosen));
  const probability = mean(layers.map(({ routerLogits }) => softmax(routerLogits)));
  return multiply(reduceSum(multiply(share, probability), undefined, { keepDimensions: false }), experts);
}
