import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { formatCount, numberColumn, type ReportSection } from "../../report/index.ts";
import type { Basis, Evaluation, Metric, OverParts, Statistic, Values } from "../evaluation.ts";
import { entityScoresStatistic, type EntityCounts, type MatchCounts } from "../metrics/entities/index.ts";
import type { PrecisionRecallF1 } from "../metrics/precision-recall-f1.ts";
import { measureRelations, type RelationMeasure, type RelationsTruth, type StatedRelation } from "./measure.ts";

const share = [0, 1] as const;

const metrics = {
  f1: {
    label: "F1, micro",
    better: "higher",
    range: share,
    aliases: ["relation f1", "micro-f1"],
    meaning:
      "Harmonic mean of precision and recall of relations with the same type, head and tail, over all types together.",
  },
  precision: {
    label: "Precision",
    better: "higher",
    range: share,
    proportion: true,
    meaning: "Share of the relations that were stated which are true ones: type, head and tail.",
  },
  recall: {
    label: "Recall",
    better: "higher",
    range: share,
    proportion: true,
    meaning: "Share of the true relations that were stated: type, head and tail.",
  },
  macroF1: {
    label: "F1, macro",
    better: "higher",
    range: share,
    aliases: ["macro-f1"],
    meaning: "Mean F1 over the types that occur or are stated; rare types count as much as frequent ones.",
  },
} as const satisfies Record<string, Metric>;

const count = z.int().min(0);

/** Schema of what a report of relations holds beyond the metrics. */
export const relationsDetailsSchema = z.object({
  types: z.array(z.object({ name: z.string(), hit: count, spurious: count, missed: count })),
  /** Candidate pairs of all texts, those that stand in one sentence, and true relations. */
  pairs: count,
  pairsInOneSentence: count,
  relations: count,
});

type RelationsDetails = z.output<typeof relationsDetailsSchema>;

const nothing: MatchCounts = { hit: 0, spurious: 0, missed: 0 };
const ofType = (counts: EntityCounts, type: string): MatchCounts =>
  Object.hasOwn(counts, type) ? counts[type]! : nothing;

/** Counts of each text, of all types or of one. */
const countsOf = (measures: readonly RelationMeasure[], pick: (one: MatchCounts) => number, type?: string): number[] =>
  measures.map(({ counts }) =>
    type === undefined ? Object.values(counts).reduce((sum, one) => sum + pick(one), 0) : pick(ofType(counts, type)),
  );
const isTrue = ({ hit, missed }: MatchCounts): number => hit + missed;
const isStated = ({ hit, spurious }: MatchCounts): number => hit + spurious;

/** NaN where there is nothing to count, which is no failure. */
function named({ precision, recall, f1 }: PrecisionRecallF1, anyTrue: boolean, anyStated: boolean): Values {
  return {
    precision: anyStated ? precision : NaN,
    recall: anyTrue ? recall : NaN,
    f1: anyTrue || anyStated ? f1 : NaN,
  };
}

function statistic(measures: readonly RelationMeasure[], types: readonly string[]): Statistic {
  const scoresOf = entityScoresStatistic(measures.map(({ counts }) => counts));
  const columns = [undefined, ...types].map((type) => ({
    type,
    truths: countsOf(measures, isTrue, type),
    stated: countsOf(measures, isStated, type),
  }));
  const any = (counts: readonly number[], weights?: ArrayLike<number>): boolean =>
    counts.some((one, row) => one > 0 && (weights === undefined || weights[row]! > 0));
  return (weights) => {
    const scores = scoresOf(weights);
    const [all, ...each] = columns.map(({ type, truths, stated }) =>
      named(
        type === undefined ? scores.micro : (scores.perType[type] ?? { precision: 0, recall: 0, f1: 0 }),
        any(truths, weights),
        any(stated, weights),
      ),
    );
    return {
      metrics: { ...all!, macroF1: scores.macro.f1 },
      parts: Object.fromEntries(types.map((type, i) => [type, each[i]!])),
    };
  };
}

