/**
 * Module hooks that let Node run the library's sources: TypeScript is stripped of its types on the way, and imports of
 * the package mean its sources instead of its built files. Node 20 has neither.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transformSync } from "rolldown/utils";
import { sourceOf } from "./aliases.mjs";

/** @type {import("node:module").ResolveHook} */
export const resolve = (specifier, context, next) => {
  const url = sourceOf(specifier);
  return url === undefined ? next(specifier, context) : { url, format: "module", shortCircuit: true };
};

/** @type {import("node:module").LoadHook} */
export const load = async (url, context, next) => {
  if (!/^file:.*\.ts$/.test(url)) return next(url, context);
  const path = fileURLToPath(url);
  const { code, errors } = transformSync(path, await readFile(path, "utf8"));
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors.map(({ message }) => message).join("; ")}`);
  return { format: "module", source: code, shortCircuit: true };
};
