import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearest } from "./edit-distance.ts";

const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "X", "Y"), maxLength: 8 });

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["maskRatio", "maskRation", 1],
    ["masKratio", "maskRatio", 0],
    ["epohcs", "epochs", 1],
    ["kitten", "sitting", 3],
    ["abc", "", 3],
  ])("between %s and %s is %i", (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  it("is symmetric, zero only for equal words, and never above the longer length", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a.toLowerCase() === b.toLowerCase());
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });

  it("is at most one after one letter was changed", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1 }), fc.nat(), (text, position) => {
        const at = position % text.length;
        expect(editDistance(text, `${text.slice(0, at)}z${text.slice(at + 1)}`)).toBe(1);
        expect(editDistance(text, text.slice(0, at) + text.slice(at + 1))).toBe(1);
      }),
    );
  });
});

describe("nearest", () => {
  it("finds what was meant", () => {
    expect(nearest("learningrate", ["epochs", "learningRate", "weightDecay"])).toBe("learningRate");
    expect(nearest("weigthDecay", ["epochs", "learningRate", "weightDecay"])).toBe("weightDecay");
  });

  it("does not guess where nothing is near", () => {
    expect(nearest("momentum", ["epochs", "learningRate"])).toBeUndefined();
    expect(nearest("x", [])).toBeUndefined();
  });
});
