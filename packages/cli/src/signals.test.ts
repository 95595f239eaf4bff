import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { makeFolder, recipeText, start } from "./command-line.test.helper.ts";

describe.skipIf(process.platform === "win32")("a run that is told to stop", () => {
  let folder: string;
  let recipe: string;
  beforeAll(async () => {
    folder = await makeFolder();
    recipe = join(folder, "recipe.yaml");
    // A run that takes minutes: however late the signal comes on a busy machine, the run has not ended by itself.
    await writeFile(recipe, recipeText({ epochs: 20_000 }));
  });

  it("saves a checkpoint where its terminal is closed, as at Ctrl-C", async () => {
    const running = start(["run", recipe, "--out", join(folder, "hangup"), "--json"]);
    await running.says("[1/5]");
    running.process.kill("SIGHUP");
    const ended = await running.ended;
    expect(ended).toMatchObject({ code: 130, signal: null });
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: "interrupted" } });
  });

  it("ends in its own way also before it has begun", async () => {
    const running = start(["run", recipe, "--out", join(folder, "early"), "--json"]);
    // The name of the run is said before data are opened; until then the command ends at once.
    await running.says("tiny:");
    running.process.kill("SIGTERM");
    const ended = await running.ended;
    expect(ended).toMatchObject({ code: 130, signal: null });
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: "interrupted" } });
  });
});

it("refuses numbers of threads that the engine cannot work with, wherever they are said", async () => {
  for (const said of ["1000", "1.5"])
    expect(
      JSON.parse(
        (await start(["run", "--out", "/proc/none", "--json"], { before: `export VESALIUS_THREADS=${said}` }).ended)
          .stdout,
      ),
    ).toMatchObject({ error: { code: "bad-configuration", where: "VESALIUS_THREADS" } });
  const flag = await start(["run", "--out", "/proc/none", "--threads", "1000", "--json"]).ended;
  expect(JSON.parse(flag.stdout)).toMatchObject({ error: { code: "bad-argument", where: "threads" } });
});
