import { VesaliusError } from "../../../common/errors.ts";

/** How relevant each document is to a query: a grade of 0 or more by identifier, 0 for what is absent. */
export type Relevance = ReadonlyMap<string, number>;

/** Throws `bad-argument` unless a cut-off is a whole number above 0 (or Infinity: the whole ranking). */
export function requireCutoff(cutoff: number): void {
  if (cutoff === Infinity || (Number.isInteger(cutoff) && cutoff > 0)) return;
  throw new VesaliusError("bad-argument", `a ranking cannot be cut off at ${cutoff}`, {
    where: "cutoff",
    fix: "give a whole number above 0, or leave it out for the whole ranking",
  });
}

/** Throws `bad-data` unless every grade is finite and not below 0. */
export function requireGrades(grades: Iterable<number>): void {
  for (const grade of grades) {
    if (Number.isFinite(grade) && grade >= 0) continue;
    throw new VesaliusError("bad-data", `${grade} is no grade of relevance`, {
      where: "relevance",
      fix: "give 0 for what is not relevant and a number above 0 for what is",
    });
  }
}

/**
 * Grades of a ranking, best first.
 *
 * @throws VesaliusError `bad-data` for a document that is ranked twice, which would count twice, or a broken grade.
 */
export function gradesOf(ranked: readonly string[], relevance: Relevance): Float64Array {
  requireGrades(relevance.values());
  if (new Set(ranked).size !== ranked.length) {
    const repeated = ranked.findIndex((id, rank) => ranked.indexOf(id) !== rank);
    throw new VesaliusError("bad-data", "a document is ranked twice", {
      where: `ranking, rank ${repeated + 1}`,
      fix: "keep the first place of each document",
    });
  }
  return Float64Array.from(ranked, (id) => relevance.get(id) ?? 0);
}
