import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { adapt, openDataset, syntheticRadiographs } from "vesalius";
import { scratch } from "vesalius/adaptation";
import { classesColumn, type Column, sequencesColumn, spansColumn, type Split, textsColumn } from "vesalius/data";
import { createBackbone } from "vesalius/models";
import { classification, type Model, tokenClassification } from "vesalius/tasks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  hasChromium,
  openInChromium,
  type OpenPage,
} from "../../packages/vesalius/dist/runtime/suite/chromium.test.helper.js";
import { buildPages, requestsElsewhere } from "./build-page.test.helper.ts";
import { headers } from "./headers.ts";
import { uncertainty } from "./show-answer.ts";

const splitOf = (columns: Readonly<Record<string, Column>>): Split => {
  const { length } = Object.values(columns)[0]!;
  const ids = Array.from({ length }, (_, row) => String(row));
  return { name: "train", length, ids, groups: undefined, attributes: {}, columns };
};

const options = { method: scratch(), batchSize: 16, learningRate: 5e-3, seed: 1, workers: 0 };
const small = { name: "bert", width: 32, depth: 1, heads: 2, hiddenWidth: 64, maximumPositions: 64 };

/** Finds diseases that stand behind "with". */
async function entityModel(): Promise<Model> {
  const diseases = ["asthma", "gout", "anemia"];
  const texts = Array.from({ length: 96 }, (_, i) => {
    const filling = ["the", "old", "young", "patient", "man", "woman"].slice(i % 3, 2 + (i % 5));
    return [...filling, "with", diseases[i % 3]!, ["since", "for", "of"][i % 3]!, "years"].join(" ");
  });
  const spans = texts.map((text, i) => {
    const start = text.indexOf(diseases[i % 3]!);
    return [{ start, end: start + diseases[i % 3]!.length, type: "Disease" }];
  });
  const data = splitOf({ text: textsColumn(texts), spans: spansColumn(["Disease"], spans) });
  const backbone = createBackbone(small, { encoders: { text: { tokenizer: { name: "words" }, maximumLength: 64 } } });
  return await adapt(backbone, tokenClassification({ types: ["Disease"] }), {
    ...options,
    data,
    epochs: 20,
  });
}

/** Tells sequences with more of two letters than of the others; it need not be right. */
async function sequenceModel(): Promise<Model> {
  const sequences = Array.from({ length: 48 }, (_, i) =>
    Array.from({ length: 30 }, (_unused, k) => "ACGT"[(i % 2) * 2 + ((i * k) % 2)]!).join(""),
  );
  const data = splitOf({
    sequence: sequencesColumn("dna", sequences),
    label: classesColumn(
      ["rest", "promoter"],
      sequences.map((_, i) => i % 2),
    ),
  });
  const backbone = createBackbone(small, {
    columns: { text: ["sequence"] },
    encoders: { text: { tokenizer: { name: "characters" } } },
  });
  return await adapt(backbone, classification({ classes: ["rest", "promoter"] }), {
    ...options,
    data,
    epochs: 4,
  });
}

async function imageModel(): Promise<Model> {
  const data = syntheticRadiographs({ count: { train: 32, validation: 0, test: 0 } }).splits["train"]!;
  const backbone = createBackbone({ name: "vit", preset: "nano", imageSize: 28, patchSize: 7 });
  return await adapt(backbone, classification({ classes: ["clear", "opacity"] }), {
    ...options,
    data,
    epochs: 2,
  });
}

/** Probabilities of classes as the library in Node gives them. */
async function probabilitiesOf(model: Model, split: Split): Promise<number[][]> {
  const all: number[][] = [];
  for await (const { answer } of model.predict(split))
    all.push(Array.from((answer as { probabilities: Float32Array }).probabilities));
  return all;
}

