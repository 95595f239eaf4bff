export { breslowBaseline, survivalOfBaseline } from "./baseline-hazard.ts";
export { type BrierScores, brierSurvivalStatistic, type SurvivalPredictions } from "./brier.ts";
export {
  type CensoringOptions,
  type ConcordanceCounts,
  concordanceIndex,
  concordanceStatistic,
  type RiskScores,
  unoConcordanceStatistic,
} from "./concordance.ts";
export { type CoxModel, type CoxOptions, coxRegression } from "./cox-regression.ts";
export { type DynamicAuc, dynamicAucStatistic, type TimeRisks } from "./dynamic-auc.ts";
export { evaluationTimes, type FollowUp } from "./follow-up.ts";
export { censoringDistribution, kaplanMeier, type SurvivalCurve } from "./kaplan-meier.ts";
export { type TiedEvents } from "./partial-likelihood.ts";
export { type StepFunction, stepValue } from "./step-function.ts";
