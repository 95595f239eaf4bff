import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import type { ReportSection } from "../../report/index.ts";
import { RecipeProblem } from "../problems/recipe-error.ts";
import { seedsSchema } from "../schema/seeds.ts";
import { estimatesTable, withAdaptation } from "./methods.ts";
import type { Study, StudyData, StudyPoint, StudyResult } from "./study.ts";

const settingsSchema = z.strictObject({
  /** Labels of the adaptation's methods; all of them by default. */
  methods: z.array(z.string()).min(1).optional(),
  /** Roles that are left out; all that the network can do without by default. */
  roles: z.array(z.string()).min(1).optional(),
  /** The adaptation's seeds by default. */
  seeds: seedsSchema.optional(),
});
type Settings = z.output<typeof settingsSchema>;

/** Ways to leave out some of the roles but never all, fewest missing first. */
export function missingSubsets(roles: readonly string[], all: readonly string[]): string[][] {
  const subsets = Array.from({ length: 2 ** roles.length }, (_, bits) =>
    roles.filter((_role, i) => Math.floor(bits / 2 ** i) % 2 === 1),
  );
  return subsets.filter(({ length }) => length < all.length).sort((a, b) => a.length - b.length);
}

function pointsOf({ methods, roles: given, seeds }: Settings, { roles: all, optional }: StudyData): StudyPoint[] {
  if (optional.length === 0)
    throw new RecipeProblem(
      [],
      `the network cannot do without ${all.join(", ")}; choose one whose inputs may be missing`,
    );
  const unknown = (given ?? []).findIndex((role) => !optional.includes(role));
  if (unknown >= 0)
    throw new RecipeProblem(
      ["roles", unknown],
      `the network can do without ${optional.join(", ")}, and not without ${given![unknown]}`,
    );
  return methods!.flatMap((method) =>
    missingSubsets(given ?? optional, all).flatMap((without) =>
      seeds!.map((seed): StudyPoint => {
        const at = { seen: all.filter((role) => !without.includes(role)).join(" + ") };
        return without.length === 0 ? { method, seed, at } : { method, seed, at, without };
      }),
    ),
  );
}

function sectionsOf(results: readonly StudyResult[], { label }: { label: string }): ReportSection[] {
  const seenBy = ({ at }: StudyResult): string => String(at["seen"]);
  const seen = [...new Set(results.map(seenBy))];
  return [
    {
      kind: "heading",
      title: "Missing inputs",
      text: "The same models, evaluated with some of their inputs left out for every case.",
    },
    estimatesTable(results, `${label} with 95% intervals, by what the model sees`, "Seen", seen, seenBy, String),
  ];
}

/** What each input is worth: the same model evaluated on every subset of them. */
export const missingModality = entry({
  name: "missingModality",
  summary: "The same models evaluated on every subset of their inputs.",
  settings: settingsSchema,
  create: (settings): Study => ({
    name: "missingModality",
    settings,
    complete: (recipe) => withAdaptation(settings, recipe),
    points: (data) => pointsOf(settings, data),
    small: () => ({ ...settings, seeds: settings.seeds?.slice(0, 1) }),
    sections: sectionsOf,
  }),
});
