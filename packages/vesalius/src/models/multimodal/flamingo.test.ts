import { expect, test } from "vitest";
import { float32, gradients, Graph, initializeParameters, meanSquaredError, type Tensors } from "../../graph/index.ts";
import { expectReference, fixtureInputs, largest, readFixture, runGraph } from "../../testing/reference.node.ts";
import {
  gatedCrossAttention,
  gatedCrossAttentionConfigSchema,
  perceiverConfigSchema,
  perceiverResampler,
} from "./flamingo.ts";

test("reproduces OpenFlamingo: resampler, gated cross-attention, loss and every gradient", async () => {
  const fixture = await readFixture("model/flamingo");
  const graph = new Graph("flamingo");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const perceiver = perceiverConfigSchema.parse({
    width: 16,
    depth: 2,
    heads: 2,
    headWidth: 8,
    latents: 4,
    feedForwardRatio: 2,
  });
  const cross = gatedCrossAttentionConfigSchema.parse({ heads: 3, headWidth: 8, feedForwardRatio: 2 });
  const latents = graph.output("perceiver_latents", perceiverResampler(values("vision_features"), perceiver));
  const locations = values("media_locations");
  const layer = (x: typeof latents, i: number) =>
    gatedCrossAttention(x, latents, cross, `gated_cross_attn.${i}`, locations);
  const first = graph.output("cross_attention_0", layer(values("text_hidden"), 0));
  const output = graph.output("output", layer(first, 1));
  graph.output("loss", meanSquaredError(output, values("target")));
  await expectReference(graph, fixture, { feeds, outputs: ["perceiver_latents", "cross_attention_0", "output"] });
});

test("tokens see the images before them: the last one alone, or all of them", async () => {
  const seen = async (onlyImmediateMedia: boolean, image: number) => {
    const config = gatedCrossAttentionConfigSchema.parse({ heads: 1, headWidth: 4, onlyImmediateMedia });
    const graph = new Graph("flamingo");
    const text = graph.input("text", "float32", [1, 4, 4]);
    const media = graph.input("media", "float32", [1, 2, 1, 4]);
    const locations = graph.input("locations", "float32", [1, 4]);
    graph.output("y", gatedCrossAttention(text, media, config, "x", locations));
    const weights = initializeParameters(graph, 2);
    weights.set("x.attn_gate", float32([1], [1]));
    const run = async (value: number) => {
      const pixels = Float32Array.from({ length: 8 }, (_, i) => (Math.floor(i / 4) === image ? value * (i + 1) : i));
      const feeds: Tensors = new Map([
        ...weights,
        ["text", float32([1, 4, 4], new Float32Array(16).fill(0.5))],
        ["media", float32([1, 2, 1, 4], pixels)],
        ["locations", float32([1, 4], [0, 1, 0, 1])],
      ]);
      return (await runGraph(graph, feeds)).get("y")!.data as Float32Array;
    };
    const [a, b] = [await run(1), await run(-3)];
    return [0, 1, 2, 3].filter((token) =>
      a.slice(4 * token, 4 * token + 4).some((value, i) => value !== b[4 * token + i]),
    );
  };
  expect(await seen(true, 0)).toEqual([1, 2]);
  expect(await seen(true, 1)).toEqual([3]);
  expect(await seen(false, 0)).toContain(3);
});

test("tokens that see no image give no gradient to queries and keys", async () => {
  const config = gatedCrossAttentionConfigSchema.parse({ heads: 1, headWidth: 4, onlyImmediateMedia: false });
  const graph = new Graph("flamingo");
  const text = graph.input("text", "float32", [1, 3, 4]);
  const media = graph.input("media", "float32", [1, 2, 1, 4]);
  const y = gatedCrossAttention(text, media, config, "x", graph.input("locations", "float32", [1, 3]));
  const [query, keys] = ["x.attn.to_q.weight", "x.attn.to_kv.weight"].map((name) => graph.parameters.get(name)!);
  const loss = meanSquaredError(y, graph.input("target", "float32", [1, 3, 4]));
  const found = gradients(loss, [query!, keys!]);
  graph.output("query", found.get(query!)!);
  graph.output("keys", found.get(keys!)!);
  const weights = initializeParameters(graph, 2);
  weights.set("x.attn_gate", float32([1], [1]));
  const noise = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i + 1));
  const results = await runGraph(
    graph,
    new Map([
      ...weights,
      ["text", float32([1, 3, 4], noise(12))],
      ["media", float32([1, 2, 1, 4], noise(8))],
      ["locations", float32([1, 3], [0, 0, 0])],
      ["target", float32([1, 3, 4], noise(12).reverse())],
    ]),
  );
  // All tokens weigh all vectors alike, whatever the scores are, as in the original, which fills them in.
  expect(largest(results.get("query")!)).toBe(0);
  const [keyRows, valueRows] = [0, 16].map((from) =>
    (results.get("keys")!.data as Float32Array).slice(from, from + 16),
  );
  expect(Math.max(...keyRows!.map(Math.abs))).toBe(0);
  expect(Math.max(...valueRows!.map(Math.abs))).toBeGreaterThan(0);
});
