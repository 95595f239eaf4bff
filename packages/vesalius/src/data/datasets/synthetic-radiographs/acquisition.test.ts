import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../../common/random.ts";
import { acquire, acquisitionSites, type Site } from "./acquisition.ts";
import { type Canvas, createCanvas } from "./canvas.ts";

const size = 64;
const canvasOf = (density: (u: number, v: number) => number): Canvas => {
  const canvas = createCanvas(size, { tangentOfHalfAngle: 0, shiftU: 0, shiftV: 0, zoom: 1 });
  canvas.density.set(canvas.density.map((_, i) => density(canvas.u[i]!, canvas.v[i]!)));
  return canvas;
};
const acquired = (canvas: Canvas, site: Site, seed: number): Uint8Array => {
  const pixels = new Uint8Array(size * size);
  acquire(canvas, acquisitionSites[site], randomStream(seed, site), pixels);
  return pixels;
};
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;
/** Average of a figure over 30 images of a site. */
const averaged = (canvas: Canvas, site: Site, figure: (pixels: Uint8Array) => number): number =>
  mean(Array.from({ length: 30 }, (_, seed) => figure(acquired(canvas, site, seed))));
const row = (pixels: Uint8Array, index: number): Uint8Array => pixels.subarray(index * size, (index + 1) * size);

describe("acquire", () => {
  it("gives site B more noise than site A, and neither much", () => {
    const flat = canvasOf(() => 0.5);
    const noise = (pixels: Uint8Array): number => {
      const middle = row(pixels, size / 2).subarray(16, 48);
      return Math.sqrt(mean(middle.map((value) => (value - mean(middle)) ** 2)));
    };
    const [a, b] = [averaged(flat, "A", noise), averaged(flat, "B", noise)];
    expect(a).toBeGreaterThan(1);
    expect(b).toBeGreaterThan(1.3 * a);
    expect(b).toBeLessThan(16);
  });

  it("darkens the corners more at site B", () => {
    const flat = canvasOf(() => 0.6);
    const fall = (pixels: Uint8Array): number =>
      mean(row(pixels, size / 2).subarray(24, 40)) - mean(row(pixels, 0).subarray(0, 8));
    expect(averaged(flat, "B", fall)).toBeGreaterThan(averaged(flat, "A", fall) + 5);
  });

  it("blurs an edge over more pixels at site B", () => {
    const step = canvasOf((u) => (u < 0 ? 0.4 : 0.6));
    const steepness = (pixels: Uint8Array): number => {
      const columns = Array.from({ length: size }, (_, x) =>
        mean(Array.from({ length: size }, (_, y) => pixels[y * size + x]!)),
      );
      return (columns[size / 2]! - columns[size / 2 - 1]!) / (columns[size / 2 + 8]! - columns[size / 2 - 9]!);
    };
    expect(averaged(step, "B", steepness)).toBeLessThan(0.8 * averaged(step, "A", steepness));
  });

  it("varies exposure from image to image but keeps denser brighter", () => {
    const half = canvasOf((u) => (u < 0 ? 0.35 : 0.65));
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom("A" as const, "B" as const), (seed, site) => {
        const middle = row(acquired(half, site, seed), size / 2);
        expect(mean(middle.subarray(40, 60))).toBeGreaterThan(mean(middle.subarray(4, 24)) + 20);
      }),
      { numRuns: 40 },
    );
    expect(mean(acquired(half, "A", 1))).not.toBeCloseTo(mean(acquired(half, "A", 2)), 0);
  });

  it("leaves the density untouched", () => {
    const canvas = canvasOf((u) => (u + 1) / 2);
    const before = canvas.density.slice();
    acquired(canvas, "B", 3);
    expect(canvas.density).toEqual(before);
  });
});
