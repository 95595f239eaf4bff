import { VesaliusError } from "../../../common/errors.ts";
import { cholesky, solveCholesky } from "../cholesky.ts";
import { requireFinite } from "../input-checks.ts";
import { sortColumn } from "../sorted-column.ts";
import { breslowBaseline, survivalOfBaseline } from "./baseline-hazard.ts";
import { type FollowUp, requireFollowUp } from "./follow-up.ts";
import { partialLikelihood, type TiedEvents } from "./partial-likelihood.ts";
import { type StepFunction } from "./step-function.ts";

export interface CoxOptions {
  /**
   * Strength of the quadratic penalty: what is maximised is the log partial likelihood divided by the number of cases,
   * minus half of `ridge` times the squared norm of the coefficients of standardised covariates. 0 when left out.
   */
  readonly ridge?: number;
  /** How events at one time are treated; `efron` when left out. */
  readonly ties?: TiedEvents;
}

/** A fitted proportional hazards model. */
export interface CoxModel {
  /** `[features]` log-hazard ratio of one unit of each covariate, in the covariates' own units. */
  readonly coefficients: Float64Array;
  /** `[features]` standard errors from the information at the optimum; too small with a ridge, which shrinks. */
  readonly standardErrors: Float64Array;
  /** Log partial likelihood of the coefficients, without the penalty. */
  readonly logLikelihood: number;
  /** Cumulative hazard of a case whose covariates are the training means (Breslow). */
  readonly baseline: StepFunction;
  /** Log-risk `[count]` of covariates `[count, features]`, relative to the training means; higher is worse. */
  risk(covariates: ArrayLike<number>): Float64Array;
  /** Probability of no event up to each time, `[count, times]`. */
  survival(covariates: ArrayLike<number>, times: ArrayLike<number>): Float64Array;
}

const maximumIterations = 100;

/** Mean and standard deviation of each column; 1 for the deviation of a column that does not vary. */
function moments(covariates: ArrayLike<number>, count: number): { means: Float64Array; deviations: Float64Array } {
  const features = covariates.length / count;
  const [means, deviations] = [new Float64Array(features), new Float64Array(features)];
  for (let column = 0; column < features; column++) {
    const values = Float64Array.from({ length: count }, (_, row) => covariates[row * features + column]!);
    // Compared with the first, since the mean of equal values is off by rounding.
    if (values.every((value) => value === values[0])) [means[column], deviations[column]] = [values[0]!, 1];
    else {
      means[column] = values.reduce((sum, value) => sum + value, 0) / count;
      const squares = values.reduce((sum, value) => sum + (value - means[column]!) ** 2, 0);
      deviations[column] = Math.sqrt(squares / count);
    }
  }
  return { means, deviations };
}

function requireCovariates(covariates: ArrayLike<number>, count: number, features?: number): void {
  const perCase = features ?? covariates.length / count;
  if (!Number.isInteger(perCase) || perCase < 1 || covariates.length % perCase !== 0) {
    throw new VesaliusError("shape-mismatch", `${covariates.length} covariates do not make a row for each case`, {
      where: "covariates",
      fix: features === undefined ? "pass a block [count, features]" : `pass a block [count, ${features}]`,
    });
  }
  requireFinite(covariates, "covariates");
}

/**
 * Fits Cox's proportional hazards model by Newton-Raphson with step halving (Cox 1972): the baseline that every survival
 * model has to beat. Covariates are standardised inside, so their units do not matter.
 *
 * @param covariates `[count, features]` finite; encode categories and fill gaps before.
 * @throws VesaliusError `bad-argument` for a negative ridge; `bad-data` where there is no event, or where covariates
 * determine each other or separate the events, so that without a ridge there is no optimum; `shape-mismatch`,
 * `not-a-number`.
 *
 * @example
 * const model = coxRegression(train.covariates, { time: train.time, event: train.event }, { ridge: 0.001 });
 * concordanceIndex({ time: test.time, event: test.event, risk: model.risk(test.covariates) });
 */
