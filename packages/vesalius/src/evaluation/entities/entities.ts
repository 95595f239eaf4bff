import { VesaliusError } from "../../common/errors.ts";
import type { Basis, Evaluation, OverParts, Statistic, Values } from "../evaluation.ts";
import {
  type EntityCounts,
  entityScoresStatistic,
  type EntitySpan,
  type MatchCounts,
} from "../metrics/entities/index.ts";
import type { PrecisionRecallF1 } from "../metrics/precision-recall-f1.ts";
import { describeEntities, type EntitiesDetails, entitiesDetailsSchema } from "./details.ts";
import { type EntityMeasure, type EntityTruth, measureEntities } from "./measure.ts";
import { entityMetrics } from "./metrics.ts";
import { entitiesSections } from "./sections.ts";

/** What is fixed about entities. */
export interface EntitiesSettings {
  readonly types: readonly string[];
}

/** Ratios by the names of metrics; NaN where there is nothing to count, which is no failure. */
function named(
  { precision, recall, f1 }: PrecisionRecallF1,
  match: "exact" | "overlap",
  anyTrue: boolean,
  anyFound: boolean,
): Values {
  const values = {
    precision: anyFound ? precision : NaN,
    recall: anyTrue ? recall : NaN,
    f1: anyTrue || anyFound ? f1 : NaN,
  };
  if (match === "exact") return values;
  return { overlapPrecision: values.precision, overlapRecall: values.recall, overlapF1: values.f1 };
}

const total = (counts: EntityCounts, pick: (one: MatchCounts) => number): number =>
  Object.values(counts).reduce((sum, one) => sum + pick(one), 0);
const ofType = (counts: EntityCounts, type: string): MatchCounts =>
  Object.hasOwn(counts, type) ? counts[type]! : { hit: 0, spurious: 0, missed: 0 };
const trueOnes = ({ hit, missed }: MatchCounts): number => hit + missed;
const foundOnes = ({ hit, spurious }: MatchCounts): number => hit + spurious;

function statistic(measures: readonly EntityMeasure[], types: readonly string[]): Statistic {
  const exact = entityScoresStatistic(measures.map((measure) => measure.exact));
  const overlap = entityScoresStatistic(measures.map((measure) => measure.overlap));
  // True and found entities of each text, over all and by type, for what there is to count under the weights.
  const columns = [undefined, ...types].map((type) => {
    const count = (pick: (one: MatchCounts) => number) =>
      measures.map((measure) => (type === undefined ? total(measure.exact, pick) : pick(ofType(measure.exact, type))));
    return { type, truths: count(trueOnes), found: count(foundOnes) };
  });
  const any = (counts: readonly number[], weights?: ArrayLike<number>) =>
    counts.some((count, row) => count > 0 && (weights === undefined || weights[row]! > 0));
  const absent: PrecisionRecallF1 = { precision: 0, recall: 0, f1: 0 };
  return (weights) => {
    const scores = { exact: exact(weights), overlap: overlap(weights) };
    const of = columns.map(({ type, truths, found }): Values => {
      const [anyTrue, anyFound] = [any(truths, weights), any(found, weights)];
      const pick = (match: "exact" | "overlap") =>
        named(
          type === undefined ? scores[match].micro : (scores[match].perType[type] ?? absent),
          match,
          anyTrue,
          anyFound,
        );
      return { ...pick("exact"), ...pick("overlap") };
    });
    return {
      metrics: { ...of[0]!, macroF1: scores.exact.macro.f1 },
      parts: Object.fromEntries(types.map((type, i) => [type, of[i + 1]!])),
    };
  };
}

/** Texts with true, found, and any entities of a type (of all where none is given). */
function basesOf(measures: readonly EntityMeasure[], type?: string): Record<string, Basis> {
  const having = (pick: (one: MatchCounts) => number): Basis => ({
    sets: [
      measures.map(({ exact }) => ((type === undefined ? total(exact, pick) : pick(ofType(exact, type))) > 0 ? 1 : 0)),
    ],
  });
  const [truths, found, both] = [having(trueOnes), having(foundOnes), having((one) => trueOnes(one) + foundOnes(one))];
  return {
    f1: both,
    precision: found,
    recall: truths,
    overlapF1: both,
    overlapPrecision: found,
    overlapRecall: truths,
  };
}

function restsOn(measures: readonly EntityMeasure[], types: readonly string[]): OverParts<Basis> {
  const parts = Object.fromEntries(types.map((type) => [type, basesOf(measures, type)]));
  const occurring = types.flatMap((type) => {
    const set = parts[type]!["f1"]!.sets[0]!;
    return Array.from(set).includes(1) ? [set] : [];
  });
  return {
    metrics: {
      ...basesOf(measures),
      ...(occurring.length === 0 ? {} : { macroF1: { sets: occurring, mean: true } }),
    },
    parts,
  };
}

const countsOf = (measures: readonly EntityMeasure[], types: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    types.map((type) => [type, measures.reduce((sum, { exact }) => sum + trueOnes(ofType(exact, type)), 0)]),
  );

/**
 * Named entities in texts: precision, recall and F1 of entities that are found exactly, and of those that overlap, over all
 * and for each type. A case is a text, which is what is resampled, since entities of one text are not independent. Without
 * an answer all entities of a text are missed.
 *
 * @throws VesaliusError `bad-argument` for no types or two of one name
 *
 * @example
 * const evaluation = entitiesEvaluation({ types: ["DISEASE"] });
 * const span = { start: 0, end: 6, type: "DISEASE" };
 * evaluateMeasures(evaluation, [evaluation.measure({ spans: [span], text: "Asthma." }, [span]), ...]);
 */
export function entitiesEvaluation({
  types,
}: EntitiesSettings): Evaluation<EntityTruth, readonly EntitySpan[], EntityMeasure, EntitiesDetails> {
  if (types.length === 0 || new Set(types).size < types.length) {
    throw new VesaliusError("bad-argument", "there are no types of entities, or two of one name", {
      where: "types",
      fix: "give every type its own name",
    });
  }
  const requireTypes = (spans: readonly EntitySpan[], what: string): void => {
    if (spans.every(({ type }) => types.includes(type))) return;
    throw new VesaliusError("bad-data", "an entity has a type that is none of the evaluation's", {
      where: what,
      fix: `the types are ${types.join(", ")}`,
    });
  };
  return {
    kind: "entities",
    metrics: entityMetrics,
    headline: ["f1", "precision", "recall", "overlapF1"],
    ofSubgroups: ["f1", "recall", "precision"],
    part: "type",
    measure(truth, answer) {
      requireTypes(truth.spans, "truth");
      requireTypes(answer ?? [], "answer");
      return measureEntities(truth, answer);
    },
    statistic: (measures) => statistic(measures, types),
    restsOn: (measures) => restsOn(measures, types),
    composition: (measures) => countsOf(measures, types),
    whyUndefined(measures) {
      const missing = Object.entries(countsOf(measures, types)).flatMap(([type, count]) => (count === 0 ? [type] : []));
      return missing.length > 0 ? `no true entity of ${missing.join(", ")}, or none found` : "no entity was found";
    },
    floors: () => ({ f1: 0, recall: 0, macroF1: 0, overlapF1: 0, overlapRecall: 0 }),
    details: entitiesDetailsSchema,
    describe: (measures, ids) => describeEntities(measures, ids, types),
    sections: entitiesSections,
  };
}
