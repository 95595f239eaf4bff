import { isCollection, isMap, isPair, LineCounter, parseDocument, type Document, stringify } from "yaml";
import { VesaliusError } from "../common/errors.ts";
import { builtIn, type Catalogues } from "./catalogues.ts";
import { movedKeys } from "./problems/moved-keys.ts";
import { describeProblems, formatPath, type Problem } from "./problems/problems.ts";
import { type Locate, recipeError, RecipeProblem } from "./problems/recipe-error.ts";
import { type ResolvedRecipe, resolveRecipe } from "./resolve.ts";
import { type RecipeInput, recipeSchema } from "./schema.ts";
import { type Setting, withSettings } from "./settings.ts";

/** Line in the file, from 1, of the key or value that a problem is about; of what holds it where it is missing. */
function lineOf(document: Document, lines: LineCounter, { path, onKey }: Problem): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const at = path.slice(0, length);
    const parent: unknown = length === 0 ? document.contents : document.getIn(at.slice(0, -1), true);
    const key = at.at(-1);
    const pair = isCollection(parent)
      ? parent.items.find((item) => isPair(item) && String(item.key) === String(key))
      : undefined;
    const node: unknown =
      isPair(pair) && (onKey || length < path.length || !isCollection(pair.value))
        ? pair.key
        : document.getIn(at, true);
    const offset = (node as { range?: [number, number, number] } | undefined)?.range?.[0];
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return undefined;
}

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

/** Says of a problem below a setting that the setting is to blame. */
const settingAt =
  (set: readonly Setting[]): Locate =>
  ({ path }) => {
    const guilty = set.findLast((one) => one.path.every((step, i) => String(path[i]) === String(step)));
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
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const line = broken.linePos?.[0].line;
    throw new VesaliusError("bad-configuration", `the file is no valid YAML: ${broken.message.split("\n")[0]}`, {
      where: line === undefined ? where : `${where}:${line}`,
      cause: broken,
    });
  }
  if (seed !== undefined && isMap(document.contents)) document.set("seed", seed);
  const bySetting = settingAt(set);
  return define(withSettings(document.toJS(), set), catalogues, where, (problem) => {
    const line = lineOf(document, lines, problem);
    return bySetting(problem) ?? (line === undefined ? undefined : { line });
  });
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
