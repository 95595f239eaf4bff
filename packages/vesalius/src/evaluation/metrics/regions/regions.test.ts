import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../../common/random.ts";
import { weightedMeanDefined } from "../weighted-mean.ts";
import { squaredDistanceTransform } from "./distance-transform.ts";
import { type Mask } from "./mask.ts";
import { measureRegion } from "./measure-region.ts";
import { countOverlap, countOverlaps, diceCoefficient, intersectionOverUnion, sumOverlaps } from "./overlap.ts";
import { surfaceDistances } from "./surface-distances.ts";
import { hausdorffDistance, surfaceDice } from "./surface-metrics.ts";

const size = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

/** A grid of one to three axes, its spacing, and two label maps of three classes on it. */
const pairs = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 12 })), { minLength: 1, maxLength: 3 })
  .chain((axes) => {
    const shape = axes.map(([extent]) => extent);
    const labels = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: size(shape), maxLength: size(shape) });
    return fc.record({
      shape: fc.constant(shape),
      spacing: fc.constant(axes.map(([, mm]) => mm / 4)),
      a: labels,
      b: labels,
    });
  });

/** Squared distance between two voxels of a row-major grid. */
function squaredDistance(i: number, j: number, shape: readonly number[], spacing: readonly number[]): number {
  let [a, b, sum] = [i, j, 0];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    sum += (((a % shape[axis]!) - (b % shape[axis]!)) * spacing[axis]!) ** 2;
    [a, b] = [Math.floor(a / shape[axis]!), Math.floor(b / shape[axis]!)];
  }
  return sum;
}

describe("squaredDistanceTransform", () => {
  test("is the distance to the nearest site, found by looking at all of them", () => {
    fc.assert(
      fc.property(pairs, ({ shape, spacing, a }) => {
        const sites = a.map((label) => (label === 1 ? 1 : 0));
        const transformed = squaredDistanceTransform(sites, shape, spacing);
        for (const [i, squared] of transformed.entries()) {
          const nearest = Math.min(
            ...sites.map((site, j) => (site === 1 ? squaredDistance(i, j, shape, spacing) : Infinity)),
          );
          if (nearest === Infinity) expect(squared).toBe(Infinity);
          else expect(squared).toBeCloseTo(nearest, 9);
        }
      }),
    );
  });
});

describe("overlap", () => {
  test("does not ask which region is the reference, and Dice follows from IoU", () => {
    fc.assert(
      fc.property(pairs, ({ shape, a, b }) => {
        const masks = [a, b].map((data): Mask => ({ data, shape }));
        const counts = countOverlap(masks[0]!, masks[1]!);
        const swapped = countOverlap(masks[1]!, masks[0]!);
        if (counts.predicted === 0 || counts.reference === 0) return;
        const union = intersectionOverUnion(counts);
        expect(diceCoefficient(swapped)).toBe(diceCoefficient(counts));
        expect(diceCoefficient(counts)).toBeCloseTo((2 * union) / (1 + union), 12);
      }),
    );
  });

  test("all classes at once are the classes one by one", () => {
    fc.assert(
      fc.property(pairs, ({ shape, a, b }) => {
        const all = countOverlaps({ data: a, shape }, { data: b, shape }, 3);
        for (const label of [0, 1, 2]) {
          expect(all[label]).toEqual(countOverlap({ data: a, shape, label }, { data: b, shape, label }));
        }
      }),
    );
    expect(() => countOverlaps({ data: [0, 3], shape: [2] }, { data: [0, 1], shape: [2] }, 3)).toThrow(
      expect.objectContaining({ code: "bad-data" }),
    );
  });

  test("weighs a case as if it were repeated", () => {
    const [first, second] = [
      { intersection: 1, predicted: 2, reference: 3 },
      { intersection: 4, predicted: 5, reference: 6 },
    ];
    expect(sumOverlaps([first, second], [2, 0])).toEqual(sumOverlaps([first, first]));
    expect(weightedMeanDefined([0.5, NaN, Infinity], [3, 1, 0])).toBe(0.5);
    expect(weightedMeanDefined([NaN])).toBeNaN();
  });
});

