import { VesaliusError } from "../../common/errors.ts";
import { growthOf } from "../tokenizers/expression-cost.ts";

/**
 * Groups of files by a part of their names.
 *
 * @throws VesaliusError `bad-argument` for what is no regular expression, `bad-data` where it matches no file
 */
export function groupsBy(
  pattern: string,
  files: readonly string[],
  where: string,
): { readonly groups: string[]; readonly cautions: string[] } {
  const bad = (what: string, cause?: unknown): VesaliusError =>
    new VesaliusError("bad-argument", `the pattern of groups ${what}`, { where: pattern, cause });
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, "u");
  } catch (cause) {
    throw bad("is no regular expression", cause);
  }
  const growth = growthOf(pattern);
  // Recipes come from strangers too.
  if (typeof growth === "object") throw bad(`could take very long: ${growth.refused}`);
  let without = 0;
  const groups = files.map((file) => {
    const match = expression.exec(file.slice(file.lastIndexOf("/") + 1));
    if (match !== null) return match[1] ?? match[0];
    without++;
    return `(none) ${file}`;
  });
  if (without === files.length)
    throw new VesaliusError("bad-data", "the pattern of groups matches the name of no file", {
      where,
      fix: (option) => `correct ${option("groupPattern")}, or leave it out`,
    });
  return {
    groups,
    cautions: without === 0 ? [] : [`${without} images match no pattern of groups and are groups of their own.`],
  };
}
