import { describe, expect, test } from "vitest";
import { gradients } from "../autodiff.ts";
import { reduceSum } from "../functions/index.ts";
import { float32, zeros } from "../../common/tensor.ts";
import { feed, foreignNode, type graphOf, info, int64, modelBytes, node, x23 } from "./model.test.helper.ts";
import { fromOnnx } from "./read.ts";
import { expectSameOutputs } from "./round-trip.test.helper.ts";

/** relu(x W^T + b) with W and b as initializers. */
const linear = (batch: number | string) =>
  modelBytes({
    nodes: [
      node("Gemm", ["x", "fc.weight", "fc.bias"], ["h"], { transB: { kind: "int", value: 1 } }),
      node("Relu", ["h"], ["y"]),
    ],
    inputs: [info("x", "float32", [batch, 3])],
    outputs: [info("y", "float32", [batch, 2])],
    initializers: { "fc.weight": float32([2, 3], [1, 2, 3, 4, 5, 6]), "fc.bias": float32([2], [0.5, -0.5]) },
  });

describe("weights and constants", () => {
  test("float tensors become parameters under their names, and the graph computes what the file did", async () => {
    const { graph, weights, opaque } = await expectSameOutputs(linear(2), feed(x23));
    expect([...graph.parameters.keys()]).toEqual(["fc.weight", "fc.bias"]);
    expect(weights.get("fc.weight")).toEqual(float32([2, 3], [1, 2, 3, 4, 5, 6]));
    expect([...graph.outputs.keys()]).toEqual(["y"]);
    expect(opaque).toEqual([]);
  });

  test("settings, lone numbers and index tensors become constants, unused tensors are dropped", async () => {
    const { graph } = await fromOnnx(
      modelBytes({
        nodes: [
          node("Clip", ["x", "low", "high"], ["c"]),
          node("Add", ["c", "epsilon"], ["e"]),
          node("Gather", ["e", "index"], ["g"]),
          node("Mul", ["g", "scale"], ["y"]),
        ],
        inputs: [info("x", "float32", [2, 3])],
        outputs: [info("y", "float32", [2, 3])],
        initializers: {
          low: float32([], [0]),
          high: float32([], [1]),
          epsilon: float32([], [1e-5]),
          index: int64(1, 0),
          scale: float32([3], [1, 2, 3]),
          unused: float32([3], [1, 2, 3]),
        },
      }),
    );
    expect([...graph.parameters.keys()]).toEqual(["scale"]);
  });

  test("the caller decides what is a parameter", async () => {
    const { graph } = await fromOnnx(linear(2), { isParameter: (name) => name === "fc.bias" });
    expect([...graph.parameters.keys()]).toEqual(["fc.bias"]);
  });

  test("running statistics are named as buffers", async () => {
    const ones = float32([3], [1, 1, 1]);
    const { buffers } = await fromOnnx(
      modelBytes(
        {
          nodes: [node("BatchNormalization", ["x", "scale", "bias", "mean", "variance"], ["y"])],
          inputs: [info("x", "float32", [2, 3])],
          outputs: [info("y", "float32", [2, 3])],
          initializers: { scale: ones, bias: ones, mean: ones, variance: ones },
        },
        15,
      ),
    );
    expect(buffers).toEqual(["mean", "variance"]);
  });

  test("float16 weights stay float16", async () => {
    const { weights } = await fromOnnx(
      modelBytes({
        nodes: [node("Cast", ["half"], ["wide"], { to: { kind: "int", value: 1 } }), node("Add", ["x", "wide"], ["y"])],
        inputs: [info("x", "float32", [2])],
        outputs: [info("y", "float32", [2])],
        initializers: { half: { dtype: "float16", shape: [2], data: Uint16Array.of(0x3c00, 0x4000) } },
      }),
    );
    expect(weights.get("half")).toEqual({ dtype: "float16", shape: [2], data: Uint16Array.of(0x3c00, 0x4000) });
  });

  test("an imported model can be differentiated like any other", async () => {
    const { graph } = await fromOnnx(linear(2));
    const loss = reduceSum(graph.result("y"), undefined, { keepDimensions: false });
    expect(gradients(loss, [...graph.parameters.values()]).size).toBe(2);
  });
});

