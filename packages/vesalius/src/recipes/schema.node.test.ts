import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseRecipe } from "./parse.ts";
import { recipeJsonSchema } from "./schema.ts";

const folder = join(import.meta.dirname, "../../../../recipes");
const files = readdirSync(folder, { recursive: true, encoding: "utf8" });

describe("recipe.schema.json", () => {
  it("is what the schema says; if not, run: npm run build && node scripts/write-recipe-schema.mjs", () => {
    const stored: unknown = JSON.parse(readFileSync(join(folder, "recipe.schema.json"), "utf8"));
    expect(stored).toEqual(recipeJsonSchema());
  });

  it("lists the keys of every level", () => {
    const { properties } = recipeJsonSchema() as { properties: Record<string, unknown> };
    expect(Object.keys(properties)).toEqual(
      expect.arrayContaining(["name", "data", "backbone", "pretraining", "adaptation", "evaluation"]),
    );
  });
});

describe("the recipes of the repository", () => {
  const recipes = files.filter((file) => file.endsWith(".yaml"));

  it("are there", () => {
    expect(recipes.length).toBeGreaterThan(1);
  });

  it.each(recipes)("%s is a recipe that points to the schema", (file) => {
    const text = readFileSync(join(folder, file), "utf8");
    expect(parseRecipe(text, file).name).toBeTruthy();
    const schema = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1];
    expect(join(folder, file, "..", schema ?? "missing")).toBe(join(folder, "recipe.schema.json"));
  });
});
