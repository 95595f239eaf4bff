import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { builtInCatalogues } from "./catalogues.node.ts";
import { parseRecipe } from "./parse.ts";
import { recipeJsonSchema } from "./schema.ts";

const folder = join(import.meta.dirname, "../../../../recipes");
const files = readdirSync(folder, { recursive: true, encoding: "utf8" });

/** What a path of a JSON Schema leads to, through references and forms of a union. */
function at(schema: Record<string, unknown>, root: Record<string, unknown>, path: readonly string[]): unknown[] {
  const ref = schema["$ref"];
  if (typeof ref === "string")
    return at((root["$defs"] as Record<string, Record<string, unknown>>)[ref.split("/").at(-1)!]!, root, path);
  const forms = (schema["anyOf"] ?? schema["oneOf"]) as Record<string, unknown>[] | undefined;
  if (forms !== undefined) return forms.flatMap((form) => at(form, root, path));
  const [step, ...rest] = path;
  if (step === undefined) return [schema];
  const next = step === "[]" ? schema["items"] : (schema["properties"] as Record<string, unknown> | undefined)?.[step];
  return next === undefined ? [] : at(next as Record<string, unknown>, root, rest);
}

describe("recipe.schema.json", () => {
  const schema = recipeJsonSchema(builtInCatalogues);

  it("is what the schema says; if not, run: npm run build && node scripts/write-recipe-schema.mjs", () => {
    const stored: unknown = JSON.parse(readFileSync(join(folder, "recipe.schema.json"), "utf8"));
    expect(stored).toEqual(schema);
  });

  it.each([
    ["seed"],
    ["data.task.dataset"],
    ["data.pretraining.generator"],
    ["backbone.preset"],
    ["backbone.inputs"],
    ["backbone.weights"],
    ["pretraining.objective.name"],
    ["pretraining.optimizer.name"],
    ["pretraining.schedule.warmupFraction"],
    ["task.inference.name"],
    ["adaptation.sampler.name"],
    ["adaptation.methods.[].rank"],
    ["adaptation.methods.[].learningRate"],
    ["adaptation.methods.[].transforms.[].name"],
    ["studies.[].counts"],
    ["evaluation.floors.[].metric"],
  ])("says what may stand at %s", (path) => {
    expect(at(schema, schema, path.split(".")).length).toBeGreaterThan(0);
  });

  it("offers every name of every catalogue", () => {
    const text = JSON.stringify(schema);
    // Which encoder reads a role, the network decides.
    const { encoders: _encoders, ...catalogues } = builtInCatalogues;
    for (const { names } of Object.values(catalogues)) for (const name of names) expect(text).toContain(`"${name}"`);
  });

  it("stays small, since what stands in several places is referred to", () => {
    expect(JSON.stringify(schema).length).toBeLessThan(200_000);
  });
});

describe("the recipes of the repository", () => {
  const recipes = files.filter((file) => file.endsWith(".yaml"));

  it("are there", () => {
    expect(recipes.length).toBeGreaterThan(1);
  });

  it.each(recipes)("%s is a recipe that points to the schema", (file) => {
    const text = readFileSync(join(folder, file), "utf8");
    expect(parseRecipe(text, { where: file, catalogues: builtInCatalogues }).name).toMatch(/^[a-z0-9-]+$/);
    const schema = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1];
    expect(join(folder, file, "..", schema ?? "missing")).toBe(join(folder, "recipe.schema.json"));
  });
});
