import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** Root of the repository, whether this runs from source or compiled. */
export function repositoryRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "recipes")) || !existsSync(join(folder, "package-lock.json"))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error("the benchmarks run inside the repository only: no recipes folder was found");
    folder = parent;
  }
  return folder;
}
