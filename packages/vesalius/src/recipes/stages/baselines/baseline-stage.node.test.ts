import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { randomStream } from "../../../common/random.ts";
import { failureOf, makeFolder } from "../../recipe.test.helper.ts";
import { recipeResult } from "../../report/result.ts";
import { runReportSchema } from "../../report/run-report.ts";
import { runRecipe } from "../../run-recipe.node.ts";
import type { RecipeInput } from "../../schema.ts";

/** A table of patients whose hazard grows with one of two measurements. */
async function survivalFolder(): Promise<string> {
  const folder = join(await makeFolder(), "cohort");
  await mkdir(folder);
  const stream = randomStream(2, "cohort");
  const rows = Array.from({ length: 160 }, (_, row) => {
    const [marker, noise] = [stream.normal(), stream.normal()];
    const event = (-10 * Math.log(1 - stream.uniform())) / Math.exp(marker);
    const end = 30 * stream.uniform();
    return [Math.min(event, end), event <= end ? 1 : 0, marker, noise, row < 100 ? "train" : "val"].join(",");
  });
  await writeFile(join(folder, "cohort.csv"), ["time,event,marker,noise,split", ...rows].join("\n"));
  return folder;
}

const recipe = {
  name: "cohort",
  data: { task: "cohort" },
  backbone: { name: "perceptron", preset: "nano", inputs: { record: "covariates" } },
  task: { name: "survival" },
  adaptation: { seeds: [1, 2], epochs: 3, learningRate: 0.01, methods: [{ name: "scratch" }] },
  evaluation: { resamples: 20, baselines: [{ name: "coxRegression" }] },
} satisfies RecipeInput;

it("stands in report, summary and result beside the methods, on the same cases", async () => {
  const data = await survivalFolder();
  const out = join(await makeFolder(), "run");
  const { summary } = await runRecipe(recipe, { data, out, threads: 1, workers: 0 });
  const report = runReportSchema.parse(JSON.parse(await readFile(join(out, "report.json"), "utf8")));
  const [cox] = report.baselines;
  expect(cox).toMatchObject({ baseline: "coxRegression", title: "Cox proportional hazards" });
  expect(cox!.metrics["concordanceIndex"]!.value!).toBeGreaterThan(0.6);
  const [comparison] = report.comparisons;
  expect(comparison).toMatchObject({ method: "scratch", reference: "Cox proportional hazards" });
  const { scores } = report.methods[0]!;
  const mean = (scores[0]! + scores[1]!) / 2 - cox!.metrics["concordanceIndex"]!.value!;
  expect(comparison!.overSeeds!["concordanceIndex"]!.value).toBeCloseTo(mean, 12);
  const paired = comparison!.overCases["integratedBrierScore"]!;
  expect(paired.second).toBeCloseTo(cox!.metrics["integratedBrierScore"]!.value!, 12);
  expect(paired.difference.lower!).toBeLessThanOrEqual(paired.difference.upper!);
  expect(summary.baselines[0]!.value).toBe(cox!.metrics["concordanceIndex"]!.value);
  expect(recipeResult(report)).toMatchObject({
    baselines: [{ label: "Cox proportional hazards", value: summary.baselines[0]!.value }],
    others: [{ metric: "Integrated Brier score", better: "lower" }, { metric: "Dynamic AUC" }],
  });
  expect(await readFile(join(out, "report.html"), "utf8")).toContain("Difference to Cox proportional hazards, paired");
  expect(await readFile(join(out, "baselines/coxRegression/predictions.csv"), "utf8")).toContain("risk");
});

it.each([
  ["a label that a method has", { baselines: [{ name: "coxRegression" as const, label: "scratch" }] }, /another label/],
  ["one label twice", { baselines: [{ name: "coxRegression" as const }, { name: "coxRegression" as const }] }, /label/],
])("refuses %s", async (_, evaluation, message) => {
  const data = await survivalFolder();
  const error = await failureOf(async () =>
    runRecipe({ ...recipe, evaluation }, { data, out: join(await makeFolder(), "run") }),
  );
  expect(error.message).toMatch(message);
});
