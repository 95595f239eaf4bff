import * as fc from "fast-check";
import { expect, test } from "vitest";
import { relativePositionBucket } from "./relative-positions.ts";

const shape = fc.record({
  buckets: fc.constantFrom(8, 16, 32),
  maximumDistance: fc.constantFrom(20, 64, 128),
  bidirectional: fc.boolean(),
});

test("every distance has a bucket, and farther ones never an earlier one", () => {
  fc.assert(
    fc.property(shape, fc.integer({ min: 0, max: 300 }), (options, distance) => {
      for (const sign of [-1, 1]) {
        const bucket = relativePositionBucket(sign * distance, options);
        expect(bucket).toBeGreaterThanOrEqual(0);
        expect(bucket).toBeLessThan(options.buckets);
        expect(relativePositionBucket(sign * (distance + 1), options)).toBeGreaterThanOrEqual(
          distance === 0 && sign === 1 ? 0 : bucket,
        );
      }
      expect(relativePositionBucket(-distance, options)).not.toBe(
        options.bidirectional && distance > 0 ? relativePositionBucket(distance, options) : -1,
      );
    }),
  );
});

test("near distances have a bucket each, and a decoder does not tell what comes behind", () => {
  const options = { buckets: 32, maximumDistance: 128, bidirectional: true };
  expect([0, -1, -7, 1, 7].map((distance) => relativePositionBucket(distance, options))).toEqual([0, 1, 7, 17, 23]);
  expect(relativePositionBucket(5, { ...options, bidirectional: false })).toBe(0);
  expect(relativePositionBucket(-15, { ...options, bidirectional: false })).toBe(15);
});
