export {
  kendallStatistic,
  type PairOrder,
  pairOrderStatistic,
  pearsonStatistic,
  spearmanStatistic,
} from "./correlation.ts";
export { type PredictedNumbers } from "./predicted-numbers.ts";
export { type RegressionScores, regressionStatistic } from "./regression-scores.ts";
