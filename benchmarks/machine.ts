import { availableParallelism, cpus, totalmem, type as systemName } from "node:os";
import { z } from "zod";
import type { Backend } from "vesalius/runtime";

/** What a benchmark ran on. It names no host and no user. */
export const machineSchema = z.strictObject({
  cpu: z.string().min(1),
  cores: z.int().positive(),
  memoryGiB: z.number().positive(),
  system: z.string().min(1),
  node: z.string().min(1),
  engine: z.string().min(1),
});

/** What a benchmark ran on. */
export type Machine = z.output<typeof machineSchema>;

/** Describes this machine and the engine that the figures belong to. */
export const describeMachine = (backend: Backend): Machine => ({
  cpu: cpus()[0]?.model.trim() || "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
  system: `${systemName()} ${process.arch}`,
  node: process.versions.node,
  engine: `ONNX Runtime ${backend.version}, ${backend.name}`,
});
