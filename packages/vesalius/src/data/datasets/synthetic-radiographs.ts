import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { validate } from "../../common/check.ts";
import { classesColumn } from "../columns/classes.ts";
import { imagesColumn } from "../columns/images.ts";
import { sharedArray } from "../columns/storage.ts";
import { assembleDataset } from "../dataset/assemble-dataset.ts";
import type { DatasetCard } from "../dataset-card.ts";
import type { Dataset, Split } from "../split.ts";
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
 * @returns the dataset with the columns `image` (grey, 0-255, in shared memory where the platform has it) and `label`.
 * @throws VesaliusError `bad-argument` for an option out of range.
 *
 * @example
 * const xrays = syntheticRadiographs({ imageSize: 64, seed: 7 });
 * columnOf(xrays.splits.train, "label", "classes").names; // ["clear", "opacity"]
 */
export function syntheticRadiographs(options: SyntheticRadiographOptions = {}): Dataset {
  const generator = validate(optionsSchema, options, {
    code: "bad-argument",
    what: "options of syntheticRadiographs",
  });
  const { count, imageSize, seed, prevalence } = generator;
  const bySite = prevalenceBySite(prevalence);
  const splits: Record<string, Split> = {};
  for (const name of ["train", "validation", "test"] as const)
    if (count[name] > 0) splits[name] = render(name, count[name], imageSize, seed, bySite);
  const card = cardOf(generator);
  // A handful of images may hold one class only, which is all that pretraining needs.
  return assembleDataset({ name: card.name, card, unit: "images", splits }, { allowMissingClasses: true });
}

/** The card of a cohort: the figures to beat hold for the default only; the options say how to draw this one again. */
function cardOf(generator: z.output<typeof optionsSchema>): DatasetCard {
  const isDefault = JSON.stringify(generator) === JSON.stringify(optionsSchema.parse({}));
  return { ...syntheticCard, generator, baselines: isDefault ? syntheticCard.baselines : [] };
}

function render(name: string, count: number, size: number, seed: number, prevalence: Prevalence): Split {
  const rows = planSplit({ seed, split: name, count, prevalence });
  const pixels = sharedArray(Uint8Array, count * size * size);
  rows.forEach((row, i) => renderRadiograph(row, size, pixels.subarray(i * size * size, (i + 1) * size * size)));
  return {
    name,
    length: count,
    ids: rows.map((_, i) => `${name}/${i}`),
    groups: rows.map((row) => row.patient),
    attributes: {
      site: rows.map((row) => row.site),
      sex: rows.map((row) => row.sex),
      age: rows.map((row) => row.age),
    },
    columns: {
      image: imagesColumn(pixels, { channels: 1, height: size, width: size }),
      label: classesColumn(
        classNames,
        rows.map((row) => Number(row.opacity)),
      ),
    },
  };
}

/** Of recipes only those that ask for it draw a test split, which is looked at last. */
const recipeCount = optionsSchema.shape.count.unwrap().extend({ test: z.int().nonnegative().default(0) });

/** The generator as recipes name it. */
export const syntheticRadiographsGenerator = entry({
  name: "synthetic-radiographs",
  summary: "Computer-generated chest radiographs of two sites, with or without opacities: no patient, no download.",
  settings: optionsSchema.extend({ count: recipeCount.prefault({}) }),
  create: syntheticRadiographs,
});