describe.skipIf(!hasChromium)(
  "the page for saved models in headless Chromium (skipped without /usr/bin/chromium)",
  () => {
    let [pages, models]: string[] = [];
    let made: Readonly<Record<"entities" | "sequences" | "images", Model>>;
    let opened: OpenPage;

    beforeAll(async () => {
      [pages, models] = [await buildPages(), await mkdtemp(join(tmpdir(), "vesalius-models-"))];
      made = { entities: await entityModel(), sequences: await sequenceModel(), images: await imageModel() };
      for (const [name, model] of Object.entries(made)) await model.save(join(models, name));
      opened = await openInChromium({ folders: { "/": pages }, headers });
      await opened.page.goto(`${opened.origin}/predict.html`);
    }, 300_000);
    afterAll(async () => {
      await opened?.close();
      for (const model of Object.values(made ?? {})) await model.release();
      for (const folder of [pages, models])
        if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    });

    async function open(name: string): Promise<OpenPage["page"]> {
      const { page } = opened;
      await page.getByLabel("Folder of a saved model").setInputFiles(join(models!, name));
      await page.getByRole("button", { name: "Answer" }).waitFor();
      return page;
    }

    async function answer(): Promise<void> {
      const { page } = opened;
      await page.getByRole("button", { name: "Answer" }).click();
      await page.waitForFunction(() =>
        /^Answered|failed/.test(
          document.querySelector("#status")!.textContent + document.querySelector("#status")!.className,
        ),
      );
      expect(await page.locator("#status").textContent()).toMatch(/^Answered/);
      if (process.env["SCREENSHOTS"] !== undefined)
        await page.screenshot({ path: join(process.env["SCREENSHOTS"], `predict-${Date.now()}.png`), fullPage: true });
    }

    /** Shares that the page shows, by class, one record for each example. */
    const shownShares = (): Promise<Record<string, number>[]> =>
      opened.page
        .locator("article.answer")
        .evaluateAll((articles) =>
          articles.map((article) =>
            Object.fromEntries(
              [...article.querySelectorAll(".probability")].map((row) => [
                row.querySelector(".name")!.textContent,
                Number.parseFloat(row.querySelector(".share")!.textContent) / 100,
              ]),
            ),
          ),
        );

    test("says at the top and beside every answer that it is for research only", async () => {
      const page = await open("entities");
      expect(await page.locator(".promises").textContent()).toContain("Research use only, not medical advice.");
      expect(await page.locator("#results .caution").textContent()).toBe("Research use only, not medical advice.");
    });

    test("marks the entities of a text with their probabilities, as Node finds them", async () => {
      const page = await open("entities");
      const text = "the young woman with gout for years";
      await page.getByLabel("text", { exact: false }).first().fill(text);
      await answer();
      const input = splitOf({ text: textsColumn([text]) });
      const found: { text: string; probability: number }[] = [];
      for await (const { answer: entities } of made.entities.predict(input)) found.push(...(entities as typeof found));
      expect(found.map((entity) => entity.text)).toEqual(["gout"]);
      expect(await page.locator("mark").allTextContents()).toEqual([
        `goutDisease ${(100 * found[0]!.probability).toFixed(1)}%`,
      ]);
      expect(await page.locator(".answer .text").textContent()).toMatch(/^the young woman with gout/);
      expect(await page.locator("#read").textContent()).toContain("truncated texts 0");
    });

    test("answers every sequence of a FASTA text with probabilities and their uncertainty", async () => {
      const page = await open("sequences");
      const sequences = ["ACACACACAAACCCA", "GTGTGGTTTGTGGGT"];
      const fasta = sequences.map((sequence, i) => `>seq${i + 1} drawn\n${sequence}`).join("\n");
      await page.locator("textarea").fill(fasta);
      await answer();
      const expected = await probabilitiesOf(made.sequences, splitOf({ sequence: sequencesColumn("dna", sequences) }));
      expect(await page.locator("article.answer h3").allTextContents()).toEqual(["seq1", "seq2"]);
      for (const [i, shares] of (await shownShares()).entries()) {
        expect(shares["rest"]).toBeCloseTo(expected[i]![0]!, 2);
        expect(shares["promoter"]).toBeCloseTo(expected[i]![1]!, 2);
      }
      const notes = await page.locator("article.answer .note").allTextContents();
      expect(notes[0]).toContain(`Uncertainty ${(100 * uncertainty(expected[0]!)).toFixed(1)}%`);
    });

    test("answers an image file as Node does, at the size of the model", async () => {
      const page = await open("images");
      const folder = join(models!, "films");
      await mkdir(folder, { recursive: true });
      const file = join(folder, "film.png");
      const pixels = Buffer.from(Uint8Array.from({ length: 40 * 40 }, (_, i) => (i * 7) % 256));
      await writeFile(
        file,
        await sharp(pixels, { raw: { width: 40, height: 40, channels: 1 } })
          .png()
          .toBuffer(),
      );
      await page.locator("#inputs input[type=file]").setInputFiles(file);
      await answer();
      const { splits } = await openDataset(folder, { allowMissingTrain: true, allowMissingClasses: true });
      const [expected] = await probabilitiesOf(made.images, Object.values(splits)[0]!);
      const [shares] = await shownShares();
      expect(shares!["clear"]).toBeCloseTo(expected![0]!, 2);
      expect(shares!["opacity"]).toBeCloseTo(expected![1]!, 2);
    });

    test("says what is wrong with a folder, and with an input", async () => {
      const { page } = opened;
      await page.getByLabel("Folder of a saved model").setInputFiles(join(models!, "films"));
      await page.locator("#status.failed").waitFor();
      expect(await page.locator("#status").textContent()).toContain("config.json is missing");
      await open("entities");
      await page.getByRole("button", { name: "Answer" }).click();
      await page.locator("#status.failed").waitFor();
      expect(await page.locator("#status").textContent()).toContain("nothing was given");
    });

    test("fits a phone", async () => {
      const { page } = opened;
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    });

    test("neither failed nor asked another origin for anything in all of this", () => {
      expect(opened.errors).toEqual([]);
      expect(requestsElsewhere(opened.requests, opened.origin)).toEqual([]);
    });
  },
);

test("uncertainty is 0 for one sure class, 1 for equal ones", () => {
  expect(uncertainty([1, 0, 0])).toBe(0);
  expect(uncertainty([0.25, 0.25, 0.25, 0.25])).toBeCloseTo(1, 12);
  expect(uncertainty([0.9, 0.1])).toBeGreaterThan(uncertainty([0.99, 0.01]));
});
