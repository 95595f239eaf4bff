import { describe, expect, test } from "vitest";
import { crossEntropy, float32, Graph, initializeParameters, sliceAxes, type Value } from "../../graph/index.ts";
import { expectClose, expectReference, readFixture, runGraph, toInt32 } from "../../testing/reference.node.ts";
import {
  swinUnetr,
  swinUnetrConfigSchema,
  swinUnetrEncoder,
  swinUnetrFromMonai,
  swinUnetrToMonai,
} from "./swin-unetr.ts";

/** Every second element along axes, as the fixture of the volume stores its largest outputs. */
const thinned = (x: Value, axes: readonly number[]): Value =>
  sliceAxes(
    x,
    axes.map((axis) => ({ axis, start: 0, end: x.shape[axis]!, step: 2 })),
  );

describe.each([
  { dimensions: "2d", fineAxes: [], logitAxes: [] },
  { dimensions: "3d", fineAxes: [2, 3], logitAxes: [2, 3, 4] },
])("$dimensions", ({ dimensions, fineAxes, logitAxes }) => {
  test("reproduces MONAI's Swin UNETR: hidden states, logits, loss and every gradient", async () => {
    const fixture = await readFixture(`model/swin_unetr_${dimensions}`);
    const [images, labels] = [fixture.inputs.get("images")!, toInt32(fixture.inputs.get("labels")!)];
    const graph = new Graph("swinUnetr");
    const config = swinUnetrFromMonai(fixture.description.config);
    const { hidden, logits } = swinUnetr(graph.input("images", "float32", images.shape), config);
    graph.output("swin_hidden_0", thinned(hidden[0]!, fineAxes));
    graph.output("swin_hidden_2", hidden[2]!);
    graph.output("swin_hidden_4", hidden[4]!);
    graph.output("logits", thinned(logits, logitAxes));
    graph.output("loss", crossEntropy(logits, graph.input("labels", "int32", labels.shape)));
    await expectReference(graph, fixture, {
      outputTolerance: [1e-3, 1e-4],
      gradientTolerance: [2e-3, 1e-5],
      feeds: new Map([
        ["images", images],
        ["labels", labels],
      ]),
      outputs: ["swin_hidden_0", "swin_hidden_2", "swin_hidden_4", "logits"],
    });
  });
});

test("shifted windows in a volume whose stages are larger than a window", () => {
  const graph = new Graph("swinUnetr");
  const config = swinUnetrConfigSchema.parse({
    featureWidth: 6,
    heads: [1, 2, 2, 2],
    windowSize: 4,
    merging: "second",
  });
  const stages = swinUnetrEncoder(graph.input("images", "float32", [2, 1, 32, 64, 32]), config);
  expect(stages.map(({ shape }) => shape)).toEqual([
    [2, 6, 16, 32, 16],
    [2, 12, 8, 16, 8],
    [2, 24, 4, 8, 4],
    [2, 48, 2, 4, 2],
    [2, 96, 1, 2, 1],
  ]);
});

/** Arguments of a small network. */
const small = { in_channels: 2, out_channels: 3, feature_size: 4, depths: [1, 1, 1, 1], num_heads: [1, 1, 2, 2] };

function parametersOf(changes: Readonly<Record<string, unknown>>, shape = [1, 2, 32, 64]) {
  const graph = new Graph("swinUnetr");
  const config = swinUnetrFromMonai({ ...small, spatial_dims: 2, window_size: 2, ...changes });
  graph.output("logits", swinUnetr(graph.input("images", "float32", shape), config).logits);
  expect(graph.outputs.get("logits")!.shape).toEqual([1, 3, ...shape.slice(2)]);
  return Object.fromEntries([...graph.parameters].map(([name, value]) => [name, value.shape]));
}

test("the defaults of the arguments are those of MONAI", () => {
  const { in_channels, out_channels } = small;
  const config = swinUnetrFromMonai({ in_channels, out_channels });
  expect(config).toMatchObject({ featureWidth: 24, depths: [2, 2, 2, 2], heads: [3, 6, 12, 24], windowSize: 7 });
  const given = { qkv_bias: true, mlp_ratio: 4, patch_norm: false, use_v2: false, norm_name: "instance" };
  expect(swinUnetrFromMonai({ in_channels, out_channels, ...given, window_size: [7, 7, 7] })).toEqual(config);
});

