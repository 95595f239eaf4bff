import { describe, expect, test } from "vitest";
import { crossEntropy, float32, Graph, initializeParameters, type Tensors } from "../../graph/index.ts";
import {
  convolutionalTolerance,
  expectClose,
  expectReference,
  readFixture,
  runGraph,
  toInt32,
} from "../../testing/reference.node.ts";
import { unetrBlock } from "../layers/unetr-decoder.ts";
import { unetr, unetrConfigSchema, unetrFromMonai, unetrToMonai } from "./unetr.ts";

describe.each(["2d", "3d"])("%s", (dimensions) => {
  test("reproduces MONAI's UNETR: hidden states, logits, loss and every gradient", async () => {
    const fixture = await readFixture(`model/unetr_${dimensions}`);
    const [images, labels] = [fixture.inputs.get("images")!, toInt32(fixture.inputs.get("labels")!)];
    const graph = new Graph("unetr");
    const config = unetrFromMonai(fixture.description.config);
    const { hidden, tokens, logits } = unetr(graph.input("images", "float32", images.shape), config);
    graph.output("vit_hidden_3", hidden[3]!);
    graph.output("vit_output", tokens);
    graph.output("logits", logits);
    graph.output("loss", crossEntropy(logits, graph.input("labels", "int32", labels.shape)));
    await expectReference(graph, fixture, {
      ...convolutionalTolerance,
      feeds: new Map([
        ["images", images],
        ["labels", labels],
      ]),
      outputs: ["vit_hidden_3", "vit_output", "logits"],
    });
  });
});

/** Arguments of a small network. */
const small = {
  in_channels: 2,
  out_channels: 3,
  img_size: [32, 16],
  feature_size: 2,
  hidden_size: 4,
  mlp_dim: 8,
  num_heads: 2,
  spatial_dims: 2,
};
const shape = [1, 2, 32, 16];
const images = float32(
  shape,
  Float32Array.from({ length: 1024 }, (_, i) => Math.sin(i)),
);

function built(changes: Readonly<Record<string, unknown>>, training = false): Graph {
  const graph = new Graph("unetr");
  const config = unetrFromMonai({ ...small, ...changes });
  graph.output("logits", unetr(graph.input("images", "float32", shape), config, { training }).logits);
  return graph;
}

const shapesOf = (graph: Graph): Record<string, readonly number[]> =>
  Object.fromEntries([...graph.parameters].map(([name, value]) => [name, value.shape]));

const logitsOf = async (graph: Graph, weights: Tensors) =>
  (await runGraph(graph, new Map([...weights, ["images", images]]))).get("logits")!;

test("the defaults of the arguments are those of MONAI", () => {
  const given = { norm_name: "instance", conv_block: true, res_block: true, proj_type: "conv", qkv_bias: false };
  expect(unetrFromMonai({ ...small, ...given })).toEqual(unetrFromMonai(small));
  expect(unetrFromMonai({ ...small, img_size: 32, pos_embed: "conv" }).imageSize).toEqual([32, 32]);
  expect(unetrFromMonai({ ...small, img_size: 32, spatial_dims: 3 }).imageSize).toEqual([32, 32, 32]);
  // As models that were saved before the other normalizations could be told say it.
  expect(unetrConfigSchema.parse({ norm: { kind: "instance" } }).norm).toEqual({ kind: "instance", affine: false });
});

test("the parameters of each option have MONAI's names and shapes", () => {
  const usual = shapesOf(built({}));
  expect(usual["encoder2.blocks.0.0.conv.weight"]).toEqual([4, 4, 2, 2]);
  // Two channels stay two, so that the shortcut is the input itself.
  expect(usual).not.toHaveProperty(["encoder1.layer.conv3.conv.weight"]);
  expect(usual["decoder2.conv_block.conv3.conv.weight"]).toEqual([2, 4, 1, 1]);
  const bare = shapesOf(built({ conv_block: false }));
  expect(bare["encoder2.blocks.1.conv.weight"]).toEqual([4, 4, 2, 2]);
  expect(Object.keys(bare).filter((name) => /^encoder[234]\.blocks\.\d\.[01]\./.test(name))).toEqual([]);
  const basic = shapesOf(built({ res_block: false, norm_name: "batch" }));
  expect(Object.keys(basic).filter((name) => /conv3|norm3/.test(name))).toEqual([]);
  expect(basic["decoder2.conv_block.norm2.running_var"]).toEqual([2]);
  expect(basic["encoder2.blocks.1.1.norm1.weight"]).toEqual([4]);
  const group = shapesOf(built({ norm_name: ["group", { num_groups: 2 }] }));
  expect(group["encoder1.layer.norm1.bias"]).toEqual([2]);
  expect(shapesOf(built({ norm_name: ["instance", { affine: true }] }))["encoder1.layer.norm1.weight"]).toEqual([2]);
  expect(shapesOf(built({ qkv_bias: true }))["vit.blocks.11.attn.qkv.bias"]).toEqual([12]);
  const perceptron = shapesOf(built({ pos_embed: "perceptron" }));
  expect(perceptron["vit.patch_embedding.patch_embeddings.1.weight"]).toEqual([4, 512]);
  expect(perceptron).not.toHaveProperty(["vit.patch_embedding.patch_embeddings.weight"]);
});

