import { describe, expect, it } from "vitest";
import { Graph, initializeParameters } from "../graph/index.ts";
import { backboneFeatures, inputShape, vit } from "./backbone.ts";
import { backboneFiles, decodeBackbone, type ReadyBackbone } from "./backbone-files.ts";

const shape = vit({
  imageSize: 16,
  patchSize: 4,
  channels: 3,
  width: 16,
  depth: 1,
  heads: 2,
  pooling: "mean",
  positions: "sineCosine",
});
const graph = new Graph();
graph.output("pooled", backboneFeatures(shape, graph.input("images", "float32", [1, ...inputShape(shape)])).pooled);
const ready: ReadyBackbone = { ...shape, preprocessing: { mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] } };
const backbone = { ...ready, weights: initializeParameters(graph, 0) };
const files = backboneFiles(backbone);
const config = String(files.get("config.json"));
const weights = files.get("backbone.safetensors") as Uint8Array;

describe("backbone files", () => {
  it("are read back to the same backbone", () => {
    const decoded = decodeBackbone(config, weights, "here");
    expect(decoded.config).toEqual(shape.config);
    expect(decoded.preprocessing).toEqual(ready.preprocessing);
    expect([...decoded.weights.keys()].sort()).toEqual([...backbone.weights.keys()].sort());
    for (const [name, { data }] of decoded.weights) expect(data).toEqual(backbone.weights.get(name)!.data);
  });

  it("use timm's keys", () => {
    expect(JSON.parse(config)).toMatchObject({
      architecture: "vit",
      global_pool: "avg",
      model_args: { img_size: 16, embed_dim: 16 },
    });
    expect([...files.keys()].at(-1)).toBe("config.json");
  });

  it("are refused where configuration and weights do not belong together", () => {
    const wider = JSON.stringify({
      ...(JSON.parse(config) as { model_args: object }),
      model_args: { ...(JSON.parse(config) as { model_args: object }).model_args, depth: 2 },
    });
    expect(() => decodeBackbone(wider, weights, "here")).toThrow(/missing: blocks\.1\./);
    expect(() => decodeBackbone("{}", weights, "here")).toThrow(/does not describe a backbone/);
    expect(() => decodeBackbone("{", weights, "here")).toThrow(/no valid JSON/);
    expect(() => decodeBackbone(config, weights.subarray(0, 50), "here")).toThrow(/backbone\.safetensors/);
  });
});
