import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadBackbone, loadModel } from "../adaptation/index.node.ts";
import type { Split } from "../data/index.ts";
import { exportOnnx } from "../tasks/index.node.ts";
import { builtInCatalogues } from "./catalogues.node.ts";
import { openRun } from "./open-run.node.ts";
import { defineRecipe, parseRecipe } from "./parse.ts";
import { makeFolder } from "./recipe.test.helper.ts";
import { runReportSchema } from "./report/run-report.ts";
import type { ResolvedRecipe } from "./resolve.ts";
import { runRecipe } from "./run-recipe.node.ts";
import { smokeSplit } from "./smoke.ts";
import { planRun } from "./stages/plan.node.ts";

const folder = join(import.meta.dirname, "../../../../recipes");
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".yaml"));
const data = process.env["VESALIUS_DATA"] === undefined ? undefined : join(process.env["VESALIUS_DATA"], "open");

/** Milliseconds after which a trial counts as hanging; alone on two cores it takes about ten seconds. */
const longest = 300_000;

const parsed = (file: string): ResolvedRecipe =>
  defineRecipe(parseRecipe(readFileSync(join(folder, file), "utf8"), { where: file, catalogues: builtInCatalogues }), {
    catalogues: builtInCatalogues,
  });

/** Why a recipe cannot run here; undefined where it can. */
function lacking({ data: { task, pretraining = [] }, backbone }: ResolvedRecipe): string | undefined {
  const named = [...pretraining, ...(task === undefined ? [] : [task])].flatMap((source) =>
    "dataset" in source && typeof source.dataset === "string" ? [source.dataset] : [],
  );
  const absent = [...new Set(named)].filter((name) => data === undefined || !existsSync(join(data, name)));
  if (absent.length > 0)
    return data === undefined ? "VESALIUS_DATA is not set" : `there is no ${absent.join(", no ")} in VESALIUS_DATA`;
  const { weights } = backbone as { readonly weights?: unknown };
  return typeof weights === "string" && !existsSync(weights) ? `there is no ${weights}` : undefined;
}

/** Opens the first model of each method, lets it answer the examples that were evaluated, and exports it. */
async function useModels(run: string, models: readonly string[], evaluated: Split): Promise<void> {
  expect(evaluated.length).toBeGreaterThan(0);
  for (const name of models) {
    const model = await loadModel(join(run, name));
    const ids: string[] = [];
    for await (const { id, answer } of model.predict(evaluated)) {
      ids.push(id);
      expect(JSON.stringify(model.task.toJson(answer))).not.toMatch(/^(undefined|\{\})?$/);
    }
    expect(ids).toEqual(evaluated.ids);
    // The file is compared with the model before it takes its name.
    const { bytes, outputs } = await exportOnnx(model, join(run, "exported.onnx"));
    expect((await stat(join(run, "exported.onnx"))).size).toBe(bytes);
    expect(Object.keys(outputs).length).toBeGreaterThan(0);
    await model.release();
  }
}

describe("a trial of every recipe of the repository, from its data to a report and to a model in use", () => {
  for (const file of files) {
    const recipe = parsed(file);
    const why = lacking(recipe);
    it.skipIf(why !== undefined)(
      why === undefined ? file : `${file} (skipped: ${why})`,
      { timeout: longest },
      async () => {
        const whole = await openRun(recipe, builtInCatalogues, { data });
        const planned = planRun(whole).stages.map(({ name }) => name);
        expect(new Set(planned).size).toBe(planned.length);
        expect(planned.length).toBeGreaterThan(0);
        const out = join(await makeFolder(), "run");
        const { summary } = await runRecipe(recipe, {
          out,
          smoke: true,
          workers: 0,
          ...(data === undefined ? {} : { data }),
        });
        expect(summary.smoke).toBe(true);
        expect(summary.methods.map(({ method }) => method)).toEqual(
          recipe.adaptation?.methods.map(({ label }) => label) ?? [],
        );
        const report = runReportSchema.parse(JSON.parse(await readFile(join(out, "report.json"), "utf8")));
        expect(report.stages.length).toBeGreaterThan(0);
        const page = await readFile(join(out, "report.html"), "utf8");
        expect(page).toContain("The numbers mean nothing");
        expect(page).not.toMatch(/>(NaN|undefined|\[object Object\])</);
        if (recipe.pretraining !== undefined) await loadBackbone(join(out, "pretraining"));
        const { evaluated, task } = whole;
        if (evaluated !== undefined)
          await useModels(
            out,
            summary.methods.flatMap(({ model }) => model ?? []),
            smokeSplit(evaluated, task, recipe.seed),
          );
      },
    );
  }
});
