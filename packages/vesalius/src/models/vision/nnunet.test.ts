import { describe, expect, test } from "vitest";
import { add, crossEntropy, Graph, multiply, type Tensor } from "../../graph/index.ts";
import { convolutionalTolerance, expectReference, readFixture, toInt32 } from "../../testing/reference.node.ts";
import { nnunet, nnunetConfigSchema, nnunetFromPlans, nnunetToPlans } from "./nnunet.ts";

/** Every second element of each spatial axis of `[batch, ...spatial]`. */
function halved({ shape, data }: Tensor): Tensor {
  const [batch, ...spatial] = shape as [number, ...number[]];
  const half = [batch, ...spatial.map((extent) => extent / 2)];
  const size = half.reduce((product, extent) => product * extent, 1);
  const values = Int32Array.from({ length: size }, (_, flat) => {
    let [rest, source, stride] = [flat, 0, 1];
    for (let axis = half.length - 1; axis >= 0; axis--) {
      source += (rest % half[axis]!) * (axis === 0 ? 1 : 2) * stride;
      rest = Math.floor(rest / half[axis]!);
      stride *= shape[axis]!;
    }
    return (data as Int32Array)[source]!;
  });
  return { dtype: "int32", shape: half, data: values };
}

const cases = ["plainconv_2d", "plainconv_3d", "resenc_2d", "resenc_3d"];

describe.each(cases)("nnunet_%s", (name) => {
  test("reproduces nnU-Net with deep supervision: features, logits, loss and every gradient", async () => {
    const fixture = await readFixture(`model/nnunet_${name}`);
    const [images, labels] = [fixture.inputs.get("images")!, toInt32(fixture.inputs.get("labels")!)];
    const config = nnunetFromPlans(fixture.description.config, { channels: images.shape[1]!, classes: 3 });
    const graph = new Graph(name);
    const { encoder, logits } = nnunet(graph.input("images", "float32", images.shape), config);
    graph.output("skip_0", encoder[0]!);
    graph.output("bottleneck", encoder.at(-1)!);
    logits.forEach((value, i) => graph.output(`logits_${i}`, value));
    const coarse = halved(labels);
    const fineLoss = crossEntropy(logits[0]!, graph.input("labels", "int32", labels.shape));
    const coarseLoss = crossEntropy(logits[1]!, graph.input("coarse", "int32", coarse.shape));
    graph.output("loss", add(fineLoss, multiply(coarseLoss, 0.5)));
    await expectReference(graph, fixture, {
      ...convolutionalTolerance,
      feeds: new Map([
        ["images", images],
        ["labels", labels],
        ["coarse", coarse],
      ]),
      outputs: ["skip_0", "bottleneck", "logits_0", "logits_1"],
    });
  });
});

test("strides and kernels may differ from axis to axis, and without deep supervision there is one result", () => {
  const graph = new Graph("nnunet");
  const config = nnunetConfigSchema.parse({
    encoder: "residual",
    features: [2, 4],
    kernels: [[1, 3, 3], 3],
    strides: [1, [1, 2, 2]],
    depths: [1, 1],
    decoderDepths: [1],
    deepSupervision: false,
  });
  const { encoder, logits } = nnunet(graph.input("images", "float32", [1, 1, 5, 8, 6]), config);
  expect(encoder.map(({ shape }) => shape)).toEqual([
    [1, 2, 5, 8, 6],
    [1, 4, 5, 4, 3],
  ]);
  expect(logits.map(({ shape }) => shape)).toEqual([[1, 2, 5, 8, 6]]);
  expect(graph.parameters.get("encoder.stem.convs.0.conv.weight")!.shape).toEqual([2, 1, 1, 3, 3]);
});

test("a configuration whose lists do not fit is refused", () => {
  expect(() => nnunetConfigSchema.parse({ features: [4, 8, 16] })).toThrow(/one entry for each stage/);
  expect(() => nnunetFromPlans({ features_per_stage: [4, 8] }, { channels: 1, classes: 2 })).toThrow(/kernel_sizes/);
});

test("an extent that is no multiple of the strides is named, with the next that fits", () => {
  const config = nnunetConfigSchema.parse({
    features: [2, 2, 2, 2],
    kernels: [3, 3, 3, 3],
    strides: [1, 2, 2, [1, 2, 2]],
    depths: [1, 1, 1, 1],
    decoderDepths: [1, 1, 1],
  });
  const images = new Graph().input("images", "float32", [1, 1, 35, 51, 40]);
  expect(() => nnunet(images, config)).toThrow(
    /extents 35 x 51 x 40 are no multiples.*4 x 8 x 8; read patches of 36 x 56 x 40/,
  );
});

test("normalizations, nonlinearities and biases of the plans are read and written", async () => {
  const { config } = (await readFixture("model/nnunet_plainconv_2d")).description;
  const read = (changes: object) => nnunetFromPlans({ ...config, ...changes }, { channels: 1, classes: 2 });
  const changes = {
    conv_bias: false,
    norm_op: "torch.nn.modules.batchnorm.BatchNorm2d",
    norm_op_kwargs: { eps: 1e-3, affine: true, momentum: 0.2 },
    nonlin: "torch.nn.PReLU",
    nonlin_kwargs: { init: 0.1 },
    nonlin_first: true,
  };
  const other = read(changes);
  expect(other).toMatchObject({
    bias: false,
    norm: { kind: "batch", epsilon: 1e-3, momentum: 0.2 },
    activation: { kind: "prelu", slope: 0.1 },
    nonlinearityFirst: true,
  });
  const { architecture } = nnunetToPlans(other, 2);
  expect(nnunetFromPlans(architecture.arch_kwargs, { channels: 1, classes: 2 })).toEqual(other);
  expect(read({ norm_op: "torch.nn.InstanceNorm2d", norm_op_kwargs: null }).norm).toEqual({
    kind: "instance",
    affine: false,
  });
  const graph = new Graph();
  nnunet(graph.input("images", "float32", [2, 1, 16, 16]), { ...other, encoder: "residual" }, { training: true });
  const names = [...graph.parameters.keys()];
  expect(names).toContain("encoder.stages.0.blocks.0.nonlin2.weight");
  expect(names).toContain("encoder.stages.0.blocks.0.conv1.nonlin.weight");
  expect(names.filter((name) => /conv\.bias$|transpconvs.*bias$/.test(name))).toEqual([]);
  expect([...graph.outputs.keys()]).toContain("encoder.stem.convs.0.norm.running_mean.next");
});

test("layers of other kinds in the plans are refused by name", async () => {
  const { config } = (await readFixture("model/nnunet_plainconv_2d")).description;
  const read = (changes: object) => () => nnunetFromPlans({ ...config, ...changes }, { channels: 1, classes: 2 });
  expect(read({ norm_op: "torch.nn.GroupNorm" })).toThrow(/norm_op/);
  expect(read({ norm_op_kwargs: { eps: 1e-5, affine: true, track_running_stats: true } })).toThrow(
    /track_running_stats/,
  );
  expect(read({ norm_op: "BatchNorm2d", norm_op_kwargs: { affine: false } })).toThrow(/affine/);
  expect(read({ nonlin: "torch.nn.Hardtanh" })).toThrow(/nonlin/);
  expect(read({ nonlin: "torch.nn.ReLU", nonlin_kwargs: { negative_slope: 0.1 } })).toThrow(/slope/);
  expect(read({ dropout_op: "torch.nn.Dropout2d" })).toThrow(/dropout_op/);
  expect(read({ squeeze_excitation: true })).toThrow(/not supported: squeeze_excitation/);
});
