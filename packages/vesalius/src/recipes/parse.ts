import { stringify } from "yaml";
import { builtIn, type Catalogues } from "./catalogues.ts";
import { readDocument } from "./document.ts";
import { movedKeys } from "./problems/moved-keys.ts";
import { describeProblems, formatPath } from "./problems/problems.ts";
import { pathsOutside } from "./problems/paths-outside.ts";
import { type Locate, recipeError, RecipeProblem } from "./problems/recipe-error.ts";
import { type ResolvedRecipe, resolveRecipe } from "./resolve.ts";
import { type RecipeInput, recipeSchema } from "./schema.ts";
import { type Setting, withSettings } from "./settings.ts";

/** Checks a recipe and fills in its defaults. */
function define(value: unknown, catalogues: Catalogues, where: string, locate: Locate): ResolvedRecipe {
  const moved = movedKeys(value, catalogues);
  const schema = recipeSchema(catalogues);
  const parsed = schema.safeParse(value);
  if (moved.length > 0 || !parsed.success) {
    const said = new Set(moved.map(({ path }) => formatPath(path)));
    const others = parsed.success
      ? []
      : describeProblems(schema, value, parsed.error).filter(({ path }) => !said.has(formatPath(path)));
    throw recipeError([...moved, ...others], where, locate, parsed.error);
  }
  try {
    return resolveRecipe(parsed.data, catalogues);
  } catch (error) {
    if (error instanceof RecipeProblem) throw recipeError([error.problem], where, locate, error);
    throw error;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What a caller may say beside a recipe. */
export interface RecipeOptions {
  /** What a recipe can name: the library's own lists, or those that a program has added to. */
  readonly catalogues?: Catalogues;
  /** Name of the file, for messages. */
  readonly where?: string;
  /** Seed in place of the recipe's; seeds that the recipe lists for adaptation stay. */
  readonly seed?: number;
  /** Settings in place of the recipe's, in order. */
  readonly set?: readonly Setting[];
}

/** Whether a setting decides what stands at a path. */
const isAt = (setting: Setting, path: readonly PropertyKey[]): boolean =>
  setting.path.every((step, i) => String(path[i]) === String(step));

/** Says of a problem below a setting that the setting is to blame. */
const settingAt =
  (set: readonly Setting[]): Locate =>
  ({ path }) => {
    const guilty = set.findLast((one) => isAt(one, path));
    return guilty === undefined ? undefined : { text: guilty.text };
  };

/**
 * Reads a recipe from YAML and fills in its defaults.
 *
 * @throws VesaliusError `bad-configuration` naming line, key and, for a misspelt key, the one that was probably meant
 *
 * @example
 * const recipe = parseRecipe(await readFile("pneumonia.yaml", "utf8"), { where: "pneumonia.yaml" });
 */
export function parseRecipe(text: string, options: RecipeOptions = {}): ResolvedRecipe {
  const { catalogues = builtIn, where = "recipe", seed, set = [] } = options;
  const document = readDocument(text, where);
  const bySetting = settingAt(set);
  const locate: Locate = (problem) => {
    const line = document.lineOf(problem);
    return bySetting(problem) ?? (line === undefined ? undefined : { line });
  };
  const outside = pathsOutside(document.value).filter(({ path }) => !set.some((one) => isAt(one, path)));
  if (outside.length > 0) throw recipeError(outside, where, locate, undefined);
  const seeded = seed === undefined || !isObject(document.value) ? document.value : { ...document.value, seed };
  return define(withSettings(seeded, set), catalogues, where, locate);
}

/**
 * Checks a recipe that is written as an object and fills in its defaults.
 *
 * @throws VesaliusError `bad-configuration` naming the key
 *
 * @example
 * const recipe = defineRecipe({
 *   name: "probe",
 *   data: { task: "pneumoniamnist" },
 *   backbone: { name: "vit", preset: "micro", imageSize: 28, patchSize: 4 },
 *   pretraining: { objective: { name: "maskedImageModelling" }, epochs: 10 },
 *   task: { name: "classification" },
 *   adaptation: { methods: [{ name: "linearProbe" }] },
 * });
 */
export function defineRecipe(recipe: RecipeInput, options: RecipeOptions = {}): ResolvedRecipe {
  const { catalogues = builtIn, where = "recipe", seed, set = [] } = options;
  const changed = seed === undefined ? recipe : { ...recipe, seed };
  return define(withSettings(changed, set), catalogues, where, settingAt(set));
}

/** A resolved recipe as YAML, which `parseRecipe` reads back to the same. */
export const formatRecipe = (recipe: ResolvedRecipe): string => stringify(recipe, { aliasDuplicateObjects: false });
