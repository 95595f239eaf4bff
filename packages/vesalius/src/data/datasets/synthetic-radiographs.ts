import { z } from "zod";
import { assembleDataset } from "../assemble-dataset.ts";
import type { ImageDataset, ImageSplit, SplitName } from "../image-dataset.ts";
import { memoryImages, sharedBytes } from "../image-source.ts";
import { validate } from "../../common/check.ts";
import { classNames, syntheticCard } from "./synthetic-radiographs/card.ts";
import { type Prevalence, planSplit } from "./synthetic-radiographs/cohort.ts";
import { renderRadiograph } from "./synthetic-radiographs/render-radiograph.ts";

const share = z.number().gt(0).lt(1);
const optionsSchema = z.strictObject({
  count: z
    .strictObject({
      train: z.int().positive().default(1600),
      validation: z.int().nonnegative().default(400),
      test: z.int().nonnegative().default(1000),
    })
    .prefault({}),
  imageSize: z.int().min(16).max(256).default(28),
  seed: z.int().nonnegative().default(0),
  prevalence: z.union([share, z.strictObject({ A: share, B: share })]).default(0.35),
});

/** Options of `syntheticRadiographs`; see there. */
export type SyntheticRadiographOptions = z.input<typeof optionsSchema>;

/** Prevalence of each site, half as far apart as the smaller class is large, so the mean over sites is `prevalence`. */
function prevalenceBySite(prevalence: number | Prevalence): Prevalence {
  if (typeof prevalence !== "number") return prevalence;
  const half = Math.min(prevalence, 1 - prevalence) / 4;
  return { A: prevalence - half, B: prevalence + half };
}

/**
 * A cohort of computer-generated chest radiographs, for trying, teaching and testing without any patient data: lungs,
 * heart, ribs, clavicles, spine, diaphragm, vessels and devices are drawn from random shapes, and the class `opacity`
 * has one to three soft shadows in the lungs.
 *
 * - Two acquisition sites, "A" (fixed unit) and "B" (mobile unit: more noise, blur, vignetting and devices), with
 *   different prevalence. `attributes` has `site`, `sex` ("female", "male") and `age` (years); label, sex and age are
 *   independent of each other.
 * - `groups` names the synthetic patient; one in four has two images, and none is in two splits.
 * - The same options give the same bytes on every platform: only operations that IEEE 754 fixes to the last bit are
 *   used.
 *
 * @param options.count images of each split (default 1600 train, 400 validation, 1000 test); 0 leaves a split out. A
 *   larger split begins with the patients of a smaller one.
 * @param options.imageSize height and width in pixels, 16-256 (default 28).
 * @param options.seed any non-negative integer (default 0).
 * @param options.prevalence share of positive images, between 0 and 1 (default 0.35; site A lies below and B above it),
 *   or one share for each site.
 * @returns the dataset: images `[count, 1, imageSize, imageSize]`, 0-255, in shared memory where the platform has it.
 * @throws VesaliusError `bad-argument` for an option out of range.
 *
 * @example
 * const xrays = syntheticRadiographs({ imageSize: 64, seed: 7 });
 * xrays.labels; // ["clear", "opacity"]
 */
export function syntheticRadiographs(options: SyntheticRadiographOptions = {}): ImageDataset {
  const generator = validate(optionsSchema, options, {
    code: "bad-argument",
    what: "options of syntheticRadiographs",
  });
  const { count, imageSize, seed, prevalence } = generator;
  const bySite = prevalenceBySite(prevalence);
  const splits: Partial<Record<SplitName, ImageSplit>> = {};
  for (const split of ["train", "validation", "test"] as const) {
    if (count[split] > 0) splits[split] = renderSplit(split, count[split], imageSize, seed, bySite);
  }
  const isDefault = JSON.stringify(generator) === JSON.stringify(optionsSchema.parse({}));
  // The figures to beat hold for the default cohort only; the options say how to draw this one again.
  const card = { ...syntheticCard, generator, baselines: isDefault ? syntheticCard.baselines : [] };
  // A handful of images may hold one class only, which is all that pretraining needs.
  const parts = { name: card.name, splits, labels: classNames, card };
  return assembleDataset(parts, { allowMissingClasses: true });
}

function renderSplit(split: SplitName, count: number, size: number, seed: number, prevalence: Prevalence): ImageSplit {
  const rows = planSplit({ seed, split, count, prevalence });
  const pixels = sharedBytes(count * size * size);
  rows.forEach((row, i) => renderRadiograph(row, size, pixels.subarray(i * size * size, (i + 1) * size * size)));
  return {
    name: split,
    length: count,
    ids: rows.map((_, i) => `${split}/${i}`),
    labels: Int32Array.from(rows, (row) => (row.opacity ? 1 : 0)),
    groups: rows.map((row) => row.patient),
    attributes: {
      site: rows.map((row) => row.site),
      sex: rows.map((row) => row.sex),
      age: rows.map((row) => row.age),
    },
    images: memoryImages(pixels, { channels: 1, height: size, width: size }),
  };
}
