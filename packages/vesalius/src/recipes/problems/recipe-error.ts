import { VesaliusError } from "../../common/errors.ts";
import { firstProblems, formatPath, type Problem } from "./problems.ts";

/** A problem that shows only when the parts of a recipe are put together. */
export class RecipeProblem extends Error {
  readonly problem: Problem;

  /**
   * @param path keys and positions from the top
   * @param message what is wrong and what to do
   */
  constructor(path: readonly PropertyKey[], message: string) {
    super(`${formatPath(path)}: ${message}`);
    this.problem = { path, onKey: false, message };
  }
}

/** Does work on a part of a recipe, and gives the problems that it finds the part's place in the whole. */
export function withPlace<Result>(place: readonly PropertyKey[], work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RecipeProblem)) throw error;
    const { path, message } = error.problem;
    throw new RecipeProblem([...place, ...path], message);
  }
}

/** Says where a problem lies: a line of a file, a flag. Undefined where nothing more is known than the path. */
export interface Locate {
  (problem: Problem): { readonly line?: number; readonly text?: string } | undefined;
}

/**
 * The error that names every problem of a recipe with its place.
 *
 * @param where file that the recipe comes from
 */
export function recipeError(
  problems: readonly Problem[],
  where: string,
  locate: Locate,
  cause: unknown,
): VesaliusError {
  const located = firstProblems(problems).map((problem) => ({
    problem,
    place: problem.counted === undefined ? locate(problem) : undefined,
  }));
  const texts = located.map(({ problem, place }) => {
    const line = place?.line === undefined ? "" : `line ${place.line}`;
    const parts = [place?.text ?? line, formatPath(problem.path)].filter((part) => part !== "");
    return parts.length === 0 ? problem.message : `${parts.join(", ")}: ${problem.message}`;
  });
  const first = located[0]?.place?.line;
  return new VesaliusError("bad-configuration", `the recipe cannot be used: ${texts.join("\n  ")}`, {
    where: first === undefined ? where : `${where}:${first}`,
    cause,
  });
}

/**
 * Does work on a recipe that was read already, so that of its problems only the path is known.
 *
 * @throws VesaliusError `bad-configuration` in place of a RecipeProblem
 */
export async function withRecipeErrors<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RecipeProblem)) throw error;
    const { path, message } = error.problem;
    throw new VesaliusError("bad-configuration", message, { where: formatPath(path), cause: error });
  }
}
