import * as fc from "fast-check";
import { expect, test } from "vitest";
import { crossEntropy, float32, Graph } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture, runGraph } from "../../testing/reference.node.ts";
import { meanOverPlaces } from "../layers/pooling.ts";
import { hyenaDna, hyenaDnaClassifier, hyenaDnaConfigSchema, longConvolution } from "./hyenadna.ts";

const config = hyenaDnaConfigSchema.parse({
  width: 16,
  depth: 2,
  hiddenWidth: 48,
  maximumLength: 24,
  filterWidth: 16,
  filterPositions: 3,
  frequency: 1,
});

test("reproduces HyenaDNA: filters, operators, pooled head, loss and every gradient", async () => {
  const fixture = await readFixture("model/hyenadna");
  const graph = new Graph("hyenadna");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const { mixed, filters, hidden } = hyenaDna(values("input_ids"), config);
  graph.output("layer_0_mixer_output", mixed[0]!);
  graph.output("layer_0_implicit_filter", filters[0]!);
  graph.output("hidden_states", hidden);
  const logits = graph.output("logits", hyenaDnaClassifier(meanOverPlaces(hidden), 3));
  graph.output("loss", crossEntropy(logits, values("labels")));
  await expectReference(graph, fixture, {
    feeds,
    outputs: ["logits", "hidden_states", "layer_0_mixer_output", "layer_0_implicit_filter"],
  });
});

test("the computed tables of positions and decays are those of the checkpoint", async () => {
  const fixture = await readFixture("model/hyenadna");
  const graph = new Graph("hyenadna");
  hyenaDna(graph.input("tokens", "int32", [1, 24]), config);
  for (const part of ["pos_emb.z", "pos_emb.t", "modulation.deltas"]) {
    const name = `backbone.layers.0.mixer.filter_fn.${part}`;
    const initializer = graph.parameters.get(name)!.initializer!;
    const expected = fixture.weights.get(name)!.data as Float32Array;
    const table = initializer.kind === "values" ? (initializer.tensor.data as Float32Array) : new Float32Array();
    expect(table.length).toBe(expected.length);
    table.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
  }
});

test("the long convolution is the sum over everything before", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 99 }), async (length, seed) => {
      const graph = new Graph("convolution");
      const [x, filter, bias] = [
        graph.input("x", "float32", [1, 2, length]),
        graph.input("filter", "float32", [length, 2]),
        graph.input("bias", "float32", [2]),
      ];
      graph.output("y", longConvolution(x, filter, bias));
      const numbers = (count: number, phase: number) =>
        Float32Array.from({ length: count }, (_, i) => Math.sin(phase + i));
      const [xs, fs] = [numbers(2 * length, seed), numbers(2 * length, seed + 0.4)];
      const feeds = new Map([
        ["x", float32([1, 2, length], xs)],
        ["filter", float32([length, 2], fs)],
        ["bias", float32([2], [0.5, -1])],
      ]);
      const y = (await runGraph(graph, feeds)).get("y")!.data as Float32Array;
      for (let channel = 0; channel < 2; channel++)
        for (let t = 0; t < length; t++) {
          let sum = (channel === 0 ? 0.5 : -1) * xs[channel * length + t]!;
          for (let i = 0; i <= t; i++) sum += fs[i * 2 + channel]! * xs[channel * length + t - i]!;
          expect(y[channel * length + t]).toBeCloseTo(sum, 4);
        }
    }),
    { numRuns: 10 },
  );
});

test("a sequence longer than the filters is refused", () => {
  expect(() => hyenaDna(new Graph("x").input("tokens", "int32", [1, 25]), config)).toThrow(/25 tokens.*filters for 24/);
});
