import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Radiograph, paintRadiograph, renderRadiograph } from "./render-radiograph.ts";

const size = 48;
const anyRadiograph: fc.Arbitrary<Radiograph> = fc.record({
  seed: fc.nat(),
  patient: fc.string({ minLength: 1, maxLength: 8 }),
  visit: fc.nat(1),
  site: fc.constantFrom("A" as const, "B" as const),
  sex: fc.constantFrom("female" as const, "male" as const),
  age: fc.integer({ min: 18, max: 90 }),
  opacity: fc.constant(true),
});

describe("paintRadiograph", () => {
  it("changes nothing outside the lung field and only ever brightens, where it adds an opacity", () => {
    fc.assert(
      fc.property(anyRadiograph, (radiograph) => {
        const healthy = paintRadiograph({ ...radiograph, opacity: false }, size);
        const ill = paintRadiograph(radiograph, size);
        const differences = ill.density.map((value, i) => value - healthy.density[i]!);
        expect(
          differences.every((difference, i) => difference >= 0 && (difference === 0 || healthy.lungField[i]! > 0)),
        ).toBe(true);
        expect(ill.lungField.every((share) => share >= 0)).toBe(true);
        // Visible: as much as a disc of a tenth of full density and 0.06 of the image's half-width.
        const added = (differences.reduce((sum, value) => sum + value, 0) * 4) / (size * size);
        expect(added).toBeGreaterThan(0.001);
      }),
      { numRuns: 150 },
    );
  });

  it("has two lungs of plausible size, none touching the midline", () => {
    fc.assert(
      fc.property(anyRadiograph, (radiograph) => {
        const { lungField, u } = paintRadiograph({ ...radiograph, opacity: false }, size);
        const sum = (part: (u: number) => boolean): number =>
          lungField.reduce((total, share, i) => total + (part(u[i]!) ? share : 0), 0);
        const left = sum((at) => at < 0);
        const right = sum((at) => at >= 0);
        expect(lungField.every((share, i) => share <= (Math.abs(u[i]!) < 0.02 ? 0.4 : 1))).toBe(true);
        const area = size * size;
        for (const lung of [left / area, right / area]) {
          expect(lung).toBeGreaterThan(0.06);
          expect(lung).toBeLessThan(0.32);
        }
        // The heart lies mostly on the image's right.
        expect(left).toBeGreaterThan(0.6 * right);
      }),
      { numRuns: 100 },
    );
  });
});

describe("renderRadiograph", () => {
  it("gives two visits of a patient different images", () => {
    const images = [0, 1].map((visit) => {
      const pixels = new Uint8Array(size * size);
      renderRadiograph(
        { seed: 1, patient: "p", visit, site: "A", sex: "female", age: 60, opacity: false },
        size,
        pixels,
      );
      return pixels;
    });
    expect(images[0]).not.toEqual(images[1]);
  });
});
