import { randomStream } from "../../../common/random.ts";
import { type Site, acquire, acquisitionSites } from "./acquisition.ts";
import { type Sex, sampleAnatomy } from "./anatomy.ts";
import { type Canvas, createCanvas } from "./canvas.ts";
import { paintDistractors } from "./distractors.ts";
import { bell } from "./draw.ts";
import { paintOpacity, sampleOpacities } from "./opacities.ts";
import { paintAnatomy } from "./render-anatomy.ts";

/** What an image shows. Equal patients have equal anatomy; equal images of a patient are equal bit for bit. */
export interface Radiograph {
  readonly seed: number;
  readonly patient: string;
  /** Which image of the patient, from 0. */
  readonly visit: number;
  readonly site: Site;
  readonly sex: Sex;
  /** Years. */
  readonly age: number;
  readonly opacity: boolean;
}

/**
 * Paints the density of a radiograph, before acquisition. The opacities have a random stream of their own, so the same
 * radiograph without them differs in nothing else.
 */
export function paintRadiograph(radiograph: Radiograph, size: number): Canvas {
  const { seed, patient, visit, site, sex, age } = radiograph;
  const { misplacement, devices } = acquisitionSites[site];
  const anatomy = sampleAnatomy(randomStream(seed, patient, "anatomy"), sex, age);
  const stream = randomStream(seed, patient, visit);
  const canvas = createCanvas(size, {
    tangentOfHalfAngle: misplacement * 0.6 * bell(stream),
    shiftU: misplacement * bell(stream),
    shiftV: misplacement * bell(stream),
    zoom: 1.02 + 0.035 * bell(stream),
  });
  paintAnatomy(canvas, anatomy);
  paintDistractors(canvas, stream, anatomy, devices);
  if (radiograph.opacity) {
    for (const opacity of sampleOpacities(randomStream(seed, patient, visit, "opacities"), anatomy)) {
      paintOpacity(canvas, opacity);
    }
  }
  return canvas;
}

/** Renders a radiograph into `pixels`, `[size * size]` grey levels. */
export function renderRadiograph(radiograph: Radiograph, size: number, pixels: Uint8Array): void {
  const canvas = paintRadiograph(radiograph, size);
  const { seed, patient, visit, site } = radiograph;
  acquire(canvas, acquisitionSites[site], randomStream(seed, patient, visit, "acquisition"), pixels);
}
