import type { RandomStream } from "../../../common/random.ts";
import type { Canvas } from "./canvas.ts";
import { bell, range } from "./draw.ts";

/** Where an image was taken. */
export type Site = "A" | "B";

/** What sets one acquisition site apart from another. */
export interface AcquisitionSite {
  /** Radius of the blur, as a share of the image's half-width. */
  readonly blur: number;
  /** Standard deviation of the noise in grey levels of a 28-pixel image. */
  readonly noise: number;
  /** Bend of the tone curve: below 0 lifts dark tones, above 0 presses them down. */
  readonly tone: number;
  readonly contrast: number;
  /** Darkening of the corners, as a share. */
  readonly vignetting: number;
  /** Share of images with a device on or in the patient. */
  readonly devices: number;
  /** Largest rotation, as the tangent of half the angle, and largest shift. */
  readonly misplacement: number;
}

/** Site A stands for a fixed upright unit, site B for a mobile unit at the bedside. */
export const acquisitionSites: Readonly<Record<Site, AcquisitionSite>> = {
  A: { blur: 0.022, noise: 3, tone: 0.1, contrast: 1, vignetting: 0.03, devices: 0.1, misplacement: 0.03 },
  B: { blur: 0.042, noise: 5, tone: -0.2, contrast: 0.86, vignetting: 0.14, devices: 0.3, misplacement: 0.055 },
};

/** Blurs rows, then columns, with a three-tap kernel as often as the radius asks for; borders repeat. */
function blurred(pixels: Float64Array, size: number, radius: number): Float64Array {
  // Each pass of (w, 1 - 2w, w) adds a variance of 2w pixels squared; w = 1/4 is the widest smooth one.
  const variance = (radius * size) / 2;
  const total = variance * variance;
  const passes = Math.max(1, Math.ceil(total / 0.5));
  const weight = total / passes / 2;
  let from: Float64Array = pixels;
  let to: Float64Array = new Float64Array(pixels.length);
  for (let pass = 0; pass < passes; pass++) {
    for (const [step, stride] of [
      [1, size],
      [size, 1],
    ] as const) {
      for (let line = 0; line < size; line++) {
        const first = line * stride;
        const last = first + (size - 1) * step;
        for (let i = first, n = 0; n < size; i += step, n++) {
          const before = from[i === first ? first : i - step]!;
          const after = from[i === last ? last : i + step]!;
          to[i] = from[i]! + weight * (before - 2 * from[i]! + after);
        }
      }
      const spare = from === pixels ? new Float64Array(pixels.length) : from;
      from = to;
      to = spare;
    }
  }
  return from;
}

/**
 * Turns density into grey levels the way a site does: blur, vignetting, exposure, tone curve, noise, rounding.
 * Exposure and contrast vary from image to image, as they do in practice, so the mean grey level says little.
 *
 * @param pixels receives `[size * size]` grey levels, 0-255.
 */
export function acquire(canvas: Canvas, site: AcquisitionSite, stream: RandomStream, pixels: Uint8Array): void {
  const { size } = canvas;
  const contrast = site.contrast * (1 + 0.07 * bell(stream));
  const exposure = 0.5 + 0.035 * bell(stream);
  // Schlick's gain-free bias curve bends like a gamma and needs no power function.
  const bend = Math.max(-0.6, Math.min(0.9, site.tone + 0.08 * bell(stream)));
  const vignetting = site.vignetting * range(stream, 0.6, 1.4);
  // Finer pixels catch fewer quanta each, and detectors make up for part of that.
  const noise = (site.noise * range(stream, 0.75, 1.25) * Math.sqrt(size / 28)) / 255;
  const image = blurred(canvas.density, size, site.blur);
  for (let row = 0, i = 0; row < size; row++) {
    const y = (2 * (row + 0.5)) / size - 1;
    for (let column = 0; column < size; column++, i++) {
      const x = (2 * (column + 0.5)) / size - 1;
      const lit = image[i]! * (1 - vignetting * (x * x + y * y) * 0.5);
      const level = Math.min(1, Math.max(0, exposure + contrast * 1.25 * (lit - 0.5)));
      const tone = level / (1 + bend * (1 - level));
      // Dense regions let fewer quanta through.
      const grain = noise * (0.6 + 0.8 * level) * bell(stream);
      pixels[i] = Math.min(255, Math.max(0, Math.round(255 * (tone + grain))));
    }
  }
}
