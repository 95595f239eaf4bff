/** Where the sources of what the package `vesalius` exports lie, read from its package.json. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const packageUrl = new URL("../../packages/vesalius/package.json", import.meta.url);
const { exports, imports } = JSON.parse(readFileSync(packageUrl, "utf8"));

const toSource = (built) => new URL(built.replace(/^\.\/dist\//, "./src/").replace(/\.js$/, ".ts"), packageUrl).href;

/** @type {ReadonlyMap<string, string>} URL of the source by what is imported */
const sources = new Map([
  ...Object.entries(exports).map(([path, target]) => [
    path.replace(/^\./, "vesalius"),
    toSource(target.node ?? target.default),
  ]),
  ...Object.entries(imports).map(([name, target]) => [name, toSource(target.node)]),
]);

/** URL of the source that an import of the library means in Node; undefined for every other import. */
export const sourceOf = (specifier) => sources.get(specifier);

/** The same as aliases of Vite. */
export const sourceAliases = [...sources].map(([name, url]) => ({
  find: new RegExp(`^${name}$`),
  replacement: fileURLToPath(url),
}));