test("a perceptron over patches is a convolution whose kernel has the channels last", async () => {
  const [convolution, perceptron] = [built({}), built({ proj_type: "perceptron" })];
  const weights = initializeParameters(convolution, 3);
  const projection = "vit.patch_embedding.patch_embeddings";
  const kernel = weights.get(`${projection}.weight`)!.data as Float32Array;
  const moved = kernel.map((_, i) => kernel[Math.floor(i / 512) * 512 + (i % 2) * 256 + Math.floor((i % 512) / 2)]!);
  const others = [...weights].filter(([name]) => !name.startsWith(projection));
  const same: Tensors = new Map([
    ...others,
    [`${projection}.1.weight`, float32([4, 512], moved)],
    [`${projection}.1.bias`, weights.get(`${projection}.bias`)!],
  ]);
  expectClose(await logitsOf(perceptron, same), await logitsOf(convolution, weights), 1e-4, 1e-5, "logits");
});

test("a residual block adds its input in front of the last nonlinearity, a plain one does not", async () => {
  const graph = new Graph("blocks");
  const x = graph.input("x", "float32", [1, 1, 3, 3]);
  const style = { norm: { kind: "batch" }, mode: { training: false } } as const;
  for (const residual of [true, false])
    graph.output(`${residual}`, unetrBlock(x, `b${residual}`, 1, { ...style, residual }));
  // Both convolutions take the negative of the centre; batch statistics at their start leave all but epsilon.
  const weights = initializeParameters(graph, 1);
  for (const [name, { shape: own }] of weights)
    if (name.endsWith(".conv.weight")) weights.set(name, float32(own, [0, 0, 0, 0, -1, 0, 0, 0, 0]));
  const data = Float32Array.from([-4, -3, -2, -1, 0, 1, 2, 3, 4]);
  const results = await runGraph(graph, new Map([...weights, ["x", float32([1, 1, 3, 3], data)]]));
  const leaky = (value: number): number => (value < 0 ? 0.01 * value : value);
  const expected = (add: number) => data.map((value) => leaky(-leaky(-value) + add * value));
  expectClose(results.get("false")!, float32([1, 1, 3, 3], expected(0)), 1e-4, 1e-4, "plain");
  expectClose(results.get("true")!, float32([1, 1, 3, 3], expected(1)), 1e-4, 1e-4, "residual");
});

test("batch normalization learns running statistics in training alone", () => {
  const next = (graph: Graph) => [...graph.outputs.keys()].filter((name) => name.endsWith(".running_mean.next"));
  expect(next(built({ norm_name: "batch" }))).toEqual([]);
  expect(next(built({ norm_name: "batch" }, true))).toContain("encoder3.blocks.0.1.norm2.running_mean.next");
});

test("the arguments are written as they were read", () => {
  const given = { ...small, norm_name: ["group", { num_groups: 2 }], conv_block: false, proj_type: "perceptron" };
  const config = unetrFromMonai({ ...given, res_block: false, qkv_bias: true });
  expect(unetrFromMonai({ ...unetrToMonai(config), out_channels: 3 })).toEqual(config);
});

test("the image size is a multiple of the patch, and other architectures are refused", () => {
  expect(() => unetrConfigSchema.parse({ imageSize: [96, 90] })).toThrow(/16/);
  expect(() => unetrFromMonai({ in_channels: 1, out_channels: 2, img_size: [96, 96], res_block: "no" })).toThrow(
    /no MONAI UNETR.*res_block/s,
  );
  expect(() => unetrFromMonai({ in_channels: 1, out_channels: 2, img_size: [96, 90] })).toThrow(/no MONAI UNETR.*16/s);
  expect(() => unetrFromMonai({ ...small, spatial_dims: 3 })).toThrow(/2 extents do not fit spatial_dims 3/);
  expect(() => unetrFromMonai({ ...small, proj_type: "fourier" })).toThrow(/proj_type/);
  expect(() => unetrFromMonai({ ...small, norm_name: "layer" })).toThrow(/"layer" is not supported.*each resolution/s);
  expect(() => unetrFromMonai({ ...small, norm_name: "localresponse" })).toThrow(/neighbouring channels/);
});
