import {
  add,
  concat,
  identityMatrix,
  matMul,
  meanOf,
  meanSquaredError,
  multiply,
  power,
  reduceMean,
  reduceSumSquare,
  relu,
  slice,
  sqrt,
  square,
  subtract,
  sumOf,
  transpose,
  type Value,
} from "../../../graph/index.ts";

const centred = (x: Value): Value => subtract(x, reduceMean(x, [0]));

/** Columns with zero mean and unit (biased) variance. */
function standardised(x: Value): Value {
  const c = centred(x);
  return multiply(c, power(add(reduceMean(square(c), [0]), 1e-5), -0.5));
}

/**
 * Barlow Twins (Zbontar et al. 2021), as lightly's `BarlowTwinsLoss`: the correlation of the two views' dimensions shall
 * be the identity. Dimensions are standardised over both views together, as lightly does it; the authors' code takes each
 * view on its own.
 *
 * @param first projections of one view of each image, `[batch, width]`
 * @param second projections of the other, same shape
 * @param redundancyWeight weight of what lies off the diagonal
 * @returns scalar
 */
export function barlowTwinsLoss(first: Value, second: Value, redundancyWeight = 0.005): Value {
  const [batch, width] = first.shape as [number, number];
  const views = standardised(concat([first, second], 0));
  const ofFirst = transpose(slice(views, 0, 0, batch), [1, 0]);
  const correlation = multiply(matMul(ofFirst, slice(views, 0, batch, 2 * batch)), 1 / batch);
  const identity = identityMatrix(first.graph, width);
  const errors = square(subtract(correlation, identity));
  const weights = add(multiply(identity, 1 - redundancyWeight), redundancyWeight);
  return sumOf(multiply(errors, weights));
}

/** Weights of the three parts of `vicRegLoss`. */
export interface VicRegOptions {
  /** Distance of the two views; 25 by default. */
  readonly invarianceWeight?: number;
  /** Hinge that keeps each dimension's deviation at 1 or more; 25 by default. */
  readonly varianceWeight?: number;
  /** Squared covariance of different dimensions; 1 by default. */
  readonly covarianceWeight?: number;
}

function variancePart(c: Value): Value {
  const variance = multiply(reduceSumSquare(c, [0]), 1 / (c.shape[0]! - 1));
  return meanOf(relu(subtract(c.graph.scalar(1), sqrt(add(variance, 1e-4)))));
}

function covariancePart(c: Value): Value {
  const [batch, width] = c.shape as [number, number];
  const covariance = multiply(matMul(transpose(c, [1, 0]), c), 1 / (batch - 1));
  const others = subtract(c.graph.scalar(1), identityMatrix(c.graph, width));
  return multiply(sumOf(multiply(square(covariance), others)), 1 / width);
}

/**
 * Variance-invariance-covariance regularization (Bardes et al. 2022), as lightly's `VICRegLoss`.
 *
 * @param first projections of one view of each image, `[batch, width]`, two or more images
 * @param second projections of the other, same shape
 * @returns scalar
 */
export function vicRegLoss(first: Value, second: Value, options: VicRegOptions = {}): Value {
  const { invarianceWeight = 25, varianceWeight = 25, covarianceWeight = 1 } = options;
  const views = [centred(first), centred(second)] as const;
  const variance = multiply(add(variancePart(views[0]), variancePart(views[1])), 0.5 * varianceWeight);
  const covariance = multiply(add(covariancePart(views[0]), covariancePart(views[1])), covarianceWeight);
  return add(add(multiply(meanSquaredError(first, second), invarianceWeight), variance), covariance);
}
