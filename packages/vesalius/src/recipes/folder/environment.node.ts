import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, release, totalmem, type as systemName } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Backend } from "../../runtime/index.ts";
import { defaultThreads } from "../../runtime/index.node.ts";
import type { Environment } from "./environment.ts";

/** The version of this library. */
export async function vesaliusVersion(): Promise<string> {
  // Both the sources and the built files lie two folders below the package.
  const text = await readFile(join(import.meta.dirname, "../../../package.json"), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/** Describes the machine and the software as they are now. */
export async function currentEnvironment(
  backend: Pick<Backend, "name" | "version">,
  threads: number | undefined,
): Promise<Environment> {
  return {
    vesalius: await vesaliusVersion(),
    node: process.versions.node,
    engine: { name: backend.name, version: backend.version },
    threads: threads ?? defaultThreads(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    system: `${systemName()} ${release()}`,
    architecture: process.arch,
  };
}
