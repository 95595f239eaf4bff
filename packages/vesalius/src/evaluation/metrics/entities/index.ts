export { type EntitySpan } from "./entity-span.ts";
export { type EntityScores, type EntityTypeScores, entityScoresStatistic } from "./entity-scores.ts";
export { countEntities, type EntityCounts, type EntityMatch, type MatchCounts } from "./matching.ts";
export { entitiesOfTags, type TaggingScheme } from "./tags.ts";
