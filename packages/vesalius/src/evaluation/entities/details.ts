import { z } from "zod";
import type { EntityMeasure } from "./measure.ts";

const count = z.int().min(0);
const matchSchema = z.object({ hit: count, spurious: count, missed: count });

/** Schema of what a report of entities holds beyond the metrics. */
export const entitiesDetailsSchema = z.object({
  types: z.array(z.object({ name: z.string(), exact: matchSchema, overlap: matchSchema })),
  /** Texts with the most mistakes; empty where texts may not be shown. */
  examples: z.array(
    z.object({
      id: z.string(),
      text: z.string(),
      spans: z.array(
        z.object({
          start: count,
          end: count,
          type: z.string(),
          outcome: z.enum(["hit", "missed", "spurious"]),
        }),
      ),
    }),
  ),
});
export type EntitiesDetails = z.output<typeof entitiesDetailsSchema>;

const numberOfExamples = 8;

const nothing = { hit: 0, spurious: 0, missed: 0 };

/** Summed counts of one type. */
function sumOf(measures: readonly EntityMeasure[], match: "exact" | "overlap", type: string) {
  return measures.reduce((sum, measure) => {
    const counts = Object.hasOwn(measure[match], type) ? measure[match][type]! : nothing;
    return {
      hit: sum.hit + counts.hit,
      spurious: sum.spurious + counts.spurious,
      missed: sum.missed + counts.missed,
    };
  }, nothing);
}

/** Counts by type and the texts with the most mistakes. */
export function describeEntities(
  measures: readonly EntityMeasure[],
  ids: readonly string[] | undefined,
  types: readonly string[],
): EntitiesDetails {
  const examples =
    ids === undefined
      ? []
      : measures
          .flatMap(({ example }, row) => (example === null ? [] : [{ id: ids[row]!, ...example }]))
          .map((example) => ({ ...example, mistakes: example.spans.filter(({ outcome }) => outcome !== "hit").length }))
          .sort((a, b) => b.mistakes - a.mistakes)
          .slice(0, numberOfExamples)
          .map(({ id, text, spans }) => ({ id, text, spans: [...spans] }));
  return {
    types: types.map((name) => ({
      name,
      exact: sumOf(measures, "exact", name),
      overlap: sumOf(measures, "overlap", name),
    })),
    examples,
  };
}
