/** What of a run is taken from what was computed before: by itself, interrupted, or by another recipe. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failureOf, makeFolder, tinyRecipe } from "./recipe.test.helper.ts";
import type { RecipeInput } from "./schema.ts";
import type { RunEvent } from "./stages/events.ts";
import { origins, readLines, readReport, run } from "./run.test.helper.ts";

describe("an interrupted run", () => {
  it("saves a checkpoint, says so, and goes on to the same weights, answers and metrics", async () => {
    const [stopped, straight] = [await makeFolder(), await makeFolder()];
    const controller = new AbortController();
    const error = await failureOf(() =>
      run(tinyRecipe, {
        out: stopped,
        signal: controller.signal,
        onEvent: (event) => {
          if (event.type === "progress" && event.stage === "adaptation/lora-seed3" && event.step === 3)
            controller.abort();
        },
      }),
    );
    expect(error.code).toBe("interrupted");
    expect(error.what).toBe("adaptation/lora-seed3: stopped after step 3 of 6");
    const checkpoints = await readdir(join(stopped, "checkpoints/adaptation"));
    expect(checkpoints.filter((name) => /^lora-seed3-[0-9a-f]{12}\.safetensors$/.test(name))).toHaveLength(1);
    expect(existsSync(join(stopped, "run.lock"))).toBe(false);
    await run(tinyRecipe, { out: stopped });
    await run(tinyRecipe, { out: straight });
    for (const name of [
      "models/lora-seed3/model.safetensors",
      "evaluations/lora-seed3/predictions.csv",
      "metrics.jsonl",
    ])
      expect(await readFile(join(stopped, name))).toEqual(await readFile(join(straight, name)));
    const resumed = (await readReport(stopped)).stages.find(({ stage }) => stage === "adaptation/lora-seed3");
    expect(resumed).toMatchObject({ kind: "adaptation", steps: 6 });
    // Both sessions are counted.
    if (resumed?.kind === "adaptation") expect(resumed.cost.seconds).toBeGreaterThan(resumed.time.total * 0.9);
    expect(existsSync(join(stopped, "checkpoints"))).toBe(false);
  }, 90_000);
});

describe("stages found by content", () => {
  const { adaptation: _adaptation, task: _task, ...pretrainingOnly } = tinyRecipe;

  it("two recipes that share a pretraining share it, and a changed method does not touch it", async () => {
    const [one, two, stages] = [await makeFolder(), await makeFolder(), join(await makeFolder(), "stages")];
    const seen: RunEvent[] = [];
    await run(pretrainingOnly, { out: one, stages });
    const { summary } = await run(
      { ...tinyRecipe, name: "other", title: "Another question" },
      { out: two, stages, onEvent: (event) => seen.push(event) },
    );
    expect(origins(seen)).toMatchObject({ pretraining: "shared", "adaptation/lora-seed3": "now" });
    expect(summary.name).toBe("other");
    const weights = (folder: string) => readFile(join(folder, "pretraining/backbone.safetensors"));
    expect(await weights(two)).toEqual(await weights(one));
    // What was taken from the other run counts in metrics and cost as there.
    expect((await readLines(two)).filter(({ stage }) => stage === "pretraining")).toHaveLength(6);
  }, 60_000);

  it("a changed title, floor or number of resamples trains and evaluates nothing again", async () => {
    const out = await makeFolder();
    await run(tinyRecipe, { out });
    const seen: RunEvent[] = [];
    const changed = {
      ...tinyRecipe,
      title: "A better title",
      evaluation: { resamples: 30, floors: [{ metric: "rocAuc", value: 0.5, name: "coin" }] },
    };
    const { summary } = await run(changed, { out, onEvent: (event) => seen.push(event) });
    expect(new Set(Object.values(origins(seen)))).toEqual(new Set(["run"]));
    expect(summary).toMatchObject({ title: "A better title", floor: { name: "coin" } });
    expect(await readFile(join(out, "recipe.yaml"), "utf8")).toContain("A better title");
  }, 60_000);

  it("changed settings or data are refused in a folder that holds the others, and train again elsewhere", async () => {
    const [out, stages] = [await makeFolder(), join(await makeFolder(), "stages")];
    await run(pretrainingOnly, { out, stages });
    const slower = { ...pretrainingOnly, pretraining: { ...pretrainingOnly.pretraining, learningRate: 0.002 } };
    const error = await failureOf(() => run(slower, { out, stages }));
    expect(error).toMatchObject({ code: "bad-configuration", where: out });
    expect(error.what).toContain("a finished pretraining with another training.learningRate");
    const redrawn = {
      ...pretrainingOnly,
      data: { task: { ...pretrainingOnly.data.task, seed: 1 } },
    };
    expect((await failureOf(() => run(redrawn, { out, stages }))).what).toContain("with another data");
    const seen: RunEvent[] = [];
    await run(redrawn, { out: await makeFolder(), stages, onEvent: (event) => seen.push(event) });
    expect(origins(seen)).toEqual({ pretraining: "now" });
  }, 60_000);

  it("other evaluation data leave the model and evaluate it again", async () => {
    const [one, two, stages] = [await makeFolder(), await makeFolder(), join(await makeFolder(), "stages")];
    const scratch: RecipeInput = { ...tinyRecipe, adaptation: { epochs: 1, methods: [{ name: "scratch" }] } };
    const { pretraining: _pretraining, ...recipe } = scratch;
    await run(recipe, { out: one, stages });
    const seen: RunEvent[] = [];
    const data = { task: { ...tinyRecipe.data.task, count: { train: 48, validation: 40 } } };
    await run({ ...recipe, data }, { out: two, stages, onEvent: (event) => seen.push(event) });
    expect(origins(seen)).toEqual({ "adaptation/scratch-seed3": "shared", "evaluation/scratch-seed3": "now" });
  }, 60_000);
});
