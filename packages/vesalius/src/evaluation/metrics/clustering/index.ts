export { type ClusteringScores, clusteringStatistic } from "./clustering-scores.ts";