export function coxRegression(
  covariates: ArrayLike<number>,
  data: FollowUp,
  { ridge = 0, ties = "efron" }: CoxOptions = {},
): CoxModel {
  requireFollowUp(data);
  const count = data.time.length;
  requireCovariates(covariates, count);
  if (!(ridge >= 0 && ridge < Infinity)) {
    throw new VesaliusError("bad-argument", `a ridge is 0 or more, not ${ridge}`, {
      where: "ridge",
      fix: "leave it out for none",
    });
  }
  if (!Array.from(data.event).includes(1)) {
    throw new VesaliusError("bad-data", "no event was observed, so there is no hazard to model", {
      where: "event",
      fix: "check which value means that the event was observed: it must be 1",
    });
  }
  const features = covariates.length / count;
  const { means, deviations } = moments(covariates, count);
  const standardise = (block: ArrayLike<number>) =>
    Float64Array.from(block, (value, i) => (value - means[i % features]!) / deviations[i % features]!);
  const standardised = standardise(covariates);
  const sorted = sortColumn(data.time);
  const evaluate = (candidate: Float64Array) => {
    const likelihood = partialLikelihood(standardised, data, sorted, candidate, ties);
    const penalty = (ridge / 2) * candidate.reduce((sum, value) => sum + value * value, 0);
    return { ...likelihood, objective: likelihood.value / count - penalty };
  };
  let beta = new Float64Array(features);
  let current = evaluate(beta);
  // Where covariates separate the events, the information fades from what it was as the coefficients run away.
  const scales = beta.map((_, i) => current.information[i * (features + 1)]! / count + ridge);
  const factorise = (information: Float64Array) => {
    const penalised = information.map((value, i) => value / count + (i % (features + 1) === 0 ? ridge : 0));
    const factor = cholesky(penalised, features, scales);
    if (factor !== undefined) return factor;
    throw new VesaliusError("bad-data", "the cases do not determine the coefficients of a Cox regression", {
      where: "covariates",
      fix: "leave out covariates that are constant, follow from others or separate the events, or set a ridge such as 0.001",
    });
  };
  let converged = false;
  for (let iteration = 0; iteration < maximumIterations && !converged; iteration++) {
    const slope = current.gradient.map((value, i) => value / count - ridge * beta[i]!);
    const step = solveCholesky(factorise(current.information), slope);
    converged = step.every((value, i) => Math.abs(value) < 1e-6 * (1 + Math.abs(beta[i]!)));
    let length = 1;
    let next = beta.map((value, i) => value + step[i]!);
    let found = evaluate(next);
    while (!(found.objective >= current.objective) && length > 1e-8) {
      length /= 2;
      next = beta.map((value, i) => value + length * step[i]!);
      found = evaluate(next);
    }
    if (found.objective >= current.objective) [beta, current] = [next, found];
  }
  if (!converged) {
    throw new VesaliusError("bad-data", `a Cox regression has found no optimum in ${maximumIterations} steps`, {
      where: "covariates",
      fix: "look for extreme values among the covariates, or set a ridge such as 0.001",
    });
  }
  const factor = factorise(current.information);
  const standardErrors = deviations.map((deviation, i) => {
    const unit = Float64Array.from({ length: features }, (_, j) => (i === j ? 1 : 0));
    return Math.sqrt(solveCholesky(factor, unit)[i]! / count) / deviation;
  });
  const risk = (block: ArrayLike<number>): Float64Array => {
    requireCovariates(block, 1, features);
    const rows = standardise(block);
    return Float64Array.from({ length: block.length / features }, (_, row) =>
      beta.reduce((sum, value, i) => sum + value * rows[row * features + i]!, 0),
    );
  };
  const baseline = breslowBaseline(data, risk(covariates));
  return {
    coefficients: beta.map((value, i) => value / deviations[i]!),
    standardErrors,
    logLikelihood: current.value,
    baseline,
    risk,
    survival: (block, times) => survivalOfBaseline(baseline, risk(block), times),
  };
}
