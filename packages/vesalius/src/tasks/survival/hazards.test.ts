import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Graph, type Tensor } from "../../graph/index.ts";
import { runGraph } from "../../testing/reference.node.ts";
import { hazardBoundaries, hazards } from "./hazards.ts";

const boundaries = [2, 5, 9];
const [rows, intervals] = [5, boundaries.length];

const tensor = (shape: readonly number[], values: readonly number[]): Tensor => ({
  dtype: "float32",
  shape,
  data: Float32Array.from(values),
});
/** Hazard of a logit, which starts at one in as many as there are intervals. */
const hazardOf = (x: number): number => 1 / (1 + intervals * Math.exp(-x));

test("is the likelihood of living through intervals and of the one with the event", async () => {
  const model = hazards(boundaries, [1]);
  const graph = new Graph("hazards");
  const logits = graph.input("logits", "float32", [rows, intervals]);
  const [time, observed] = ["time", "observed"].map((name) => graph.input(name, "float32", [rows]));
  graph.output("loss", model.loss(logits, time!, observed!));
  const drawn = fc.record({
    time: fc.constantFrom(0.5, 2, 3, 5, 5.5, 9, 12),
    observed: fc.constantFrom(0, 1),
    logits: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: intervals, maxLength: intervals }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(drawn, { minLength: rows, maxLength: rows }), async (cases) => {
      const likelihoods = cases.map((one) => {
        const hazard = one.logits.map(hazardOf);
        // The event lies in the first interval that ends at or after it; without one, whole intervals were lived through.
        const own = Math.min(boundaries.slice(0, -1).filter((end) => end < one.time).length, intervals - 1);
        const lived = one.observed === 1 ? own : boundaries.slice(0, -1).filter((end) => end <= one.time).length;
        const through = hazard.slice(0, lived).reduce((product, h) => product * (1 - h), 1);
        return one.observed === 1 ? through * hazard[own]! : through;
      });
      const expected = likelihoods.reduce((sum, likelihood) => sum - Math.log(likelihood), 0) / rows;
      const outputs = await runGraph(
        graph,
        new Map([
          [
            "logits",
            tensor(
              [rows, intervals],
              cases.flatMap((one) => one.logits),
            ),
          ],
          [
            "time",
            tensor(
              [rows],
              cases.map((one) => one.time),
            ),
          ],
          [
            "observed",
            tensor(
              [rows],
              cases.map((one) => one.observed),
            ),
          ],
        ]),
      );
      expect((outputs.get("loss")!.data as Float32Array)[0]).toBeCloseTo(expected, 4);
    }),
    { numRuns: 30 },
  );
});

test("survival falls evenly inside intervals and stays after the last", async () => {
  const model = hazards(boundaries, [0, 1, 2, 3.5, 5, 9, 20]);
  const graph = new Graph("answers");
  const logits = graph.input("logits", "float32", [1, intervals]);
  for (const [name, value] of Object.entries(model.answers(logits))) graph.output(name, value);
  const values = [0, Math.log(1 / 3), 0].map((logit) => logit + Math.log(intervals));
  const outputs = await runGraph(graph, new Map([["logits", tensor([1, intervals], values)]]));
  const answer = model.decode(
    Object.fromEntries([...outputs].map(([name, { dtype, data }]) => [name, { dtype, shape: [data.length], data }])),
    new Map(),
  );
  const expected = [1, 0.75, 0.5, 0.4375, 0.375, 0.1875, 0.1875];
  Array.from(answer.survival!).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  const risk = [0.5, 0.375, 0.1875].reduce((sum, value) => sum - Math.log(value), 0) / 3;
  expect(answer.risk).toBeCloseTo(risk, 5);
});

test("boundaries part the events evenly, and end with follow-up", () => {
  const time = Array.from({ length: 40 }, (_, i) => i + 1);
  const event = time.map((at) => (at <= 20 ? 1 : 0));
  const found = hazardBoundaries({ time, event }, 4);
  expect(found).toHaveLength(4);
  expect(found.at(-1)).toBe(40);
  const inside = found.map((end, i) => time.filter((at) => at <= 20 && at <= end && at > (found[i - 1] ?? 0)).length);
  expect(Math.max(...inside) - Math.min(...inside)).toBeLessThanOrEqual(1);
  expect(hazardBoundaries({ time: [3, 3, 3, 8], event: [1, 1, 1, 0] }, 5)).toEqual([3, 8]);
});
