import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { differenceRange, meanOverSeeds, type Metric } from "../../evaluation/index.ts";
import { formatNumber, numberColumn, type ReportSection, type TableSection } from "../../report/index.ts";
import { seedsSchema } from "../schema/seeds.ts";
import { followMethods, withAdaptation } from "./methods.ts";
import type { Study, StudyPoint, StudyRecipe, StudyResult } from "./study.ts";

const settingsSchema = z.strictObject({
  /** Parts of the training and the evaluated split together; each is evaluated by models that did not see its labels. */
  folds: z.int().min(2).max(20).default(5),
  /** Labels of the adaptation's methods; all of them by default. */
  methods: z.array(z.string()).min(1).optional(),
  /** Method that the others are held against on the same folds, such as a linear model; the first one by default. */
  reference: z.string().optional(),
  /** Each seed divides anew; the adaptation's seeds by default. */
  seeds: seedsSchema.optional(),
});
type Settings = z.output<typeof settingsSchema>;

/** Methods and the one that they are held against, checked. */
function complete(settings: Settings, recipe: StudyRecipe): Settings {
  const whole = withAdaptation(settings, recipe);
  const { methods } = whole;
  const { reference = methods[0]! } = settings;
  followMethods([reference], recipe, () => ["reference"]);
  return { ...whole, methods: methods.includes(reference) ? methods : [...methods, reference], reference };
}

const pointsOf = ({ folds, methods, seeds }: Settings): StudyPoint[] =>
  methods!.flatMap((method) =>
    seeds!.flatMap((seed) =>
      Array.from({ length: folds }, (_, number): StudyPoint => ({ method, seed, at: {}, fold: { number, of: folds } })),
    ),
  );

/** Differences to the reference on the same divisions. */
function differencesOf(
  results: readonly StudyResult[],
  reference: StudyResult | undefined,
  { label, range }: Pick<Metric, "label" | "range">,
): TableSection[] {
  if (reference === undefined || results.length < 2) return [];
  const others = results.filter((result) => result !== reference);
  const repeats = reference.seeds.length;
  const rows = others.map(({ method, scores, overCases }) => [
    method,
    ...(repeats < 2
      ? []
      : [
          meanOverSeeds(
            scores.map((score, i) => {
              const other = reference.scores[i] ?? null;
              return score === null || other === null ? null : score - other;
            }),
            differenceRange(range),
          ),
        ]),
    overCases?.difference ?? "–",
  ]);
  return [
    {
      kind: "table",
      title: `Difference of ${label} to ${reference.method}`,
      columns: [
        { label: "Method" },
        ...(repeats < 2 ? [] : [numberColumn(`Over ${repeats} divisions`)]),
        numberColumn("Over the cases of the first division"),
      ],
      rows,
      note: "95% intervals. An interval that holds 0 shows no difference.",
    },
  ];
}

function sectionsOf(
  results: readonly StudyResult[],
  { folds, reference }: Settings,
  metric: Pick<Metric, "label" | "range">,
  unit: string,
): ReportSection[] {
  const { label } = metric;
  const base = results.find(({ method }) => method === reference);
  const repeats = Math.max(0, ...results.map(({ seeds }) => seeds.length));
  return [
    {
      kind: "heading",
      title: "Cross-validation",
      text:
        `The training and the evaluated split together in ${folds} folds of whole groups, strata in proportion; the ` +
        `${unit} of each fold are answered by models that were adapted to the others, and all answers are evaluated as ` +
        `one${repeats > 1 ? `, for ${repeats} divisions` : ""}. Pretraining may have seen the inputs of all of them, and ` +
        "settings may have been chosen on the evaluated split.",
    },
    {
      kind: "table",
      title: `${label} on all folds`,
      columns: [
        { label: "Method" },
        numberColumn(repeats > 1 ? `Mean over ${repeats} divisions` : "Estimate"),
        ...(repeats > 1 ? [numberColumn("Each division")] : []),
      ],
      rows: results.map(({ method, estimate, scores }) => [
        method,
        estimate,
        ...(repeats > 1 ? [scores.map((score) => (score === null ? "–" : formatNumber(score, 3))).join(", ")] : []),
      ]),
    },
    ...differencesOf(results, base, metric),
  ];
}

/**
 * Every example is answered by a model that was not adapted to it (Stone 1974, Cross-Validatory Choice and Assessment of
 * Statistical Predictions): more cases than a validation split has, at the price of a model for each fold.
 */
export const crossValidation = entry({
  name: "crossValidation",
  summary: "Methods on folds of all labelled examples, against a reference method on the same folds.",
  settings: settingsSchema,
  create: (settings): Study => ({
    name: "crossValidation",
    settings,
    reference: settings.reference,
    complete: (recipe) => complete(settings, recipe),
    points: () => pointsOf(settings),
    small: () => ({ ...settings, folds: 2, seeds: settings.seeds?.slice(0, 1) }),
    sections: (results, metric, unit) => sectionsOf(results, settings, metric, unit),
  }),
});
