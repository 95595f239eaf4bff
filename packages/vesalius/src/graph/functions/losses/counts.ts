import type { Value } from "../../value.ts";
import { softplus } from "../activations.ts";
import { add, log, multiply, negate, reciprocal, square, subtract } from "../arithmetic.ts";
import { greater, less, where } from "../comparison.ts";

/** Keeps logarithms finite, as in scvi-tools. */
const epsilon = 1e-8;

/**
 * Logarithm of the gamma function of positive numbers: Stirling's series at x + 7, brought back by the recurrence.
 * Absolute error about 1e-6 in float32, relative to the result for large ones.
 */
export function logGamma(x: Value): Value {
  const steps = 7;
  let product = x;
  for (let i = 1; i < steps; i++) product = multiply(product, add(x, i));
  const shifted = add(x, steps);
  const inverse = reciprocal(shifted);
  const inverseSquare = square(inverse);
  const series = multiply(
    inverse,
    add(multiply(add(multiply(inverseSquare, 1 / 1260), -1 / 360), inverseSquare), 1 / 12),
  );
  const stirling = add(subtract(multiply(subtract(shifted, 0.5), log(shifted)), shifted), series);
  return subtract(add(stirling, 0.5 * Math.log(2 * Math.PI)), log(product));
}

/** What both distributions share: `x log(mu / (theta + mu)) + log binomial coefficient`, and the logarithms. */
function negativeBinomialParts(counts: Value, mean: Value, dispersion: Value) {
  const logTotal = log(add(add(dispersion, mean), epsilon));
  const ofDispersion = multiply(dispersion, subtract(log(add(dispersion, epsilon)), logTotal));
  const ofCounts = multiply(counts, subtract(log(add(mean, epsilon)), logTotal));
  const coefficient = subtract(
    subtract(logGamma(add(counts, dispersion)), logGamma(dispersion)),
    logGamma(add(counts, 1)),
  );
  return { ofDispersion, ofCounts: add(ofCounts, coefficient) };
}

/**
 * Log-likelihood of counts under a negative binomial with mean and inverse dispersion, as scvi-tools'
 * `log_nb_positive`.
 *
 * @param counts `[cells, genes]`
 * @param mean positive, same shape
 * @param dispersion positive, broadcast: `[genes]`; variance is `mean + mean^2 / dispersion`
 * @returns one log-likelihood for each count
 */
export function negativeBinomialLogLikelihood(counts: Value, mean: Value, dispersion: Value): Value {
  const { ofDispersion, ofCounts } = negativeBinomialParts(counts, mean, dispersion);
  return add(ofDispersion, ofCounts);
}

/**
 * Log-likelihood of counts under a zero-inflated negative binomial (Lopez et al. 2018), as scvi-tools'
 * `log_zinb_positive`.
 *
 * @param dropoutLogits of the probability that a count is zero whatever the mean, same shape as the counts
 * @returns one log-likelihood for each count
 */
export function zeroInflatedLogLikelihood(counts: Value, mean: Value, dispersion: Value, dropoutLogits: Value): Value {
  const { ofDispersion, ofCounts } = negativeBinomialParts(counts, mean, dispersion);
  const logKept = negate(softplus(negate(dropoutLogits)));
  const base = subtract(ofDispersion, dropoutLogits);
  const { graph } = counts;
  const ofZero = add(softplus(base), logKept);
  const ofPositive = add(add(logKept, base), ofCounts);
  const isZero = less(counts, graph.scalar(epsilon));
  return where(isZero, ofZero, where(greater(counts, graph.scalar(epsilon)), ofPositive, graph.scalar(0)));
}
