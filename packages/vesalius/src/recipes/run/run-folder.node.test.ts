import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { defineRecipe, parseRecipe } from "../parse.ts";
import { failureOf, makeFolder, tinyRecipe } from "../recipe.test.helper.ts";
import { RunFolder } from "./run-folder.node.ts";

const recipe = defineRecipe(tinyRecipe);

describe("RunFolder", () => {
  it("keeps the resolved recipe, and lets the same recipe go on", async () => {
    const path = join(await makeFolder(), "new/run");
    await (await RunFolder.open(path, recipe)).close();
    expect(parseRecipe(await readFile(join(path, "recipe.yaml"), "utf8"))).toEqual(recipe);
    await (await RunFolder.open(path, recipe)).close();
    expect(await readdir(path)).toEqual(["recipe.yaml"]);
  });

  it("refuses another recipe and leaves the folder as it was", async () => {
    const path = await makeFolder();
    await (await RunFolder.open(path, recipe)).close();
    const error = await failureOf(() => RunFolder.open(path, { ...recipe, seed: 4 }));
    expect(error).toMatchObject({ code: "bad-configuration", where: path });
    expect(error.what).toContain("another recipe");
    expect(parseRecipe(await readFile(join(path, "recipe.yaml"), "utf8")).seed).toBe(recipe.seed);
    expect(await readdir(path)).toEqual(["recipe.yaml"]);
  });

  it("refuses a folder that holds something else", async () => {
    const path = await makeFolder();
    await writeFile(join(path, "letter.txt"), "dear");
    expect((await failureOf(() => RunFolder.open(path, recipe))).what).toContain("not empty");
    expect(await readdir(path)).toEqual(["letter.txt"]);
  });

  it("removes what a killed process left half-written, and takes such a folder for an empty one", async () => {
    const path = await makeFolder();
    await writeFile(join(path, "recipe.yaml.0123456789ab.tmp"), "name: ti");
    const folder = await RunFolder.open(path, recipe);
    expect((await readdir(path)).sort()).toEqual(["recipe.yaml", "run.lock"]);
    await folder.close();
  });

  it("refuses two runs at once", async () => {
    const path = await makeFolder();
    const first = await RunFolder.open(path, recipe);
    expect((await failureOf(() => RunFolder.open(path, recipe))).code).toBe("run-in-progress");
    await first.close();
  });

  it("says that a path which is a file cannot be used", async () => {
    const path = join(await makeFolder(), "file");
    await writeFile(path, "content");
    expect(await failureOf(() => RunFolder.open(path, recipe))).toMatchObject({
      code: "output-not-writable",
      where: path,
    });
    expect(await readFile(path, "utf8")).toBe("content");
  });

  it("names a record that no run of this version wrote", async () => {
    const path = await makeFolder();
    const folder = await RunFolder.open(path, recipe);
    expect(await folder.readStage("pretraining")).toBeUndefined();
    await folder.writeJson("stages/pretraining.json", { kind: "pretraining" });
    const error = await failureOf(() => folder.readStage("pretraining"));
    expect(error).toMatchObject({ code: "bad-file", where: folder.file("stages/pretraining.json") });
    await folder.close();
  });
});
