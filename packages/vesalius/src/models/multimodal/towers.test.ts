import { describe, expect, test } from "vitest";
import { Graph, type Tensors, zeros } from "../../graph/index.ts";
import { architectures } from "../architectures.ts";
import {
  batchFeeds,
  exampleInputs,
  featureGraph,
  graphInputs,
  nanoNetwork,
  runFeatures,
} from "../architectures.test.helper.ts";
import { smallestSize, withPreset } from "../make-backbone.ts";
import type { Network } from "../network.ts";

const image = { name: "resnet", preset: "nano" };
const text = { name: "bert", preset: "nano" };
const record = { name: "perceptron", preset: "nano" };
const fusions = ["fusion", "bilinearFusion"] as const;
const fusion = (name: (typeof fusions)[number] = "fusion") => nanoNetwork(name, { towers: { image, record, text } });

const batchOf = (network: Network): Tensors =>
  batchFeeds([0, 1, 2].map((i) => exampleInputs(network, i, 12 - 4 * i, 12)));
/** Feeds of some roles only. */
const without = (feeds: Tensors, ...roles: readonly string[]): Tensors =>
  new Map([...feeds].filter(([name]) => !roles.some((role) => name.startsWith(`${role}.`))));

describe("towers", () => {
  test("stand in one graph under the names of their roles", () => {
    const network = nanoNetwork("dualTower", { towers: { image, text } });
    const { graph } = featureGraph(network, batchOf(network));
    const names = [...graph.parameters.keys()];
    expect(names).toContain("image.conv1.weight");
    expect(names).toContain("text.bert.embeddings.word_embeddings.weight");
    expect(names.filter((name) => !/^(image|text)\./.test(name))).toEqual([
      "image_projection.weight",
      "text_projection.weight",
      "logit_scale",
    ]);
    expect(network.layerOf("logit_scale")).toBe(network.layers + 1);
    // A tower that is less deep ends beside the other.
    expect(network.layerOf("text.bert.encoder.layer.0.output.dense.weight")).toBe(network.layers);
    expect(network.layerOf("text.bert.embeddings.word_embeddings.weight")).toBe(network.layers - 1);
  });

  test("give unit vectors, also one without the other", async () => {
    const network = nanoNetwork("dualTower", { towers: { image, text } });
    const feeds = batchOf(network);
    const both = await runFeatures(network, feeds);
    const alone = await runFeatures(network, without(feeds, "image"));
    expect([...alone.keys()].filter((name) => name.startsWith("image"))).toEqual([]);
    expect(alone.get("text.pooled")!.data).toEqual(both.get("text.pooled")!.data);
    const [rows, width] = both.get("text.pooled")!.shape as [number, number];
    const vectors = both.get("text.pooled")!.data as Float32Array;
    for (let row = 0; row < rows; row++)
      expect(Math.hypot(...vectors.subarray(row * width, (row + 1) * width))).toBeCloseTo(1, 5);
  });

  test("with one set of weights read both roles alike", async () => {
    const network = nanoNetwork("dualTower", { towers: { query: text, document: { sameAs: "query" } } });
    expect(network.alike).toEqual([["query", "document"]]);
    const one = exampleInputs(network, 5, 7, 12);
    const same = { query: one["query"]!, document: one["query"]! };
    const found = await runFeatures(network, batchFeeds([same, same]));
    expect(found.get("document.pooled")).toEqual(found.get("query.pooled"));
    const { graph } = featureGraph(network, batchOf(network));
    expect([...graph.parameters.keys()].some((name) => name.startsWith("document"))).toBe(false);
  });

  test("keep their own heads", () => {
    const network = nanoNetwork("dualTower", { towers: { image, text } });
    const graph = new Graph();
    const mode = { training: true };
    const features = network.features(graphInputs(graph, batchOf(network)), mode);
    const { logits } = network.heads!["text.vocabulary"]!(features, 0, mode);
    expect(logits!.shape).toEqual([3, 12, 40]);
    expect(graph.parameters.has("text.cls.predictions.bias")).toBe(true);
    expect(network.mayDiffer!("text.bert.pooler.dense.weight")).toBe("either");
  });

  test("that do not work are refused with the setting that is meant", () => {
    const make = (towers: object) => () => architectures.create({ name: "dualTower", towers });
    expect(make({ image })).toThrow(/towers.*two/);
    expect(make({ image, text: { name: "bort" } })).toThrow(/bort|name/);
    expect(make({ image, text: { ...text, depht: 3 } })).toThrow(/towers\.text.*depht/);
    expect(make({ image, text: { ...text, preset: "huge" } })).toThrow(/bert has no preset huge.*nano/);
    expect(make({ image, text: { sameAs: "picture" } })).toThrow(/same as picture, which is none.*image/);
    expect(make({ image, text: { name: "dualTower", towers: { image, text } } })).toThrow(/a tower reads one thing/);
    expect(() => architectures.create({ name: "fusion", towers: { fusion: text } })).toThrow(/no role called fusion/);
    const network = nanoNetwork("fusion", { towers: { image, text } });
    expect(() => network.features({}, { training: false })).toThrow(/none of image, text is given/);
  });
});