describe("surface distances", () => {
  test("are those between the surface voxels, and grow with the spacing", () => {
    fc.assert(
      fc.property(pairs, ({ shape, spacing, a, b }) => {
        const [prediction, reference] = [a, b].map((data): Mask => ({ data, shape, spacing, label: 1 }));
        const distances = surfaceDistances(prediction!, reference!);
        const [edgesA, edgesB] = [a, b].map((labels) => surfaceByDefinition(labels, shape));
        const expected = edgesA!.map((i) =>
          Math.sqrt(Math.min(Infinity, ...edgesB!.map((j) => squaredDistance(i, j, shape, spacing)))),
        );
        expected.sort((x, y) => x - y);
        expect(distances.ofPrediction.length).toBe(expected.length);
        for (const [i, distance] of distances.ofPrediction.entries()) {
          if (expected[i] === Infinity) expect(distance).toBe(Infinity);
          else expect(distance).toBeCloseTo(expected[i]!, 9);
        }
        const doubled = spacing.map((mm) => 2 * mm);
        const farther = surfaceDistances({ ...prediction!, spacing: doubled }, { ...reference!, spacing: doubled });
        if (edgesA!.length > 0 && edgesB!.length > 0) {
          expect(hausdorffDistance(farther)).toBeCloseTo(2 * hausdorffDistance(distances), 9);
        }
      }),
    );
  });

  test("vanish for equal regions, whose surface Dice is 1", () => {
    const mask: Mask = { data: [0, 1, 1, 0, 1, 1, 0, 0, 0], shape: [3, 3] };
    expect(measureRegion(mask, mask)).toMatchObject({
      dice: 1,
      intersectionOverUnion: 1,
      hausdorff: 0,
      hausdorff95: 0,
      averageSurfaceDistance: 0,
      surfaceDice: 1,
    });
  });

  test("a volume of 40 x 56 x 40 takes milliseconds", () => {
    const shape = [40, 56, 40];
    const random = randomStream(1, "volume");
    const blob = (shift: number) =>
      Uint8Array.from({ length: size(shape) }, (_, i) => {
        const [z, y, x] = [Math.floor(i / 2240), Math.floor(i / 40) % 56, i % 40];
        const radius = ((z - 20) / 15) ** 2 + ((y - 28 - shift) / 22) ** 2 + ((x - 20) / 15) ** 2;
        return radius + 0.05 * random.uniform() < 1 ? 1 : 0;
      });
    const [prediction, reference] = [blob(2), blob(0)].map((data): Mask => ({ data, shape, spacing: [1, 1, 1] }));
    // The least of several runs, since others may use the processor too.
    let milliseconds = Infinity;
    for (let run = 0; run < 5; run++) {
      const began = performance.now();
      expect(measureRegion(prediction!, reference!).dice).toBeGreaterThan(0.8);
      milliseconds = Math.min(milliseconds, performance.now() - began);
    }
    // About 15 ms on one core; the limit only catches an algorithm of another order.
    expect(milliseconds).toBeLessThan(500);
  });

  test.each([
    ["another shape", { data: [1, 0], shape: [2] }, { data: [1, 0, 1], shape: [3] }, "shape-mismatch"],
    [
      "another spacing",
      { data: [1], shape: [1], spacing: [1] },
      { data: [1], shape: [1], spacing: [2] },
      "shape-mismatch",
    ],
    ["too few voxels", { data: [1], shape: [2] }, { data: [1, 0], shape: [2] }, "shape-mismatch"],
    ["no axis", { data: [1], shape: [] }, { data: [1], shape: [] }, "shape-mismatch"],
    ["a spacing of 0", { data: [1], shape: [1], spacing: [0] }, { data: [1], shape: [1] }, "shape-mismatch"],
  ])("refuses %s", (_, prediction: Mask, reference: Mask, code) => {
    expect(() => surfaceDistances(prediction, reference)).toThrow(
      expect.objectContaining({ code, fix: expect.any(String) }),
    );
  });

  test("refuses a negative tolerance and a percentile outside (0, 100]", () => {
    const distances = surfaceDistances({ data: [1], shape: [1] }, { data: [1], shape: [1] });
    for (const wrong of [() => surfaceDice(distances, -1), () => hausdorffDistance(distances, 0)]) {
      expect(wrong).toThrow(expect.objectContaining({ code: "bad-argument" }));
    }
  });
});

/** Voxels of label 1 with a face neighbour that is none, or at the border. */
function surfaceByDefinition(labels: readonly number[], shape: readonly number[]): number[] {
  const ones = shape.map(() => 1);
  return labels.flatMap((label, i) => {
    if (label !== 1) return [];
    const inner = labels.filter((other, j) => other === 1 && squaredDistance(i, j, shape, ones) === 1).length;
    return inner === 2 * shape.length ? [] : [i];
  });
}
