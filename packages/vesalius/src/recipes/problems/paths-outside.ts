import type { Problem } from "./problems.ts";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a path leads out of the folder that it is taken from. */
const leadsOut = (path: string): boolean =>
  /^([\\/~]|[A-Za-z]:)/.test(path) || path.split(/[\\/]/).includes("..") || path.includes("\0");

/**
 * Folders of weights that a recipe's file names outside of the folder in which it is run. A file can come from a
 * stranger: it says what is read only below the places that the user names.
 */
export function pathsOutside(recipe: unknown): Problem[] {
  const { backbone, adaptation } = isObject(recipe) ? recipe : {};
  const methods = isObject(adaptation) && Array.isArray(adaptation["methods"]) ? adaptation["methods"] : [];
  const backbones: (readonly [readonly PropertyKey[], unknown])[] = [
    [["backbone"], backbone],
    ...methods.map(
      (method, i) =>
        [["adaptation", "methods", i, "backbone"], isObject(method) ? method["backbone"] : undefined] as const,
    ),
  ];
  return backbones.flatMap(([path, value]) => {
    const weights = isObject(value) ? value["weights"] : undefined;
    if (typeof weights !== "string" || !leadsOut(weights)) return [];
    const at = path.length === 1 ? "backbone.weights" : `adaptation.methods[${String(path[2])}].backbone.weights`;
    return [
      {
        path: [...path, "weights"],
        onKey: false,
        message: `a recipe's file names no folder outside of the one in which it is run; pass it with --set ${at}=FOLDER`,
      },
    ];
  });
}
