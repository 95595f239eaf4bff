import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../../common/random.ts";
import { elementCount, float32, type Tensor, type Tensors } from "../../../common/tensor.ts";
import type { Attribute } from "../../value.ts";
import { graphOf, info, modelBytes, node, withBody } from "../model.test.helper.ts";
import { expectSameOutputs } from "../round-trip.test.helper.ts";

function random(shape: readonly number[], seed: number): Tensor {
  const stream = randomStream(seed, "upgrade");
  return float32(
    shape,
    Array.from({ length: elementCount(shape) }, () => 2 * stream.uniform() - 1),
  );
}

const int = (value: number): Attribute => ({ kind: "int", value });
const ints = (value: readonly number[]): Attribute => ({ kind: "ints", value });
const float = (value: number): Attribute => ({ kind: "float", value });
const floats = (value: readonly number[]): Attribute => ({ kind: "floats", value });
const string = (value: string): Attribute => ({ kind: "string", value });

/** A model of one node with one input x. */
const single = (
  type: string,
  shape: readonly number[],
  attributes: Record<string, Attribute>,
  opset: number,
  initializers: Record<string, Tensor> = {},
  outputs: readonly string[] = ["y"],
): Uint8Array =>
  modelBytes(
    {
      nodes: [node(type, ["x", ...Object.keys(initializers)], outputs, attributes)],
      inputs: [info("x", "float32", shape)],
      outputs: outputs.map((name) => info(name, "float32")),
      initializers,
    },
    opset,
  );

const feeds = (shape: readonly number[], seed = 0): Tensors => new Map([["x", random(shape, seed)]]);
const scales = (...values: number[]): Tensor => float32([values.length], values);

