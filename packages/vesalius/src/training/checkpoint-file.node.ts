import { readFile } from "node:fs/promises";
import { z } from "zod";
import { createDigest } from "#common/digest";
import { VesaliusError } from "../common/errors.ts";
import { fileError, writeFileAtomic } from "../common/files.node.ts";
import { readSafetensors, type Safetensors, writeSafetensors } from "../common/safetensors.ts";
import { tensorBytes, type Tensors } from "../graph/index.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint.ts";
import { pendingLossesSchema, trainingRecordSchema, trainingTimeSchema } from "./records.ts";
import { parseJson } from "../common/parse-json.ts";

const count = z.int().nonnegative();

const headSchema = z.object({
  step: count,
  stale: count,
  pending: pendingLossesSchema,
  time: trainingTimeSchema,
  fingerprint: z.string(),
  best: z.object({ step: count, score: z.number() }).optional(),
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

/** SHA-256 of all that a checkpoint holds: progress, and name, type, shape and bytes of each tensor. */
function checksumOfCheckpoint(training: string, tensors: Tensors): string {
  const digest = createDigest().update(training);
  for (const name of [...tensors.keys()].sort()) {
    const tensor = tensors.get(name)!;
    digest.update(JSON.stringify([name, tensor.dtype, tensor.shape])).update(tensorBytes(tensor));
  }
  return digest.hex();
}

const unusable = (what: string, where: string): VesaliusError =>
  new VesaliusError("bad-file", what, { where, fix: "delete it to begin this training again from its start" });

function readCheckpoint(bytes: Uint8Array, path: string): Safetensors {
  try {
    return readSafetensors(bytes, path);
  } catch (error) {
    // The advice for files from elsewhere, to get them again, does not help here.
    throw error instanceof VesaliusError ? unusable(error.what, error.where ?? path) : error;
  }
}

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
      const { tensors, metadata } = readCheckpoint(bytes, path);
      const { training = "", checksum } = metadata;
      let json: unknown;
      try {
        json = parseJson(training);
      } catch {
        json = undefined;
      }
      const head = headSchema.safeParse(json);
      if (!head.success) throw unusable("the file holds no training state", path);
      if (checksum === undefined)
        throw unusable("the checkpoint has no checksum: it is of an earlier version, or damaged", path);
      if (checksum !== checksumOfCheckpoint(training, tensors))
        throw unusable("the checkpoint is not as it was saved: its checksum differs", path);
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
      const training = JSON.stringify(head);
      const checksum = checksumOfCheckpoint(training, tensors);
      await writeFileAtomic(path, writeSafetensors(tensors, { training, checksum }));
    },
  };
}
