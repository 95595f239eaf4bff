import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { parse } from "yaml";
import { architectures } from "../models/index.ts";
import { defineRecipe } from "../recipes/index.ts";
import { builtInCatalogues } from "../recipes/index.node.ts";
import { atlasRecipe } from "./atlas-recipe.ts";
import { surveyedMethod, surveyedMethods } from "./methods.ts";

const recipes = join(import.meta.dirname, "../../../../recipes");
const survey = join(process.env["VESALIUS_DATA"] ?? "", "../survey/methods.tsv");

/** The survey's words for paradigms. */
const pretraining = { generative: "GL", contrastive: "CL", hybrid: "HL", supervised: "SL" } as const;
const adaptation = { fineTuning: "FT", adapterTuning: "AT", prompting: "PE" } as const;

test("identifiers are unique and can be typed", () => {
  const ids = surveyedMethods.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z0-9][a-z0-9-]*$/);
});

describe.each(surveyedMethods.map((one) => [one.id, one] as const))("%s", (_, method) => {
  it("has a recipe that is made of what it says", () => {
    const base: unknown = parse(readFileSync(join(recipes, `${method.recipe.base}.yaml`), "utf8"));
    const recipe = defineRecipe(atlasRecipe(method, base), { catalogues: builtInCatalogues });
    expect(recipe.name).toBe(method.id);
    expect(recipe.backbone).toMatchObject({ name: method.uses.architecture });
    expect(recipe.task?.name).toBe(method.uses.task);
    const trained = recipe.adaptation!.methods.map(({ name }) => name);
    expect(trained).toEqual(expect.arrayContaining([...method.uses.methods]));
    const objectives = JSON.stringify(recipe.pretraining?.objective ?? {});
    for (const objective of method.uses.objectives ?? []) expect(objectives).toContain(`"${objective}"`);
  });

  it("names a published network that its architecture takes", () => {
    if (method.published === undefined) return;
    const { architecture, settings } = method.published;
    expect(() => architectures.entry(architecture).settings.parse(settings)).not.toThrow();
  });
});

test.skipIf(!existsSync(survey))("methods are as the survey prints them (VESALIUS_DATA)", () => {
  const rows = readFileSync(survey, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split("\t"));
  for (const method of surveyedMethods) {
    const row = rows.find(([table, , name]) => table === method.table && name === method.name)!;
    const [, subfield, , , trained, adapted, backbone, , tasks] = row;
    expect([method.id, method.subfield, method.backbone, method.surveyTasks.join(", ")]).toEqual([
      method.id,
      subfield,
      backbone,
      tasks,
    ]);
    expect(method.pretraining.map((one) => pretraining[one]).join(", ") || "none").toBe(trained);
    expect(method.adaptation.map((one) => adaptation[one]).join(", ")).toBe(adapted);
  }
});

test("a name that is not there is answered with one that is like it", () => {
  expect(surveyedMethod("BioBERT").id).toBe("biobert");
  expect(() => surveyedMethod("biobret")).toThrow(expect.objectContaining({ fix: expect.stringContaining("biobert") }));
});