describe("older forms give the same outputs", () => {
  const shape = [2, 3, 4];
  test.each<[string, string, Record<string, Attribute>, number]>([
    ["Squeeze with axes", "Squeeze", { axes: ints([0]) }, 11],
    ["Unsqueeze with axes", "Unsqueeze", { axes: ints([0, -1]) }, 11],
    ["ReduceSum with axes", "ReduceSum", { axes: ints([1]), keepdims: int(0) }, 11],
    ["ReduceMean with axes", "ReduceMean", { axes: ints([-1]) }, 13],
    ["ReduceMax over all", "ReduceMax", {}, 13],
    ["ReduceL2 with axes", "ReduceL2", { axes: ints([0, 2]) }, 17],
    ["Clip with bounds", "Clip", { min: float(-0.5), max: float(0.25) }, 10],
    ["Clip with one bound", "Clip", { max: float(0.25) }, 9],
    ["Slice with attributes", "Slice", { starts: ints([0, -2]), ends: ints([2, 1000]), axes: ints([1, 2]) }, 9],
    ["Pad with attributes", "Pad", { pads: ints([0, 1, 0, 0, 0, 2]), value: float(1.5) }, 10],
    ["Pad that reflects", "Pad", { pads: ints([0, 1, 0, 0, 1, 2]), mode: string("reflect") }, 9],
    ["Hardmax", "Hardmax", { axis: int(1) }, 11],
  ])("%s", async (_, type, attributes, opset) => {
    const given = type === "Squeeze" ? [1, 3, 4] : shape;
    const { opaque } = await expectSameOutputs(single(type, given, attributes, opset), feeds(given));
    expect(opaque.filter(({ reason }) => !reason.includes("not in the registry"))).toEqual([]);
  });

  test("Split into equal parts, by sizes as an attribute, and by sizes as an input", async () => {
    const parts = ["a", "b"];
    await expectSameOutputs(single("Split", [2, 4], { axis: int(1) }, 11, {}, parts), feeds([2, 4]));
    await expectSameOutputs(
      single("Split", [2, 4], { axis: int(1), split: ints([1, 3]) }, 11, {}, parts),
      feeds([2, 4]),
    );
    const sizes: Tensor = { dtype: "int64", shape: [2], data: BigInt64Array.of(3n, 1n) };
    await expectSameOutputs(single("Split", [2, 4], { axis: int(1) }, 13, { sizes }, parts), feeds([2, 4]));
    await expectSameOutputs(single("Split", [2, 4], { axis: int(1) }, 13, {}, parts), feeds([2, 4]));
  });

  test("Upsample with scales as an attribute and as an input, Resize of opset 10", async () => {
    const image = [1, 1, 2, 3];
    for (const mode of ["nearest", "linear"]) {
      const attributes = { mode: string(mode) };
      await expectSameOutputs(
        single("Upsample", image, { ...attributes, scales: floats([1, 1, 2, 2]) }, 7),
        feeds(image),
      );
      await expectSameOutputs(single("Upsample", image, attributes, 9, { scales: scales(1, 1, 2, 3) }), feeds(image));
      await expectSameOutputs(single("Resize", image, attributes, 10, { scales: scales(1, 1, 2, 2) }), feeds(image));
    }
  });

  test("GridSample with the names of images, in a graph and in a body", async () => {
    const grid = random([1, 2, 2, 2], 1);
    await expectSameOutputs(
      single("GridSample", [1, 1, 3, 3], { mode: string("bilinear") }, 16, { grid }),
      feeds([1, 1, 3, 3]),
    );
    const branch = graphOf({
      nodes: [node("GridSample", ["x", "grid"], ["sampled"], { mode: string("bicubic") })],
      outputs: [info("sampled", "float32")],
    });
    const plain = graphOf({
      nodes: [node("GridSample", ["x", "grid"], ["plain"])],
      outputs: [info("plain", "float32")],
    });
    const choice = withBody(withBody(node("If", ["c"], ["y"]), "then_branch", branch), "else_branch", plain);
    const model = modelBytes(
      {
        nodes: [choice],
        inputs: [info("x", "float32", [1, 1, 3, 3]), info("c", "bool", [])],
        outputs: [info("y", "float32")],
        initializers: { grid },
      },
      16,
    );
    const condition: Tensor = { dtype: "bool", shape: [], data: Uint8Array.of(1) };
    await expectSameOutputs(model, new Map([...feeds([1, 1, 3, 3]), ["c", condition]]));
  });

  test("GroupNormalization with an entry for each group", async () => {
    const bias = scales(0.5, -0.5);
    const model = single("GroupNormalization", [1, 4, 3], { num_groups: int(2) }, 18, { scale: scales(1, 2), bias });
    const { graph, weights } = await expectSameOutputs(model, feeds([1, 4, 3]));
    expect(graph.result("y").shape).toEqual([1, 4, 3]);
    expect([...weights.keys()]).toEqual(["scale", "bias"]);
  });
});

describe("Softmax before opset 13 runs over all axes from one on", () => {
  test("for every rank, axis and operator", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.constantFrom("Softmax", "LogSoftmax"),
        fc.boolean(),
        async (shape, choice, type, named) => {
          const axis = choice % shape.length;
          fc.pre(named || shape.length > 1);
          const model = single(type, shape, named ? { axis: int(axis) } : {}, 11);
          const { opaque } = await expectSameOutputs(model, feeds(shape, choice));
          expect(opaque).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("in a body too, where the rank is not known", async () => {
    const body = graphOf({
      nodes: [node("Softmax", ["x"], ["soft"])],
      outputs: [info("soft", "float32", [2, 3, 2])],
    });
    const other = graphOf({ nodes: [node("Neg", ["x"], ["neg"])], outputs: [info("neg", "float32", [2, 3, 2])] });
    const choice = withBody(withBody(node("If", ["c"], ["y"]), "then_branch", body), "else_branch", other);
    const model = modelBytes(
      {
        nodes: [choice],
        inputs: [info("x", "float32", [2, 3, 2]), info("c", "bool", [])],
        outputs: [info("y", "float32", [2, 3, 2])],
      },
      11,
    );
    const condition: Tensor = { dtype: "bool", shape: [], data: Uint8Array.of(1) };
    await expectSameOutputs(model, new Map([...feeds([2, 3, 2]), ["c", condition]]));
  });
});
