import { formatPath, type Problem } from "./problems.ts";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a path leads out of the folder that it is taken from. */
const leadsOut = (path: string): boolean =>
  /^([\\/~]|[A-Za-z]:)/.test(path) || path.split(/[\\/]/).includes("..") || path.includes("\0");

/** What lies at a path of keys and positions. */
const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      Array.isArray(inner) ? (inner as unknown[])[Number(key)] : isObject(inner) ? inner[String(key)] : undefined,
    value,
  );

/**
 * Folders and files of models that a recipe's file names outside of the folder in which it is run. A file can come from a
 * stranger: it says what is read only below the places that the user names.
 */
export function pathsOutside(recipe: unknown): Problem[] {
  const methods = valueAt(recipe, ["adaptation", "methods"]);
  const ofMethods = (Array.isArray(methods) ? methods : []).flatMap((_, i) =>
    ["backbone.weights", "model.folder", "model.file"].map((keys) => ["adaptation", "methods", i, ...keys.split(".")]),
  );
  return [["backbone", "weights"], ...ofMethods].flatMap((path) => {
    const named = valueAt(recipe, path);
    if (typeof named !== "string" || !leadsOut(named)) return [];
    const at = formatPath(path);
    return [
      {
        path,
        onKey: false,
        message: `a recipe's file names nothing outside of the folder in which it is run; pass it with --set ${at}=PATH`,
      },
    ];
  });
}
