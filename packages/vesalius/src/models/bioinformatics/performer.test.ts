import * as fc from "fast-check";
import { expect, test } from "vitest";
import { float32, Graph } from "../../graph/index.ts";
import { randomStream } from "../../common/random.ts";
import { expectReference, fixtureInputs, largest, readFixture, runGraph } from "../../testing/reference.node.ts";
import { attention } from "../layers/attention.ts";
import { tokenLoss } from "../layers/language-modelling.ts";
import { linearAttention, orthogonalFeatures, performer, performerConfigSchema } from "./performer.ts";

test("reproduces scBERT's Performer: attention, encodings, loss and every gradient", async () => {
  const fixture = await readFixture("model/performer_scbert");
  const config = performerConfigSchema.parse({
    vocabularySize: 7,
    maximumLength: 20,
    width: 24,
    depth: 2,
    heads: 3,
    headWidth: 8,
    features: 16,
    feedForwardRatio: 2,
    genePositions: false,
  });
  const graph = new Graph("performer");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const { attended, encodings, logits } = performer(values("input_ids"), config);
  graph.output("layer_0_attention_output", attended[0]!);
  graph.output("encodings", encodings);
  graph.output("logits", logits);
  graph.output("loss", tokenLoss(logits, values("labels")));
  await expectReference(graph, fixture, { feeds, outputs: ["logits", "encodings", "layer_0_attention_output"] });
});

test("the random features of a block are orthogonal, and the seed decides them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 14 }), fc.nat(), (width, count, seed) => {
      const { data } = orthogonalFeatures(count, width, seed, "x");
      const row = (i: number) => Array.from((data as Float32Array).subarray(i * width, (i + 1) * width));
      for (let i = 0; i < count; i++)
        for (let j = width * Math.floor(i / width); j < i; j++) {
          const product = row(i).reduce((sum, x, k) => sum + x * row(j)[k]!, 0);
          expect(Math.abs(product) / (Math.hypot(...row(i)) * Math.hypot(...row(j)))).toBeLessThan(1e-5);
        }
      expect(orthogonalFeatures(count, width, seed, "x").data).toEqual(data);
    }),
    { numRuns: 30 },
  );
});

test("many random features come close to softmax attention", async () => {
  const graph = new Graph("attention");
  const shape = [1, 1, 6, 4];
  const [q, k, v] = ["q", "k", "v"].map((name) => graph.input(name, "float32", shape));
  graph.output("exact", attention(q!, k!, v!));
  const features = graph.constant(orthogonalFeatures(4096, 4, 1, "x"));
  graph.output("approximate", linearAttention(q!, k!, v!, features));
  const draw = (name: string) => {
    const stream = randomStream(3, name);
    return float32(
      shape,
      Array.from({ length: 24 }, () => 0.5 * stream.normal()),
    );
  };
  const results = await runGraph(graph, new Map(["q", "k", "v"].map((name) => [name, draw(name)])));
  const [exact, approximate] = [results.get("exact")!, results.get("approximate")!];
  const difference = (exact.data as Float32Array).map((x, i) => x - (approximate.data as Float32Array)[i]!);
  expect(largest({ ...exact, data: difference })).toBeLessThan(0.05 * largest(exact));
});
