import * as fc from "fast-check";
import { expect, test } from "vitest";
import { float32, Graph } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture, runGraph } from "../../testing/reference.node.ts";
import { tokenLoss } from "../layers/language-modelling.ts";
import { linearRecurrence, mamba, mambaConfigSchema } from "./mamba.ts";

test("reproduces mamba-minimal: blocks, layers, loss and every gradient", async () => {
  const fixture = await readFixture("model/mamba");
  const config = mambaConfigSchema.parse({ vocabularySize: 30, width: 16, depth: 2, stateWidth: 8 });
  const graph = new Graph("mamba");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const { mixed, hidden, logits } = mamba(values("input_ids"), config);
  graph.output("layer_0_mixer_output", mixed[0]!);
  graph.output("layer_0_output", hidden[1]!);
  graph.output("logits", logits);
  graph.output("loss", tokenLoss(logits, values("labels")));
  await expectReference(graph, fixture, { feeds, outputs: ["logits", "layer_0_mixer_output", "layer_0_output"] });
});

test("the recurrence by doubling is the recurrence by a loop, at every length", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 17 }), fc.integer({ min: 0, max: 99 }), async (length, seed) => {
      const graph = new Graph("recurrence");
      const shape = [2, length, 3];
      graph.output(
        "h",
        linearRecurrence(graph.input("decay", "float32", shape), graph.input("input", "float32", shape)),
      );
      const numbers = (phase: number) => Float32Array.from({ length: 6 * length }, (_, i) => Math.sin(phase + 1.3 * i));
      const [decay, input] = [numbers(seed), numbers(seed + 0.7)];
      const feeds = new Map([
        ["decay", float32(shape, decay)],
        ["input", float32(shape, input)],
      ]);
      const states = (await runGraph(graph, feeds)).get("h")!.data as Float32Array;
      for (let batch = 0; batch < 2; batch++)
        for (let channel = 0; channel < 3; channel++) {
          let h = 0;
          for (let t = 0; t < length; t++) {
            const at = (batch * length + t) * 3 + channel;
            h = decay[at]! * h + input[at]!;
            expect(states[at]).toBeCloseTo(h, 4);
          }
        }
    }),
    { numRuns: 12 },
  );
});

test("decay and input of different shapes are refused", () => {
  const graph = new Graph("recurrence");
  const [a, b] = [graph.input("a", "float32", [1, 4, 2]), graph.input("b", "float32", [1, 5, 2])];
  expect(() => linearRecurrence(a, b)).toThrow(/one shape/);
});
