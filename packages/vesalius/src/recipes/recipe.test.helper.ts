/** What several tests of recipes need: a recipe that runs in a second or two, folders that are removed, and errors. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { VesaliusError } from "../common/errors.ts";
import type { RecipeInput } from "./schema.ts";

const temporary: string[] = [];
afterEach(async () => {
  await Promise.all(temporary.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** A new empty folder, removed after the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vesalius-recipes-"));
  temporary.push(folder);
  return folder;
}

/** Pretraining and two methods in a few steps each, on images that are drawn by a program. */
export const tinyRecipe = {
  name: "tiny",
  seed: 3,
  data: {
    task: { generator: "synthetic-radiographs", imageSize: 16, count: { train: 48, validation: 48 } },
  },
  backbone: { name: "vit", preset: "nano", imageSize: 16, patchSize: 4, width: 16, depth: 1, positions: "sineCosine" },
  pretraining: {
    objective: { name: "maskedImageModelling", decoder: { width: 16, depth: 1, heads: 2 } },
    epochs: 2,
    batchSize: 16,
  },
  task: { name: "classification" },
  adaptation: { epochs: 2, batchSize: 16, methods: [{ name: "scratch" }, { name: "lora", rank: 2 }] },
  evaluation: { resamples: 20 },
} satisfies RecipeInput;

/** The error that a call ends with. */
export async function failureOf(call: () => unknown): Promise<VesaliusError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof VesaliusError) return error;
    throw error;
  }
  throw new TypeError("the call did not fail");
}
