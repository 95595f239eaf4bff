import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { builtInCatalogues } from "../catalogues.node.ts";
import { defineRecipe } from "../parse.ts";
import { failureOf, makeFolder, tinyRecipe } from "../recipe.test.helper.ts";
import { runRecipe } from "../run-recipe.node.ts";
import type { RecipeInput } from "../schema.ts";
import { columnsDigest } from "./columns-read.ts";
import { openRecipeData } from "./open-data.node.ts";

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

const recipe = (data: RecipeInput["data"]) => defineRecipe({ ...tinyRecipe, data }, { catalogues: builtInCatalogues });
const open = (input: RecipeInput["data"], data?: string) =>
  openRecipeData(recipe(input), builtInCatalogues, { data }, ["image"]);

describe("openRecipeData", () => {
  it("finds datasets in the data folder, in the folder itself, and beside it", async () => {
    const data = await makeFolder();
    await writeDataset(join(data, "films"));
    await writeDataset(join(data, "others"), { first: 100 });
    const digests = new Set<string>();
    for (const given of [data, join(data, "films"), `${join(data, "others")}/`]) {
      const opened = await open({ task: "films", pretraining: ["others", "films"] }, given);
      expect(Object.keys(opened.task!.splits)).toEqual(["train", "validation"]);
      expect(opened.train).toMatchObject({ length: 12, columns: { label: { names: ["clear", "opacity"] } } });
      expect(opened.pretraining).toMatchObject({ length: 24, attributes: {} });
      expect(Object.keys(opened.pretraining!.columns)).toEqual(["image"]);
      expect(opened.datasets).toHaveLength(2);
      expect(opened.synthetic).toBe(false);
      digests.add(columnsDigest(opened.pretraining!, ["image"]));
    }
    expect(digests.size).toBe(1);
  });

  it("reads nothing outside of the folder: neither paths nor links, unless links are allowed", async () => {
    const [data, elsewhere] = [await makeFolder(), await makeFolder()];
    await writeDataset(join(elsewhere, "films"));
    await symlink(join(elsewhere, "films"), join(data, "films"));
    await expect(open({ task: "films" }, data)).rejects.toThrow(/a link that leads out.*the option followLinks/);
    const place = { data, followLinks: true };
    const opened = await openRecipeData(recipe({ task: "films" }), builtInCatalogues, place, ["image"]);
    expect(opened.train!.length).toBe(12);
    for (const path of ["../films", join(elsewhere, "films"), ".."])
      expect(() => recipe({ task: path })).toThrow(/data\.task: write the name of a dataset folder/);
    await mkdir(join(data, "inner"));
    await expect(open({ task: "films" }, join(data, "inner"))).rejects.toThrow(/there is no dataset films/);
  });

  it("opens with the settings of the dataset and of its reader", async () => {
    const data = await makeFolder();
    await writeDataset(join(data, "films"));
    const { task } = await open({ task: { dataset: "films", labels: ["opacity", "clear"], ordered: true } }, data);
    expect(task!.splits["train"]!.columns["label"]).toMatchObject({ names: ["opacity", "clear"], ordered: true });
    const other = { dataset: "films", trainingSplit: "validation" };
    expect((await open({ task: other }, data)).train!.length).toBe(24);
    await expect(open({ task: { ...other, trainingSplit: "training" } }, data)).rejects.toThrow(
      /films has no split training; choose one of train, validation/,
    );
  });

  it("refuses settings that the reader does not have: at once where it is named, else when it is recognised", async () => {
    const data = await makeFolder();
    await writeDataset(join(data, "films"));
    const wrong = { dataset: "films", packWords: 96 };
    expect(() => recipe({ task: { ...wrong, reader: "imageFolder" } })).toThrow(
      /data\.task\.packWords: the reader imageFolder has no such setting; it has .*labels/,
    );
    await expect(open({ task: wrong }, data)).rejects.toThrow(/^data\.task: .*imageFolder.*packWords/);
    expect(() => recipe({ task: { ...wrong, packWord: 3 } })).toThrow(/did you mean packWords/);
  });

  it("gives other images another digest", async () => {
    const [a, b] = [await makeFolder(), await makeFolder()];
    await writeDataset(join(a, "films"));
    await writeDataset(join(b, "films"), { first: 1 });
    const digest = async (data: string) => columnsDigest((await open({ task: "films" }, data)).train!, ["image"]);
    expect(await digest(a)).not.toBe(await digest(b));
  });

  it("calls data synthetic only where nothing else is used", async () => {
    const data = await makeFolder();
    await writeDataset(join(data, "films"));
    const generated = { generator: "synthetic-radiographs", count: { train: 8, validation: 4 } };
    expect((await open({ task: generated })).synthetic).toBe(true);
    expect((await open({ task: "films", pretraining: generated }, data)).synthetic).toBe(false);
  });

  it("names a dataset that is not there", async () => {
    const data = await makeFolder();
    expect(await failureOf(() => open({ task: "films" }, data))).toMatchObject({
      code: "missing-file",
      where: join(data, "films"),
    });
  });

  it("refuses images that one pretraining set trains on and another holds back", async () => {
    const data = await makeFolder();
    await writeDataset(join(data, "films"));
    await writeDataset(join(data, "shifted"), { first: 6 });
    const failure = await failureOf(() => open({ task: "films", pretraining: ["films", "shifted"] }, data));
    expect(failure.code).toBe("data-leakage");
    // The shifted set trains on greys 6 to 17; of these the films hold back 12 to 17.
    const dropping = ["films", { dataset: "shifted", leakage: "drop-from-train" as const }];
    expect((await open({ task: "films", pretraining: dropping }, data)).pretraining!.length).toBe(12 + 6);
  });

  it("takes steps with every split, and says what they did", async () => {
    const data = await makeFolder();
    await mkdir(join(data, "notes"));
    const lines = (split: string) => Array.from({ length: 6 }, (_, i) => `{"text":"${split} number ${i}"}`).join("\n");
    for (const split of ["train", "validation"]) await writeFile(join(data, "notes", `${split}.jsonl`), lines(split));
    const steps = [{ name: "pack", length: 9 }];
    const texts = defineRecipe({
      name: "texts",
      data: { pretraining: { dataset: "notes", steps } },
      backbone: { name: "bert", preset: "nano" },
      pretraining: { objective: { name: "maskedTokens" } },
    });
    const { pretraining, shown, datasets } = await openRecipeData(texts, builtInCatalogues, { data }, ["text"]);
    expect(pretraining!.length).toBe(2);
    expect(shown!.length).toBe(2);
    expect(datasets[0]!.card.cautions.join("; ")).toMatch(/^pack, train: texts 6, joined 2/);
  });
});

describe("a run on files", () => {
  it("keeps the names of restricted images out of the report, and shows licence and cautions", async () => {
    const data = await makeFolder();
    await writeDataset(join(data, "films"), { restricted: true });
    const out = await makeFolder();
    const { summary } = await runRecipe({ ...tinyRecipe, data: { task: "films" } }, { data, out, workers: 0 });
    expect(summary.synthetic).toBe(false);
    for (const name of ["report.json", "report.html", "summary.json"])
      expect(await readFile(join(out, name), "utf8")).not.toContain("case-val");
    const page = await readFile(join(out, "report.html"), "utf8");
    expect(page).toContain("CC0 (restricted)");
    expect(page).toContain("Few images.");
    expect(page).not.toContain("Synthetic data");
  }, 60_000);
});
