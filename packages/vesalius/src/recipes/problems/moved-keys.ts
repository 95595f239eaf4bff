import type { Catalogues } from "../catalogues.ts";
import type { Problem } from "./problems.ts";

const schedule = "belongs to the schedule: write schedule: { name: cosine, warmupFraction: ... }";

/** Keys of earlier recipes and where what they said stands now; `*` is every entry of a list. */
const moved: readonly (readonly [path: string, to: string])[] = [
  ["labelEfficiency", "is one of the studies: write studies: [{ name: labelEfficiency, counts: ... }]"],
  ["backbone.kind", "is called name"],
  ["pretraining.warmupFraction", schedule],
  ["adaptation.warmupFraction", schedule],
  ["adaptation.methods.*.warmupFraction", schedule],
  ["evaluation.floor", "is a list: write floors: [{ metric: ..., value: ..., name: ... }]"],
  ["evaluation.reconstructions", "is left out: what an objective can show is in the report"],
];

/** Paths of a pattern that a value has. */
function matches(value: unknown, [step, ...rest]: readonly string[], before: readonly PropertyKey[]): PropertyKey[][] {
  if (step === undefined) return [[...before]];
  if (step === "*") return Array.isArray(value) ? value.flatMap((item, i) => matches(item, rest, [...before, i])) : [];
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return [];
  return matches((value as Record<string, unknown>)[step], rest, [...before, step]);
}

/** Keys of an earlier form of recipes in a value, each with where it went. */
export const movedKeys = (value: unknown, { tasks }: Pick<Catalogues, "tasks">): Problem[] => {
  const ofTasks = tasks.entries.flatMap(({ name, formerKeys = {} }) =>
    Object.entries(formerKeys).map(
      ([path, now]) => [path, `belongs to the task: write task: { name: ${name}, ${now} }`] as const,
    ),
  );
  return [...moved, ...ofTasks].flatMap(([path, to]) =>
    matches(value, path.split("."), []).map((at) => ({ path: at, onKey: true, message: `this key ${to}` })),
  );
};
