import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failure } from "../data.test.helper.ts";
import { trainingOrder } from "./batch-order.ts";

const sizes = fc.record({
  length: fc.integer({ min: 1, max: 60 }),
  batchSize: fc.integer({ min: 1, max: 60 }),
  seed: fc.integer(),
});

function take(order: ReturnType<typeof trainingOrder>, from: number, steps: number): number[] {
  return Array.from({ length: steps }, (_, i) => [...order.indices(from + i)]).flat();
}

describe("trainingOrder", () => {
  it("uses no example twice in an epoch of whole batches", () => {
    fc.assert(
      fc.property(sizes, fc.nat(5), ({ length, batchSize, seed }, epoch) => {
        fc.pre(batchSize <= length);
        const order = trainingOrder(length, batchSize, seed, true);
        expect(order.stepsPerEpoch).toBe(Math.floor(length / batchSize));
        const drawn = take(order, epoch * order.stepsPerEpoch, order.stepsPerEpoch);
        expect(new Set(drawn).size).toBe(order.stepsPerEpoch * batchSize);
        expect(drawn.every((row) => row >= 0 && row < length)).toBe(true);
      }),
    );
  });

  it("walks a split smaller than the batch epoch after epoch without a gap", () => {
    fc.assert(
      fc.property(sizes, ({ length, batchSize, seed }) => {
        fc.pre(length < batchSize);
        const order = trainingOrder(length, batchSize, seed, true);
        const drawn = take(order, 0, 4);
        for (let epoch = 0; (epoch + 1) * length <= drawn.length; epoch++) {
          expect(new Set(drawn.slice(epoch * length, (epoch + 1) * length)).size).toBe(length);
        }
      }),
    );
  });

  it("gives a step's rows without the steps before it, in any order of asking", () => {
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }), ({ length, batchSize, seed }, steps) => {
        const one = trainingOrder(length, batchSize, seed, true);
        for (const step of steps) {
          expect(one.indices(step)).toEqual(trainingOrder(length, batchSize, seed, true).indices(step));
        }
      }),
    );
  });

  it("shuffles anew in every epoch and by seed, and not at all when told", () => {
    const order = trainingOrder(50, 50, 1, true);
    expect(order.indices(0)).not.toEqual(order.indices(1));
    expect(order.indices(0)).not.toEqual(trainingOrder(50, 50, 2, true).indices(0));
    expect([...trainingOrder(5, 2, 1, false).indices(3)]).toEqual([2, 3]);
  });

  it("reaches every example over epochs that each leave a few out", () => {
    const order = trainingOrder(10, 4, 3, true);
    expect(new Set(take(order, 0, 40)).size).toBe(10);
  });

  it.each([-1, 0.5, NaN])("refuses step %d", async (step) => {
    expect((await failure(() => trainingOrder(4, 2, 0, true).indices(step))).code).toBe("bad-argument");
  });

  it("refuses a split without examples", async () => {
    expect((await failure(() => trainingOrder(0, 2, 0, true))).code).toBe("bad-argument");
  });
});
