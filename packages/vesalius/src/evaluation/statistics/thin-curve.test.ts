import * as fc from "fast-check";
import { expect, test } from "vitest";
import { thinCurve } from "./thin-curve.ts";

test("a thinned curve keeps its ends, its order and no more points than asked", () => {
  const points = fc.array(
    fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
    {
      minLength: 2,
      maxLength: 300,
    },
  );
  fc.assert(
    fc.property(points, fc.integer({ min: 2, max: 50 }), (drawn, largest) => {
      const x = drawn.map(([value]) => value);
      const y = drawn.map(([, value]) => value);
      const thin = thinCurve({ x, y }, largest);
      expect(thin.x.length).toBeLessThanOrEqual(Math.max(largest, 2));
      expect([thin.x[0], thin.y[0], thin.x.at(-1), thin.y.at(-1)]).toEqual([x[0], y[0], x.at(-1), y.at(-1)]);
      let from = 0;
      for (const [i, value] of thin.x.entries()) {
        const at = drawn.findIndex(([a, b], index) => index >= from && a === value && b === thin.y[i]);
        expect(at).toBeGreaterThanOrEqual(from);
        from = at + 1;
      }
    }),
  );
});

test("a thinned ROC curve stays close to the whole one", () => {
  const x = Array.from({ length: 5001 }, (_, i) => i / 5000);
  const y = x.map((value) => Math.sqrt(value));
  const thin = thinCurve({ x, y }, 200);
  const area = (curve: { x: number[]; y: number[] }) =>
    curve.x.reduce(
      (sum, at, i) => (i === 0 ? 0 : sum + ((at - curve.x[i - 1]!) * (curve.y[i]! + curve.y[i - 1]!)) / 2),
      0,
    );
  expect(area(thin)).toBeCloseTo(area({ x, y }), 3);
});
