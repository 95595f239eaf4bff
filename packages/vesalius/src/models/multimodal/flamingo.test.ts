import { expect, test } from "vitest";
import { float32, gradients, Graph, initializeParameters, meanSquaredError, type Tensors } from "../../graph/index.ts";
import {
  expectClose,
  expectReference,
  fixtureInputs,
  largest,
  readFixture,
  runGraph,
} from "../../testing/reference.node.ts";
import { gatedCrossAttentionFromArguments, perceiverFromArguments } from "./flamingo-arguments.ts";
import { gatedCrossAttention, gatedCrossAttentionConfigSchema, perceiverResampler } from "./flamingo.ts";

test("reproduces OpenFlamingo: resampler, gated cross-attention, loss and every gradient", async () => {
  const fixture = await readFixture("model/flamingo");
  const graph = new Graph("flamingo");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const { perceiver: resampler, cross_attention: attention } = fixture.description.config;
  const perceiver = perceiverFromArguments(resampler);
  const cross = gatedCrossAttentionFromArguments(attention);
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

test("frames and images get the vectors of their places", async () => {
  const shape = [1, 2, 2, 1, 4];
  const run = async (changes: Readonly<Record<string, unknown>>, media: Float32Array, own: Tensors = new Map()) => {
    const graph = new Graph("flamingo");
    const given = { dim: 4, depth: 1, heads: 1, dim_head: 4, num_latents: 2, ...changes };
    graph.output("latents", perceiverResampler(graph.input("media", "float32", shape), perceiverFromArguments(given)));
    const added = [...graph.parameters]
      .filter(([name]) => /_embs?$/.test(name))
      .map(([name, value]) => [name, value.shape]);
    const feeds = new Map([...initializeParameters(graph, 2), ...own, ["media", float32(shape, media)] as const]);
    return { added, latents: (await runGraph(graph, feeds)).get("latents")! };
  };
  const media = Float32Array.from({ length: 16 }, (_, i) => Math.sin(i));
  const noise = (length: number, phase: number) => Float32Array.from({ length }, (_, i) => Math.cos(i + phase));
  const [frames, images] = [noise(12, 1), noise(12, 5)];
  const own: Tensors = new Map([
    ["perceiver.frame_embs", float32([3, 4], frames)],
    ["perceiver.media_time_embs", float32([3, 1, 4], images)],
    ["perceiver.media_pos_emb", float32([3, 1, 4], images)],
  ]);
  const only = (names: readonly string[]): Tensors => new Map([...own].filter(([name]) => names.includes(name)));
  // Images come first, then frames, then the four numbers of the one token of each.
  const moved = (framesToo: boolean) =>
    media.map((value, i) => value + images[4 * Math.floor(i / 8) + (i % 4)]! + (framesToo ? frames[i % 8]! : 0));
  const both = await run(
    { max_num_media: 3, max_num_frames: 3 },
    media,
    only(["perceiver.frame_embs", "perceiver.media_time_embs"]),
  );
  expect(both.added).toEqual([
    ["perceiver.frame_embs", [3, 4]],
    ["perceiver.media_time_embs", [3, 1, 4]],
  ]);
  expectClose(both.latents, (await run({}, moved(true))).latents, 1e-4, 1e-5, "frames and images");
  const older = await run({ num_media_embeds: 3 }, media, only(["perceiver.media_pos_emb"]));
  expect(older.added).toEqual([["perceiver.media_pos_emb", [3, 1, 4]]]);
  expectClose(older.latents, (await run({}, moved(false))).latents, 1e-4, 1e-5, "images");
  await expect(run({ max_num_media: 1 }, media)).rejects.toThrow(/vectors for 1 places, and 2 are to be read/);
  await expect(run({ max_num_tokens: 1 }, media)).rejects.toThrow(/not supported: max_num_tokens/);
});

test("whether only the last image is seen is read from the arguments", () => {
  expect(gatedCrossAttentionFromArguments({ dim: 8 })).toEqual(gatedCrossAttentionConfigSchema.parse({}));
  const all = gatedCrossAttentionFromArguments({ dim: 8, only_attend_immediate_media: false });
  expect(all.onlyImmediateMedia).toBe(false);
});