describe.each(fusions)("%s", (name) => {
  test("shows a role's own heads what the others say", () => {
    const network = fusion(name);
    const graph = new Graph();
    const mode = { training: true };
    const features = network.features(graphInputs(graph, batchOf(network)), mode);
    const seen = network.roleFeatures!(features, "text");
    expect(seen.places!.shape).toEqual(features.towers!["text"]!.places!.shape);
    const { logits } = network.heads!["text.vocabulary"]!({ ...features, towers: { text: seen } }, 0, mode);
    expect(logits!.shape).toEqual([3, 12, 40]);
    expect([...graph.parameters.keys()]).toContain(`${name === "fusion" ? "fusion" : "bilinear"}.text.back.weight`);
    expect(() => network.roleFeatures!(features, "record")).toThrow(/places/);
  });

  test("does not see what is not present, whatever stands there", async () => {
    const network = fusion(name);
    const feeds = batchOf(network);
    const hidden = new Map(feeds);
    hidden.set("image.present", { dtype: "float32", shape: [3], data: Float32Array.of(0, 0, 0) });
    const noise = new Map(hidden);
    const pixels = feeds.get("image.pixels")!;
    noise.set("image.pixels", { ...pixels, data: Float32Array.from(pixels.data as Float32Array, (x) => 7 - x) });
    const [seen, a, b, absent] = [
      await runFeatures(network, feeds),
      await runFeatures(network, hidden),
      await runFeatures(network, noise),
      await runFeatures(network, without(feeds, "image")),
    ];
    expect(b.get("pooled")).toEqual(a.get("pooled"));
    const [hiddenData, absentData] = [a, absent].map((found) => found.get("pooled")!.data as Float32Array) as [
      Float32Array,
      Float32Array,
    ];
    hiddenData.forEach((value, i) => expect(value).toBeCloseTo(absentData[i]!, 4));
    const seenData = seen.get("pooled")!.data as Float32Array;
    expect(hiddenData.some((value, i) => Math.abs(value - seenData[i]!) > 1e-3)).toBe(true);
  });

  test("gives finite features where everything is missing", async () => {
    const network = fusion(name);
    const feeds: Tensors = new Map();
    for (const [name, { dtype, shape }] of batchOf(network)) feeds.set(name, zeros(dtype, shape));
    const found = await runFeatures(network, feeds);
    for (const [name, { data }] of found) expect((data as Float32Array).every(Number.isFinite), name).toBe(true);
  });
});

describe("a fusion", () => {
  test("of pooled vectors shows no places", () => {
    const mode = { training: true };
    const pooled = nanoNetwork("fusion", { towers: { image, text }, sees: "pooled" });
    const other = pooled.features(graphInputs(new Graph(), batchOf(pooled)), mode);
    expect(() => pooled.roleFeatures!(other, "text")).toThrow(/places of text are not seen/);
  });
});

test("presets are written out, and the smallest size reaches into towers", () => {
  const spec = {
    name: "fusion",
    preset: "micro",
    width: 32,
    towers: { text: { name: "bert", depth: 9, positions: "relative" } },
  };
  expect(withPreset(architectures, spec)).toEqual({ name: "fusion", width: 32, depth: 2, towers: spec.towers });
  expect(smallestSize(architectures, spec)).toMatchObject({
    name: "fusion",
    width: 16,
    towers: { text: { name: "bert", depth: 1, width: 16, positions: "relative" } },
  });
});
