export {
  discountedGainOfScores,
  type DiscountedGainOptions,
  type Gain,
  normalizedDiscountedGain,
  normalizedDiscountedGainOfScores,
} from "./discounted-gain.ts";
export {
  averagePrecisionOfRanking,
  measureRanking,
  precisionAt,
  type QueryMeasure,
  rankingStatistic,
  recallAt,
  reciprocalRank,
} from "./ranked-retrieval.ts";
export { type Relevance } from "./relevance.ts";
