import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bestSpan } from "./best-span.ts";

test("the best span is the best of all that are allowed and short enough", () => {
  const scores = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), fc.boolean()));
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 5 }), (places, longest) => {
      const [starts, ends] = [places.map(([start]) => start), places.map(([, end]) => end)];
      const allowed = (place: number): boolean => places[place]![2];
      const all: number[] = [];
      for (let start = 0; start < places.length; start++)
        for (let end = start; end < Math.min(places.length, start + longest); end++)
          if (places.slice(start, end + 1).every(([, , isAllowed]) => isAllowed)) all.push(starts[start]! + ends[end]!);
      const best = bestSpan(starts, ends, allowed, longest);
      if (all.length === 0) expect(best).toBeUndefined();
      else {
        expect(best!.score).toBe(Math.max(...all));
        expect(starts[best!.start]! + ends[best!.end]!).toBe(best!.score);
        expect(best!.end - best!.start).toBeLessThan(longest);
      }
    }),
  );
});
