import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bestTagSequence, isInside, tagRuns } from "./tag-sequence.ts";

/** Every sequence that may occur, by trying all. */
function bruteForce(scores: number[][], tags: number): number {
  let best = -Infinity;
  const visit = (place: number, previous: number, sum: number): void => {
    if (place === scores.length) best = Math.max(best, sum);
    else
      for (let tag = 0; tag < tags; tag++) {
        if (isInside(tag) && previous !== tag && previous !== tag - 1) continue;
        visit(place + 1, tag, sum + scores[place]![tag]!);
      }
  };
  visit(0, 0, 0);
  return best;
}

const score = fc.integer({ min: -40, max: 40 }).map((value) => value / 8);

test("finds the best of all sequences that may occur", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 }).chain((types) =>
        fc.array(fc.array(score, { minLength: 1 + 2 * types, maxLength: 1 + 2 * types }), {
          minLength: 1,
          maxLength: 5,
        }),
      ),
      (scores) => {
        const tags = scores[0]!.length;
        const sequence = bestTagSequence(Float32Array.from(scores.flat()), tags);
        const sum = sequence.reduce((total, tag, place) => total + scores[place]![tag]!, 0);
        expect(sum).toBeCloseTo(bruteForce(scores, tags), 6);
        sequence.forEach((tag, place) => {
          if (isInside(tag)) expect([tag, tag - 1]).toContain(sequence[place - 1]);
        });
      },
    ),
  );
});

test("runs of tags become entities, adjacent ones apart", () => {
  expect(tagRuns([0, 1, 2, 2, 1, 0, 3, 4, 1])).toEqual([
    { start: 1, end: 4, type: 0 },
    { start: 4, end: 5, type: 0 },
    { start: 6, end: 8, type: 1 },
    { start: 8, end: 9, type: 0 },
  ]);
  expect(tagRuns([])).toEqual([]);
  expect(bestTagSequence(new Float32Array(), 3)).toEqual(new Int32Array());
});
