/**
 * Module hooks that let Node run the library's sources: TypeScript is stripped of its types on the way, and imports of
 * the package mean its sources instead of its built files. Node 20 has neither.
 */
import { readFile } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { transformSync } from "rolldown/utils";
import { sourceOf } from "./aliases.mjs";

/** @type {import("node:module").ResolveHook} */
export const resolve = (specifier, context, next) => {
  const url = sourceOf(specifier);
  return url === undefined ? next(specifier, context) : { url, format: "module", shortCircuit: true };
};

/** One source without its types. */
async function stripped(path) {
  const { code, errors } = transformSync(path, await readFile(path, "utf8"));
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors.map(({ message }) => message).join("; ")}`);
  return code;
}

/** Path of the source that an import of the library means; null for all others. */
function sourcePathOf(specifier) {
  const url = sourceOf(specifier);
  return url === undefined ? null : fileURLToPath(url);
}

/** Entries of threads, which start often: one module with all sources that they import, as every module costs a message. */
async function bundled(path) {
  const bundle = await rolldown({
    input: path,
    platform: "node",
    logLevel: "silent",
    plugins: [{ name: "sources", resolveId: (id) => sourcePathOf(id) }],
    // Packages stay packages; a path is a source, also that of a drive on Windows.
    external: (id) => !id.startsWith(".") && !isAbsolute(id) && sourceOf(id) === undefined,
  });
  try {
    const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
    return output[0].code;
  } finally {
    await bundle.close();
  }
}

/** @type {import("node:module").LoadHook} */
export const load = async (url, context, next) => {
  if (!/^file:.*\.ts$/.test(url)) return next(url, context);
  const path = fileURLToPath(url);
  const source = await (path.endsWith("-worker.node.ts") ? bundled(path) : stripped(path));
  return { format: "module", source, shortCircuit: true };
};
