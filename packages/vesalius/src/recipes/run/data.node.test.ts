import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { vit } from "../../models/index.ts";
import { defineRecipe } from "../parse.ts";
import { failureOf, makeFolder, tinyRecipe } from "../recipe.test.helper.ts";
import { runRecipe } from "../run-recipe.node.ts";
import type { RecipeInput } from "../schema.ts";
import { openRecipeData } from "./data.node.ts";

const backbone = vit({ imageSize: 16, patchSize: 4, channels: 1, width: 16, depth: 1, heads: 2, pooling: "mean" });

/** A dataset of 20 x 20 images in two classes; `first` is the grey of its first image, so that sets differ. */
async function writeDataset(folder: string, { first = 0, restricted = false } = {}): Promise<void> {
  let grey = first;
  for (const [split, count] of [
    ["train", 6],
    ["val", 12],
  ] as const)
    for (const name of ["clear", "opacity"]) {
      const target = join(folder, split, name);
      await mkdir(target, { recursive: true });
      for (let i = 0; i < count; i++) {
        const pixels = Buffer.alloc(400, grey++);
        await sharp(pixels, { raw: { width: 20, height: 20, channels: 1 } })
          .toColourspace("b-w")
          .png()
          .toFile(join(target, `case-${split}-${name}-${i}.png`));
      }
    }
  await writeFile(
    join(folder, "dataset.json"),
    JSON.stringify({ name: "films", title: "Films", licence: "CC0", restricted, cautions: ["Few images."] }),
  );
}

const recipe = (data: RecipeInput["data"]) => defineRecipe({ ...tinyRecipe, data });

describe("openRecipeData", () => {
  it("finds datasets in the data folder, in the folder itself, and beside it", async () => {
    const data = await makeFolder();
    await writeDataset(join(data, "films"));
    await writeDataset(join(data, "others"), { first: 100 });
    const both = recipe({ task: "films", pretraining: ["others", "films"] });
    const digests = new Set<string>();
    for (const given of [data, join(data, "films"), `${join(data, "others")}/`]) {
      const opened = await openRecipeData(both, backbone, given);
      expect(opened.task).toMatchObject({ height: 16, width: 16, channels: 1, labels: ["clear", "opacity"] });
      expect(opened.pretraining!.length).toBe(24);
      expect(opened.datasets).toHaveLength(2);
      expect(opened.synthetic).toBe(false);
      digests.add(opened.digest);
    }
    expect(digests.size).toBe(1);
  });

  it("gives other images another digest", async () => {
    const [a, b] = [await makeFolder(), await makeFolder()];
    await writeDataset(join(a, "films"));
    await writeDataset(join(b, "films"), { first: 1 });
    const digest = async (data: string) => (await openRecipeData(recipe({ task: "films" }), backbone, data)).digest;
    expect(await digest(a)).not.toBe(await digest(b));
  });

  it("calls data synthetic only where nothing else is used", async () => {
    const data = await makeFolder();
    await writeDataset(join(data, "films"));
    const generated = { generator: "synthetic-radiographs" as const, count: { train: 8, validation: 4 } };
    expect((await openRecipeData(recipe({ task: generated }), backbone, undefined)).synthetic).toBe(true);
    expect((await openRecipeData(recipe({ task: "films", pretraining: generated }), backbone, data)).synthetic).toBe(
      false,
    );
  });

  it("names a dataset that is not there", async () => {
    const data = await makeFolder();
    expect(await failureOf(() => openRecipeData(recipe({ task: "films" }), backbone, data))).toMatchObject({
      code: "missing-file",
      where: join(data, "films"),
    });
  });

  it("refuses images that one pretraining set trains on and another holds back", async () => {
    const data = await makeFolder();
    await writeDataset(join(data, "films"));
    await writeDataset(join(data, "shifted"), { first: 6 });
    const leaking = recipe({ task: "films", pretraining: ["films", "shifted"] });
    expect((await failureOf(() => openRecipeData(leaking, backbone, data))).code).toBe("data-leakage");
  });

  it("reads images to 1 or 3 channels only", async () => {
    const data = await makeFolder();
    await writeDataset(join(data, "films"));
    const two = vit({ ...backbone.config, channels: 2 });
    expect(await failureOf(() => openRecipeData(recipe({ task: "films" }), two, data))).toMatchObject({
      where: "backbone.channels",
    });
  });
});

describe("a run on files", () => {
  it("keeps the names of restricted images out of the report, and shows licence and cautions", async () => {
    const data = await makeFolder();
    await writeDataset(join(data, "films"), { restricted: true });
    const out = await makeFolder();
    const { evaluation, ...rest } = tinyRecipe;
    const { summary } = await runRecipe({ ...rest, evaluation, data: { task: "films" } }, { data, out });
    expect(summary.synthetic).toBe(false);
    for (const name of ["report.json", "report.html", "summary.json"])
      expect(await readFile(join(out, name), "utf8")).not.toContain("case-val");
    const page = await readFile(join(out, "report.html"), "utf8");
    expect(page).toContain("CC0 (restricted)");
    expect(page).toContain("Few images.");
    expect(page).not.toContain("Synthetic data");
  }, 60_000);
});