test("the parameters of each option have MONAI's names and shapes", () => {
  const usual = parametersOf({});
  expect(Object.keys(usual).filter((name) => /layers\dc|patch_embed\.norm|running/.test(name))).toEqual([]);
  const bare = parametersOf({ qkv_bias: false, mlp_ratio: 2, patch_norm: true, norm_name: "batch" });
  expect(Object.keys(bare).filter((name) => name.endsWith("qkv.bias"))).toEqual([]);
  expect(bare["swinViT.layers2.0.blocks.0.mlp.linear1.weight"]).toEqual([16, 8]);
  expect(bare["swinViT.patch_embed.norm.weight"]).toEqual([4]);
  expect(bare["decoder1.conv_block.norm3.running_mean"]).toEqual([4]);
  // Blocks in front of the stages keep their channels, so that there is no third convolution and no norm with weights.
  const second = parametersOf({ use_v2: true, norm_name: ["group", { num_groups: 2 }] });
  const added = Object.keys(second).filter((name) => /layers\dc/.test(name));
  expect(added).toEqual(
    [1, 2, 3, 4].flatMap((stage) => [1, 2].map((i) => `swinViT.layers${stage}c.0.layer.conv${i}.conv.weight`)),
  );
  expect(second["swinViT.layers4c.0.layer.conv1.conv.weight"]).toEqual([32, 32, 3, 3]);
});

test("windows have an extent along each axis", () => {
  const table = "swinViT.layers1.0.blocks.0.attn.relative_position_bias_table";
  expect(parametersOf({ window_size: [2, 4] })[table]).toEqual([3 * 7, 1]);
  expect(() => parametersOf({ window_size: [2, 4, 4] })).toThrow(/3 extents do not fit spatial_dims 2/);
  expect(swinUnetrToMonai(swinUnetrFromMonai({ ...small, window_size: [7, 7, 4] }), 3).window_size).toEqual([7, 7, 4]);
});

test("the second version with blocks that add nothing is the first", async () => {
  const run = async (use_v2: boolean) => {
    const graph = new Graph("swinUnetr");
    const images = graph.input("images", "float32", [1, 2, 32, 32]);
    const config = swinUnetrFromMonai({ ...small, spatial_dims: 2, window_size: 2, use_v2 });
    const stages = swinUnetrEncoder(images, config);
    graph.output("stage", stages[1]!);
    const weights = initializeParameters(graph, 1);
    // Vectors of patches that are not negative pass the nonlinearity behind an empty block unchanged.
    for (const [name, { shape }] of weights)
      if (/layers\dc|patch_embed\.proj\.weight/.test(name))
        weights.set(name, float32(shape, new Float32Array(shape.reduce((n, extent) => n * extent, 1))));
    weights.set("swinViT.patch_embed.proj.bias", float32([4], [0.5, 1, 2, 4]));
    const data = Float32Array.from({ length: 2048 }, (_, i) => Math.sin(i));
    return (await runGraph(graph, new Map([...weights, ["images", float32([1, 2, 32, 32], data)]]))).get("stage")!;
  };
  expectClose(await run(true), await run(false), 1e-5, 1e-6, "first stage");
});

test("the arguments are written as they were read", () => {
  const options = { use_v2: true, qkv_bias: false, mlp_ratio: 2, patch_norm: true, downsample: "mergingv2" };
  const config = swinUnetrFromMonai({ ...small, ...options, normalize: false, norm_name: "batch" });
  expect(swinUnetrFromMonai({ ...swinUnetrToMonai(config, 3), out_channels: 3 })).toEqual(config);
});

test("what is no Swin UNETR of two-pixel patches is refused", () => {
  expect(() => swinUnetrFromMonai({ ...small, patch_size: 4 })).toThrow(/no MONAI SwinUNETR.*patch_size/s);
  expect(() => swinUnetrFromMonai({ ...small, downsample: "mergingv3" })).toThrow(/no MONAI SwinUNETR.*downsample/s);
});