function restsOn(measures: readonly RelationMeasure[], types: readonly string[]): OverParts<Basis> {
  const basis = (type?: string): Record<string, Basis> => {
    const having = (pick: (one: MatchCounts) => number): Basis => ({
      sets: [countsOf(measures, pick, type).map((one) => (one > 0 ? 1 : 0))],
    });
    return { f1: having((one) => isTrue(one) + isStated(one)), precision: having(isStated), recall: having(isTrue) };
  };
  const parts = Object.fromEntries(types.map((type) => [type, basis(type)]));
  const occurring = types.map((type) => parts[type]!["f1"]!.sets[0]!).filter((set) => Array.from(set).includes(1));
  return {
    metrics: { ...basis(), ...(occurring.length === 0 ? {} : { macroF1: { sets: occurring, mean: true } }) },
    parts,
  };
}

/** What stating every pair of one sentence, as the relation that such pairs have most often, would score. */
function floors(measures: readonly RelationMeasure[]): Values {
  const { micro } = entityScoresStatistic(measures.map(({ coOccurrence }) => coOccurrence))();
  const stated = measures.some(({ coOccurrence }) => Object.values(coOccurrence).some((one) => isStated(one) > 0));
  return { f1: micro.f1, recall: micro.recall, ...(stated ? { precision: micro.precision } : {}) };
}

const total = (measures: readonly RelationMeasure[], type: string): MatchCounts =>
  measures.reduce<MatchCounts>((sum, { counts }) => {
    const { hit, spurious, missed } = ofType(counts, type);
    return { hit: sum.hit + hit, spurious: sum.spurious + spurious, missed: sum.missed + missed };
  }, nothing);

function sections({ types, pairs, pairsInOneSentence, relations }: RelationsDetails): ReportSection[] {
  return [
    {
      kind: "table",
      title: "Relations found, missed and invented",
      columns: [{ label: "Type" }, numberColumn("Found"), numberColumn("Missed"), numberColumn("Invented")],
      rows: types.map(({ name, hit, missed, spurious }) => [
        name,
        formatCount(hit),
        formatCount(missed),
        formatCount(spurious),
      ]),
      note: `${formatCount(relations)} true relations among ${formatCount(pairs)} pairs, of which ${formatCount(pairsInOneSentence)} stand in one sentence.`,
    },
  ];
}

/**
 * Relations between marked pieces of texts: micro precision, recall and F1 of triples of type, head and tail, over all and for
 * each type. A case is a text, which is what is resampled. The floor states every pair that stands in one sentence
 * (co-occurrence).
 *
 * @throws VesaliusError `bad-argument` for no types or two of one name
 *
 * @example
 * const evaluation = relationsEvaluation({ types: ["causes"] });
 * evaluation.measure({ relations: [causes], candidates: [causes], text: "Aspirin causes rash." }, [causes]);
 */
export function relationsEvaluation({
  types,
}: {
  readonly types: readonly string[];
}): Evaluation<RelationsTruth, readonly StatedRelation[], RelationMeasure, RelationsDetails> {
  if (types.length === 0 || new Set(types).size < types.length)
    throw new VesaliusError("bad-argument", "there are no types of relations, or two of one name", {
      where: "types",
      fix: "give every type its own name",
    });
  const composition = (measures: readonly RelationMeasure[]): Record<string, number> =>
    Object.fromEntries(types.map((type) => [type, isTrue(total(measures, type))]));
  return {
    kind: "relations",
    metrics,
    headline: ["f1", "precision", "recall", "macroF1"],
    ofSubgroups: ["f1", "recall"],
    part: "type",
    measure(truth, answer) {
      if ([...truth.relations, ...(answer ?? [])].some(({ type }) => !types.includes(type)))
        throw new VesaliusError("bad-data", "a relation has a type that is none of the evaluation's", {
          fix: `the types are ${types.join(", ")}`,
        });
      return measureRelations(truth, answer);
    },
    statistic: (measures) => statistic(measures, types),
    restsOn: (measures) => restsOn(measures, types),
    composition,
    whyUndefined(measures) {
      const missing = Object.entries(composition(measures)).flatMap(([type, number]) => (number === 0 ? [type] : []));
      return missing.length > 0
        ? `no true relation of ${missing.join(", ")}, or none stated`
        : "no relation was stated";
    },
    floors,
    details: relationsDetailsSchema,
    describe: (measures) => ({
      types: types.map((name) => ({ name, ...total(measures, name) })),
      pairs: measures.reduce((sum, { pairs }) => sum + pairs, 0),
      pairsInOneSentence: measures.reduce((sum, { together }) => sum + together, 0),
      relations: types.reduce((sum, type) => sum + isTrue(total(measures, type)), 0),
    }),
    sections,
  };
}
