import { isCollection, isMap, isPair, LineCounter, parseDocument, type Document, stringify } from "yaml";
import { VesaliusError } from "../common/errors.ts";
import { describeProblems, formatPath, type Problem } from "./problems/problems.ts";
import { type ResolvedRecipe, resolveRecipe } from "./resolve.ts";
import { type ParsedRecipe, type RecipeInput, recipeSchema } from "./schema.ts";

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

function recipeError(
  problems: readonly { problem: Problem; line: number | undefined }[],
  where: string,
  cause: unknown,
): VesaliusError {
  const texts = problems.map(({ problem, line }) => {
    const place = [line === undefined ? "" : `line ${line}`, formatPath(problem.path)]
      .filter((part) => part !== "")
      .join(", ");
    return place === "" ? problem.message : `${place}: ${problem.message}`;
  });
  const first = problems[0]?.line;
  return new VesaliusError("bad-configuration", `the recipe cannot be used: ${texts.join("\n  ")}`, {
    where: first === undefined ? where : `${where}:${first}`,
    cause,
  });
}

function check(value: unknown, where: string, locate: (problem: Problem) => number | undefined): ParsedRecipe {
  const parsed = recipeSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = describeProblems(recipeSchema, value, parsed.error);
  throw recipeError(
    problems.map((problem) => ({ problem, line: locate(problem) })),
    where,
    parsed.error,
  );
}

/** What a caller may say in place of a recipe. */
export interface RecipeOverrides {
  /** Seed of the run; seeds that the recipe lists for adaptation stay. */
  readonly seed?: number;
}

/**
 * Reads a recipe from YAML and fills in its defaults.
 *
 * @param where name of the file, for messages
 * @param overrides keys that stand in place of the recipe's
 * @throws VesaliusError `bad-configuration` naming line, key and, for a misspelt key, the one that was probably meant
 *
 * @example
 * const recipe = parseRecipe(await readFile("pneumonia.yaml", "utf8"), "pneumonia.yaml");
 */
export function parseRecipe(text: string, where = "recipe", overrides: RecipeOverrides = {}): ResolvedRecipe {
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
  const { seed } = overrides;
  if (seed !== undefined && isMap(document.contents)) document.set("seed", seed);
  return resolveRecipe(check(document.toJS(), where, (problem) => lineOf(document, lines, problem)));
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
 *   backbone: { preset: "micro", imageSize: 28, patchSize: 4 },
 *   pretraining: { epochs: 10 },
 *   adaptation: { methods: [{ name: "linearProbe" }] },
 * });
 */
export function defineRecipe(recipe: RecipeInput): ResolvedRecipe {
  return resolveRecipe(check(recipe, "recipe", () => undefined));
}

/** A resolved recipe as YAML, which `parseRecipe` reads back to the same. */
export const formatRecipe = (recipe: ResolvedRecipe): string => stringify(recipe, { aliasDuplicateObjects: false });
