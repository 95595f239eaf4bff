import { readFile } from "node:fs/promises";
import { z } from "zod";
import { VesaliusError } from "../common/errors.ts";
import { fileError, writeFileAtomic } from "../common/files.node.ts";
import type { Tensors } from "../graph/index.ts";
import { readSafetensors, writeSafetensors } from "../common/safetensors.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint.ts";
import { pendingLossesSchema, trainingRecordSchema, trainingTimeSchema } from "./records.ts";

const headSchema = z.object({
  step: z.number(),
  stale: z.number(),
  pending: pendingLossesSchema,
  time: trainingTimeSchema,
  fingerprint: z.string(),
  best: z.object({ step: z.number(), score: z.number() }).optional(),
  history: z.array(trainingRecordSchema),
});

const statePrefix = "state/";
const bestPrefix = "best/";

const withPrefix = (tensors: Tensors, prefix: string): Tensors =>
  new Map([...tensors].map(([name, tensor]) => [prefix + name, tensor]));

const underPrefix = (tensors: Tensors, prefix: string): Tensors =>
  new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );

/**
 * Keeps the checkpoint of a run in one safetensors file: tensors and progress change together or not at all, also when
 * the process is killed in the middle of a save.
 */
export function checkpointFile(path: string): CheckpointStore {
  return {
    async load() {
      let bytes: Uint8Array;
      try {
        bytes = await readFile(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw fileError(error, path);
      }
      const { tensors, metadata } = readSafetensors(bytes, path);
      let json: unknown;
      try {
        json = JSON.parse(metadata["training"] ?? "");
      } catch {
        json = undefined;
      }
      const head = headSchema.safeParse(json);
      if (!head.success)
        throw new VesaliusError("bad-file", "the file holds no training state", {
          where: path,
          fix: "delete it to start again",
        });
      const { best, history, ...rest } = head.data;
      return {
        ...rest,
        history,
        state: underPrefix(tensors, statePrefix),
        best: best === undefined ? undefined : { ...best, weights: underPrefix(tensors, bestPrefix) },
      } satisfies Checkpoint;
    },
    async save({ state, best, ...rest }) {
      const tensors = new Map([
        ...withPrefix(state, statePrefix),
        ...withPrefix(best?.weights ?? new Map(), bestPrefix),
      ]);
      const head = { ...rest, ...(best === undefined ? {} : { best: { step: best.step, score: best.score } }) };
      await writeFileAtomic(path, writeSafetensors(tensors, { training: JSON.stringify(head) }));
    },
  };
}
