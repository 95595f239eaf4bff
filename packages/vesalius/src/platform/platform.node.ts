import { totalmem } from "node:os";
import { join } from "node:path";
import { writeFileAtomic } from "../common/files.node.ts";
import { batches } from "../data/index.node.ts";
import { type Backend, nodeCpu } from "../runtime/index.node.ts";
import type { Platform } from "./platform.ts";

let backend: Promise<Backend> | undefined;

/** Node: ONNX Runtime on the CPU, worker threads, files. */
export const platform: Platform = {
  defaultBackend: () => (backend ??= nodeCpu()),
  // A container may have less than its machine.
  memory: Math.min(totalmem(), process.constrainedMemory() || Infinity),
  batches,
  async writeFiles(folder, files) {
    for (const [name, content] of files) await writeFileAtomic(join(folder, name), content);
  },
};
