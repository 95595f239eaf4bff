import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { loadModel } from "../adaptation/index.node.ts";
import { makeFolder, tinyRecipe } from "./recipe.test.helper.ts";
import { type RunReport, runReportSchema } from "./report/run-report.ts";
import { runRecipe } from "./run-recipe.node.ts";
import type { RecipeInput } from "./schema.ts";
import { isTrained } from "./stages/records.ts";

vi.setConfig({ hookTimeout: 120_000 });

const small = { ...tinyRecipe.backbone, patchSize: 8, width: 8 } as const;
const recipe: RecipeInput = {
  ...tinyRecipe,
  adaptation: {
    ...tinyRecipe.adaptation,
    seeds: [1, 2],
    methods: [
      { name: "lora", rank: 2 },
      { name: "scratch", label: "small", backbone: small },
    ],
  },
  studies: [{ name: "crossValidation", folds: 3, reference: "small" }],
};

describe("cross-validation with a network beside the recipe's", () => {
  let report: RunReport;
  let folder: string;
  beforeAll(async () => {
    folder = await makeFolder();
    await runRecipe(recipe, { out: folder, workers: 0 });
    report = runReportSchema.parse(JSON.parse(await readFile(join(folder, "report.json"), "utf8")));
    const model = await loadModel(join(folder, "models/small-seed1"));
    expect(model.backbone.network.config).toMatchObject({ patchSize: 8, width: 8 });
  });

  it("adapts a method's own network in place of the recipe's, without its pretraining", () => {
    const parameters = report.methods.map((method) => [method.method, method.parameters] as const);
    expect(Object.fromEntries(parameters)["small"]).toBeLessThan(Object.fromEntries(parameters)["lora"]!);
    const from = report.stages.flatMap((stage) =>
      stage.kind === "adaptation" ? [[stage.method, stage.decides["from"] === undefined] as const] : [],
    );
    expect(Object.fromEntries(from)).toEqual({ lora: false, small: true });
  });

  it("answers every labelled example once for each seed, by a model that was adapted to the other folds", () => {
    const points = report.stages.filter((stage) => stage.kind === "point");
    expect(points).toHaveLength(2 * 2 * 3);
    for (const method of ["lora", "small"])
      for (const seed of [1, 2]) {
        const of = points.filter((point) => point.method === method && point.seed === seed);
        expect(of.reduce((sum, { cases }) => sum + cases, 0)).toBe(96);
        expect(of.map(({ split }) => split)).toEqual(["fold 1 of 3", "fold 2 of 3", "fold 3 of 3"]);
        for (const point of of) expect(isTrained(point) && point.examples + point.cases).toBe(96);
      }
  });

  it("evaluates all folds as one, and holds each method against the reference on the same cases", () => {
    const { name, results } = report.studies[0]!;
    expect(name).toBe("crossValidation");
    expect(results.map(({ method }) => method)).toEqual(["lora", "small"]);
    const [lora, reference] = results as [(typeof results)[number], (typeof results)[number]];
    expect(reference.overCases).toBeUndefined();
    expect(lora.overCases).toMatchObject({ first: lora.scores[0], second: reference.scores[0] });
    expect(lora.scores).toHaveLength(2);
    expect(lora.estimate.value).toBeCloseTo((lora.scores[0]! + lora.scores[1]!) / 2, 12);
  });
});
