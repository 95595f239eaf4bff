import { rowsOfGroup, type SortedColumn } from "../sorted-column.ts";
import { type FollowUp } from "./follow-up.ts";

/**
 * What stands in the denominator where several events fall on one time: for each of them all cases at risk (`breslow`), or
 * ever fewer of the tied events (`efron`, closer to the exact likelihood).
 */
export type TiedEvents = "efron" | "breslow";

/** Cox's log partial likelihood of coefficients, with its derivatives. */
export interface PartialLikelihood {
  readonly value: number;
  /** `[features]`. */
  readonly gradient: Float64Array;
  /** `[features, features]` negative second derivatives. */
  readonly information: Float64Array;
}

/** Sums over a set of cases: exp(log-risk), times each covariate, times each pair of covariates. */
interface Sums {
  risk: number;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/**
 * Log partial likelihood of a proportional hazards model (Cox 1972) with ties after Efron 1977 or Breslow 1974.
 *
 * @param covariates `[count, features]`.
 * @param sorted the cases by time.
 */
export function partialLikelihood(
  covariates: Float64Array,
  { event }: Pick<FollowUp, "event">,
  sorted: SortedColumn,
  coefficients: Float64Array,
  ties: TiedEvents,
): PartialLikelihood {
  const features = coefficients.length;
  const empty = (): Sums => ({
    risk: 0,
    first: new Float64Array(features),
    second: new Float64Array(features * features),
  });
  const add = (sums: Sums, row: number, risk: number): void => {
    const at = row * features;
    sums.risk += risk;
    for (let i = 0; i < features; i++) {
      const weighted = risk * covariates[at + i]!;
      sums.first[i]! += weighted;
      // Only the lower triangle; the other follows from it.
      for (let j = 0; j <= i; j++) sums.second[i * features + j]! += weighted * covariates[at + j]!;
    }
  };
  const atRisk = empty();
  const tied = empty();
  let value = 0;
  const gradient = new Float64Array(features);
  const information = new Float64Array(features * features);

  for (let step = sorted.distinct.length - 1; step >= 0; step--) {
    tied.risk = 0;
    tied.first.fill(0);
    tied.second.fill(0);
    let events = 0;
    for (const row of rowsOfGroup(sorted, step)) {
      const at = row * features;
      let logRisk = 0;
      for (let i = 0; i < features; i++) logRisk += coefficients[i]! * covariates[at + i]!;
      add(atRisk, row, Math.exp(logRisk));
      if (event[row] !== 1) continue;
      events += 1;
      value += logRisk;
      for (let i = 0; i < features; i++) gradient[i]! += covariates[at + i]!;
      if (ties === "efron") add(tied, row, Math.exp(logRisk));
    }
    for (let k = 0; k < events; k++) {
      const share = ties === "efron" ? k / events : 0;
      const total = atRisk.risk - share * tied.risk;
      value -= Math.log(total);
      for (let i = 0; i < features; i++) {
        const mean = (atRisk.first[i]! - share * tied.first[i]!) / total;
        gradient[i]! -= mean;
        for (let j = 0; j <= i; j++) {
          const other = (atRisk.first[j]! - share * tied.first[j]!) / total;
          const at = i * features + j;
          information[at]! += (atRisk.second[at]! - share * tied.second[at]!) / total - mean * other;
        }
      }
    }
  }
  for (let i = 0; i < features; i++) {
    for (let j = 0; j < i; j++) information[j * features + i] = information[i * features + j]!;
  }
  return { value, gradient, information };
}