describe("dimensions", () => {
  test("names are bound to extents", async () => {
    const { graph } = await expectSameOutputs(linear("batch"), feed(x23), { dimensions: { batch: 2 } });
    expect(graph.inputs.get("x")!.shape).toEqual([2, 3]);
    expect(graph.result("y").shape).toEqual([2, 2]);
  });

  test("open dimensions are listed, and have a default only where the caller gives one", async () => {
    const model = modelBytes({
      nodes: [node("Relu", ["x"], ["y"])],
      inputs: [info("x", "float32", ["batch", undefined, "length"])],
      outputs: [info("y", "float32")],
    });
    await expect(fromOnnx(model)).rejects.toThrow(/open: batch, x\[1\], length/);
    await expect(fromOnnx(model, { dimensions: { batch: 1, size: 2 } })).rejects.toThrow(/no open dimension size/);
    const { graph } = await fromOnnx(model, { dimensions: { "x[1]": 4 }, defaultDimension: 1 });
    expect(graph.result("y").shape).toEqual([1, 4, 1]);
  });

  test("shapes of inputs bind the names in them, and have to fit", async () => {
    const { graph } = await fromOnnx(linear("batch"), { inputShapes: { x: [5, 3] } });
    expect(graph.result("y").shape).toEqual([5, 2]);
    await expect(fromOnnx(linear("batch"), { inputShapes: { x: [5, 4] } })).rejects.toMatchObject({
      code: "shape-mismatch",
    });
  });

  test("shape arithmetic of exporters folds away", async () => {
    const { graph } = await expectSameOutputs(
      modelBytes({
        nodes: [
          node("Shape", ["x"], ["shape"]),
          node("Constant", [], ["zero"], { value: { kind: "tensor", value: { ...int64(0), shape: [] } } }),
          node("Gather", ["shape", "zero"], ["batch"]),
          node("Constant", [], ["axes"], { value: { kind: "tensor", value: int64(0) } }),
          node("Unsqueeze", ["batch", "axes"], ["batches"]),
          node("Constant", [], ["rest"], { value: { kind: "tensor", value: int64(-1) } }),
          node("Concat", ["batches", "rest"], ["target"], { axis: { kind: "int", value: 0 } }),
          node("Reshape", ["x", "target"], ["y"]),
        ],
        inputs: [info("x", "float32", ["batch", 3, 1])],
        outputs: [info("y", "float32", ["batch", undefined])],
      }),
      feed(float32([2, 3, 1], [1, 2, 3, 4, 5, 6])),
      { dimensions: { batch: 2 } },
    );
    expect(graph.nodes.map(({ type }) => type)).toEqual(["Reshape"]);
    expect(graph.result("y").shape).toEqual([2, 3]);
  });

  test("an input can be fixed, and then sizes that depend on it are known", async () => {
    const model = modelBytes({
      nodes: [node("Reshape", ["x", "shape"], ["y"])],
      inputs: [info("x", "float32", [2, 3]), info("shape", "int64", [1])],
      outputs: [info("y", "float32", [undefined])],
    });
    const { graph } = await fromOnnx(model, { fixedInputs: new Map([["shape", int64(6)]]) });
    expect([...graph.inputs.keys()]).toEqual(["x"]);
    expect(graph.result("y").shape).toEqual([6]);
    await expect(fromOnnx(model, { fixedInputs: new Map([["shape", x23]]) })).rejects.toThrow(/does not fit/);
  });
});

describe("files that are no valid models", () => {
  const reject = (nodes: Parameters<typeof graphOf>[0]["nodes"], initializers = {}) =>
    expect(
      fromOnnx(
        modelBytes({ nodes, inputs: [info("x", "float32", [1])], outputs: [info("y", "float32", [1])], initializers }),
      ),
    ).rejects;

  test("a cycle", () =>
    reject([node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Relu", ["b"], ["y"])]).toThrow(
      /"a" is computed from itself/,
    ));
  test("an unknown name", () => reject([node("Add", ["x", "nowhere"], ["y"])]).toThrow(/nothing computes "nowhere"/));
  test("a name given twice", () =>
    reject([node("Relu", ["x"], ["y"]), node("Exp", ["x"], ["y"])]).toThrow(/two values are named "y"/));
  test("an output that nothing computes", () => reject([node("Relu", ["x"], ["z"])]).toThrow(/nothing computes "y"/));
  test("a domain without a version", () =>
    reject([foreignNode("other", "Relu", ["x"], ["y"])]).toThrow(/the domain "other"/));
  test("an opset of the future", async () => {
    const model = modelBytes({ nodes: [], outputs: [] }, 99);
    await expect(fromOnnx(model)).rejects.toThrow(/uses opset 99, supported are 1 to 28/);
  });
  test("weights of another size than their shape", async () => {
    const weight = zeros("float32", [3]);
    await reject([node("Add", ["x", "w"], ["y"])], { w: { ...weight, shape: [2 ** 40, 2 ** 40] } }).toMatchObject({
      code: "bad-file",
    });
  });
  test("a negative dimension", () =>
    reject([node("Add", ["x", "w"], ["y"])], { w: { ...zeros("float32", [1]), shape: [-1] } }).toThrow(/cannot be/));
  test("no bytes, and bytes of something else", async () => {
    await expect(fromOnnx(new Uint8Array())).rejects.toMatchObject({ code: "bad-file" });
    await expect(fromOnnx(new TextEncoder().encode('{"model": "no"}'))).rejects.toMatchObject({ code: "bad-file" });
  });
});
