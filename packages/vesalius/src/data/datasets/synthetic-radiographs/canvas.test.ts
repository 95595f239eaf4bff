import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bump, createCanvas, edge, nearby, paintDot, paintStroke, type Pose } from "./canvas.ts";

const upright: Pose = { tangentOfHalfAngle: 0, shiftU: 0, shiftV: 0, zoom: 1 };
const anyPose: fc.Arbitrary<Pose> = fc.record({
  tangentOfHalfAngle: fc.double({ min: -0.2, max: 0.2, noNaN: true }),
  shiftU: fc.double({ min: -0.2, max: 0.2, noNaN: true }),
  shiftV: fc.double({ min: -0.2, max: 0.2, noNaN: true }),
  zoom: fc.double({ min: 0.8, max: 1.25, noNaN: true }),
});
const place = fc.double({ min: -0.7, max: 0.7, noNaN: true });

describe("edge and bump", () => {
  it("rise and fall smoothly between 0 and 1", () => {
    expect([-2, -1, 0, 1, 2].map((distance) => edge(distance, 1))).toEqual([0, 0, 0.5, 1, 1]);
    expect([0, 1, 4].map(bump)).toEqual([1, 0, 0]);
    fc.assert(
      fc.property(place, fc.double({ min: 1e-6, max: 0.3, noNaN: true }), (at, step) => {
        expect(edge(at + step, 1)).toBeGreaterThan(edge(at, 1));
        expect(bump((at + 0.7) / 2 + step)).toBeLessThan(bump((at + 0.7) / 2));
      }),
    );
  });
});

describe("nearby", () => {
  it("visits every pixel within the radius whatever the pose, and none twice", () => {
    fc.assert(
      fc.property(anyPose, place, place, fc.double({ min: 0.01, max: 0.5, noNaN: true }), (pose, u, v, radius) => {
        const canvas = createCanvas(20, pose);
        const visited: number[] = [];
        nearby(canvas, u, v, radius, (i) => visited.push(i));
        const unique = new Set(visited);
        expect(unique.size).toBe(visited.length);
        for (let i = 0; i < 400; i++) {
          const distance = Math.hypot(canvas.u[i]! - u, canvas.v[i]! - v);
          if (distance <= radius - 1e-9) expect(unique.has(i)).toBe(true);
        }
      }),
    );
  });
});

describe("painting", () => {
  const total = (size: number, paint: (canvas: ReturnType<typeof createCanvas>) => void): number => {
    const canvas = createCanvas(size, upright);
    paint(canvas);
    return (canvas.density.reduce((sum, value) => sum + value, 0) * 4) / (size * size);
  };

  it("keeps the total of a shadow much smaller than a coarse pixel, wherever it falls", () => {
    fc.assert(
      fc.property(place, place, (u, v) => {
        const fine = total(256, (canvas) => paintDot(canvas, u, v, 0.04, 1));
        const coarse = total(28, (canvas) => paintDot(canvas, u, v, 0.04, 1));
        // A dot of about one pixel's radius is sampled a few times only.
        expect(coarse / fine).toBeGreaterThan(0.7);
        expect(coarse / fine).toBeLessThan(1.35);
      }),
    );
  });

  it("draws a stroke as bright on a coarse grid as on a fine one", () => {
    fc.assert(
      fc.property(place, place, (u, v) => {
        const stroke = { start: { u: -0.6, v, amount: 1 }, end: { u: 0.6, v: u, amount: 0.5 }, radius: 0.03 };
        const fine = total(256, (canvas) => paintStroke(canvas, stroke));
        const coarse = total(28, (canvas) => paintStroke(canvas, stroke));
        expect(coarse / fine).toBeGreaterThan(0.75);
        expect(coarse / fine).toBeLessThan(1.3);
      }),
    );
  });
});
