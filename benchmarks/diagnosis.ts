import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadModel } from "vesalius";
import {
  confidenceThreshold,
  findingsModel,
  type FindingsModel,
  inquire,
  type Inquiry,
  type RecordedPatient,
} from "vesalius/applications";
import { type CategoriesColumn, type ClassesColumn, openDataset, type Split } from "vesalius/data";
import { type ClassificationAnswer, wilsonInterval } from "vesalius/evaluation";
import { parseRecipe, runRecipe } from "vesalius/recipes";
import type { Model } from "vesalius/tasks";
import { plain } from "./measuring/figures.ts";
import { repositoryRoot } from "./paths.ts";
import type { Measure } from "./result.ts";

const threshold = 0.9;
const mostQuestions = 10;

/** How the figures come about, for whoever reads a result. */
export const diagnosisMethod =
  "Networks of the recipe dxy-findings (three seeds) on the validation patients of DXY, which is restricted and read from " +
  "VESALIUS_DATA. A simulated patient has told the findings of the self-report, answers what the record holds and does not " +
  `know anything else; at most ${mostQuestions} questions are asked, until a condition has ${threshold}. Shares are means over ` +
  "seeds with Wilson's interval for the number of patients; it says nothing of other seeds. Declining: the confidence from " +
  "which 90% are right on one half of the patients is applied to the other half, both ways.";

const told = (column: CategoriesColumn, row: number): ReadonlyMap<string, boolean> =>
  new Map(
    column.names.flatMap((name, i) => {
      const level = column.values[row * column.names.length + i]!;
      return level < 0 ? [] : [[name, column.levels[i]![level] === "true"] as const];
    }),
  );

/** Patients of a split with what they told at first. */
function patientsOf({ columns, length }: Split): RecordedPatient[] {
  const [first, all, label] = [columns["told"], columns["findings"], columns["label"]];
  return Array.from({ length }, (_, row) => ({
    told: told(first as CategoriesColumn, row),
    record: told(all as CategoriesColumn, row),
    condition: (label as ClassesColumn).values[row]!,
  }));
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

function share(name: string, values: readonly number[], patients: number): Measure {
  const value = mean(values);
  return { ...plain(name, value, "share"), ...wilsonInterval(value, patients) };
}

/** Inquiries that are answered where the confidence is chosen on the other half. */
const answeredOf = (inquiries: readonly Inquiry[]): Inquiry[] =>
  [0, 1].flatMap((half) => {
    const from = confidenceThreshold(
      inquiries.filter((_, i) => i % 2 !== half),
      threshold,
    );
    return inquiries.filter(({ probability }, i) => i % 2 === half && probability >= from);
  });

const rankedWithin = (inquiries: readonly Inquiry[], most: number): number =>
  mean(inquiries.map(({ rank }) => Number(rank <= most)));

async function measureSeeds(
  models: readonly FindingsModel[],
  patients: readonly RecordedPatient[],
): Promise<Measure[]> {
  const count = patients.length;
  const whole = patients.map((one) => ({ ...one, told: one.record }));
  const nothing = { threshold: 0, mostQuestions: 0, choose: "information" } as const;
  const ways = [
    ["all findings", whole, nothing],
    ["self-report", patients, nothing],
    ["asking what tells most", patients, { threshold, mostQuestions, choose: "information" }],
    ["asking at random", patients, { threshold, mostQuestions, choose: "random" }],
  ] as const;
  const measures: Measure[] = [];
  for (const [way, asked, options] of ways) {
    const seeds: Inquiry[][] = [];
    for (const [seed, model] of models.entries()) seeds.push(await inquire(model, asked, { ...options, seed }));
    measures.push(
      share(
        `${way}: first condition right`,
        seeds.map((one) => rankedWithin(one, 1)),
        count,
      ),
      share(
        `${way}: among the first three`,
        seeds.map((one) => rankedWithin(one, 3)),
        count,
      ),
    );
    if (options.mostQuestions > 0) {
      const all = seeds.flat();
      const questions = mean(all.map((one) => one.questions));
      measures.push(
        plain(`${way}: questions of a patient`, questions, ""),
        plain(`${way}: questions that the record answers`, mean(all.map(({ hits }) => hits)) / questions, "share"),
      );
    }
    if (way === "asking at random") continue;
    const answered = seeds.map(answeredOf);
    const kept = mean(answered.map(({ length }) => length)) / count;
    measures.push(
      share(`${way}: declined`, [1 - kept], count),
      share(
        `${way}: right among the answered`,
        answered.map((one) => rankedWithin(one, 1)),
        kept * count,
      ),
    );
  }
  return measures;
}

/** Measures the application diagnosis on restricted data; quick figures are those of one network that hardly learned. */
export async function measureDiagnosis(quick: boolean): Promise<Measure[]> {
  const root = process.env["VESALIUS_DATA"];
  if (root === undefined) throw new Error("set VESALIUS_DATA to the folder of datasets; DXY lies in restricted/dxy");
  const out = await mkdtemp(join(tmpdir(), "vesalius-diagnosis-"));
  try {
    const path = join(repositoryRoot(), "recipes", "language", "dxy-findings.yaml");
    const data = join(root, "restricted");
    const recipe = parseRecipe(readFileSync(path, "utf8"), { where: path });
    await runRecipe(recipe, { data, out: join(out, "run"), smoke: quick });
    const { splits } = await openDataset(join(data, "dxy"), {
      columns: {
        told: { kind: "categories", from: ["explicit_inform_slots"] },
        findings: { kind: "categories", from: ["explicit_inform_slots", "implicit_inform_slots"] },
        label: { kind: "classes", from: "disease_tag" },
      },
    });
    const models: FindingsModel[] = [];
    for (const seed of quick ? [1] : [1, 2, 3]) {
      const model = await loadModel(join(out, "run", "models", `scratch-seed${seed}`));
      models.push(findingsModel(model as Model<ClassificationAnswer>));
    }
    const patients = patientsOf(splits["validation"]!);
    const measures = await measureSeeds(models, quick ? patients.slice(0, 8) : patients);
    await Promise.all(models.map((model) => model.release()));
    return [...measures, plain("floor: logistic regression of all findings", 0.8438, "share")];
  } finally {
    await rm(out, { recursive: true });
  }
}
