/** A copy of the repository in which faults are put: the working tree is never touched. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { mutate, sources } from "./list.mjs";

/** What is large and never changed: linked instead of copied. */
const linked = ["node_modules", "packages/vesalius/fixtures"];

/** Without the build before the tests, which would go into folders that are not there; caches stay in the copy. */
const configuration = `import config from "./vitest.config.ts";
export default { ...config, cacheDir: ".vite", test: { ...config.test, globalSetup: [] } };
`;

/** Name of the configuration of Vitest in the copy. */
export const configurationFile = "vitest.mutations.config.ts";

/**
 * @typedef {object} TreeCopy
 * @property {string} folder
 * @property {(mutation: import("./list.mjs").Mutation) => () => void} change puts a fault in; what it returns takes it out
 * @property {() => void} remove
 */

/**
 * Copies what git knows or would add.
 *
 * @param {string} root of the repository
 * @returns {TreeCopy}
 */
export function copyTree(root) {
  // Where the temporary folder is itself a link, module URLs would differ from paths.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "vesalius-mutations-")));
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  for (const file of listed.split("\0")) {
    if (file === "" || linked.some((path) => file.startsWith(`${path}/`)) || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  for (const path of linked)
    if (existsSync(join(root, path))) symlinkSync(realpathSync(join(root, path)), join(folder, path));
  writeFileSync(join(folder, configurationFile), configuration);
  return {
    folder,
    change(mutation) {
      const path = join(folder, sources, mutation.file);
      const source = readFileSync(path, "utf8");
      writeFileSync(path, mutate(source, mutation));
      return () => writeFileSync(path, source);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
