import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { gradients } from "../autodiff.ts";
import { reduceSum } from "../functions/index.ts";
import { float32, type Tensor, type Tensors, zeros } from "../tensor.ts";
import { AttributeProtoSchema, FunctionProtoSchema } from "./generated/onnx_pb.ts";
import { foreignNode, graphOf, info, modelBytes, node, withBody } from "./model.test.helper.ts";
import { fromOnnx } from "./read.ts";
import { expectSameOutputs, withEngine } from "./round-trip.test.helper.ts";
import { toOnnx } from "./write.ts";

const x23 = float32([2, 3], [1, -2, 3, -4, 5, -6]);
const feed = (tensor: Tensor, name = "x"): Tensors => new Map([[name, tensor]]);
const bool = (value: boolean): Tensor => ({ dtype: "bool", shape: [], data: Uint8Array.of(value ? 1 : 0) });
const int64 = (...values: number[]): Tensor => ({
  dtype: "int64",
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

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

describe("operators that the registry does not know", () => {
  const nonZero = modelBytes({
    nodes: [
      node("NonZero", ["x"], ["positions"]),
      node("Transpose", ["positions"], ["rows"]),
      node("Shrink", ["x"], ["s"], { lambd: { kind: "float", value: 0.5 } }),
      node("Mul", ["s", "w"], ["y"]),
    ],
    inputs: [info("x", "float32", [2, 3])],
    outputs: [info("rows", "int64", [undefined, 2]), info("y", "float32", [2, 3])],
    initializers: { w: float32([3], [1, 2, 3]) },
  });

  test("run, with types from ONNX Runtime", async () => {
    const { graph, opaque } = await expectSameOutputs(nonZero, feed(x23));
    expect(graph.result("y").shape).toEqual([2, 3]);
    expect(graph.result("rows")).toMatchObject({ dtype: "int64", shape: [-1, 2] });
    expect(opaque.map(({ type }) => type)).toContain("Transpose");
  });

  test("run without an engine too, with the types that the file declares", async () => {
    const { graph, weights } = await fromOnnx(nonZero);
    expect(() => toOnnx(graph, { weights })).not.toThrow();
  });

  test("are refused by name when they are differentiated, and only then", async () => {
    const { graph } = await fromOnnx(nonZero, await withEngine());
    const loss = reduceSum(graph.result("y"), undefined, { keepDimensions: false });
    expect(gradients(loss, [graph.parameters.get("w")!]).size).toBe(1);
    expect(() => gradients(loss, [graph.inputs.get("x")!])).toThrow(/Shrink.*no gradient rule/);
  });

  test("of other domains keep the version of their domain", async () => {
    const model = modelBytes(
      {
        nodes: [foreignNode("com.microsoft", "FusedMatMul", ["x", "w"], ["y"], { alpha: { kind: "float", value: 2 } })],
        inputs: [info("x", "float32", [2, 3])],
        outputs: [info("y", "float32", [2, 2])],
        initializers: { w: float32([3, 2], [1, 2, 3, 4, 5, 6]) },
      },
      18,
      { domains: { "com.microsoft": 1 } },
    );
    const { graph, opaque } = await expectSameOutputs(model, feed(x23));
    expect(graph.opsets.get("com.microsoft")).toBe(1);
    expect(opaque).toHaveLength(1);
    expect(graph.result("y").shape).toEqual([2, 2]);
  });

  test("the opset of the file is kept where it is above ours", async () => {
    const model = modelBytes(
      {
        nodes: [node("Relu", ["x"], ["y"])],
        inputs: [info("x", "float32", [2])],
        outputs: [info("y", "float32", [2])],
      },
      22,
    );
    const { graph } = await expectSameOutputs(model, feed(float32([2], [1, -1])));
    expect((await fromOnnx(toOnnx(graph))).opsets.get("")).toBe(22);
  });
});

describe("dropout", () => {
  test.each([11, 13])("is left out at opset %i", async (opset) => {
    const { graph } = await expectSameOutputs(
      modelBytes(
        {
          nodes: [node("Dropout", ["x"], ["d"]), node("Relu", ["d"], ["y"])],
          inputs: [info("x", "float32", [2, 3])],
          outputs: [info("y", "float32", [2, 3])],
        },
        opset,
      ),
      feed(x23),
    );
    expect(graph.nodes.map(({ type }) => type)).toEqual(["Relu"]);
  });
});

/** if (c) y = x * w else y = x + 1, with w and x from outside the branches; the name `inner` is used in both. */
function conditional(opset: number) {
  const branch = (nodes: Parameters<typeof graphOf>[0]["nodes"], output: string) =>
    graphOf({ nodes, outputs: [info(output, "float32", [2, 3])] });
  const then = branch([node("Mul", ["x", "w"], ["then_y"])], "then_y");
  const otherwise = branch(
    [
      node("Constant", [], ["one"], { value_float: { kind: "float", value: 1 } }),
      node("Add", ["x", "one"], ["else_y"]),
    ],
    "else_y",
  );
  const choice = withBody(withBody(node("If", ["c"], ["y"]), "then_branch", then), "else_branch", otherwise);
  return modelBytes(
    {
      nodes: [node("Relu", ["z"], ["x"]), choice],
      inputs: [info("z", "float32", [2, 3]), info("c", "bool", [])],
      outputs: [info("y", "float32", [2, 3])],
      initializers: { w: float32([3], [1, 2, 3]) },
    },
    opset,
  );
}

describe("control flow", () => {
  test.each([true, false])("a branch reads values around it (%s)", async (condition) => {
    const feeds = new Map([...feed(x23, "z"), ["c", bool(condition)]]) as Tensors;
    const { graph, weights } = await expectSameOutputs(conditional(13), feeds);
    expect([...weights.keys()]).toEqual(["w"]);
    expect(graph.nodes.map(({ type }) => type)).toEqual(["Relu", "If"]);
  });

  test("is refused by name when it is differentiated", async () => {
    const { graph } = await fromOnnx(conditional(13), await withEngine());
    const loss = reduceSum(graph.result("y"), undefined, { keepDimensions: false });
    expect(() => gradients(loss, [graph.parameters.get("w")!])).toThrow(/operator If has no gradient rule/);
  });

  test("a branch whose condition is fixed takes the place of the node, and can be differentiated", async () => {
    const { graph, weights } = await fromOnnx(conditional(13), { fixedInputs: new Map([["c", bool(true)]]) });
    expect(graph.nodes.map(({ type }) => type)).toEqual(["Relu", "Mul"]);
    expect(() => toOnnx(graph, { weights })).not.toThrow();
    const loss = reduceSum(graph.result("y"), undefined, { keepDimensions: false });
    expect(gradients(loss, [graph.parameters.get("w")!]).size).toBe(1);
  });

  test("old operators inside a body are upgraded, functions in it are written out", async () => {
    const body = graphOf({
      nodes: [
        node("Unsqueeze", ["state"], ["wide"], { axes: { kind: "ints", value: [0] } }),
        foreignNode("local", "Twice", ["wide"], ["doubled"]),
        node("Squeeze", ["doubled"], ["next"], { axes: { kind: "ints", value: [0] } }),
        node("Identity", ["going"], ["go"]),
      ],
      inputs: [info("i", "int64", []), info("going", "bool", []), info("state", "float32", [2])],
      outputs: [info("go", "bool", []), info("next", "float32", [2])],
    });
    const twice = create(FunctionProtoSchema, {
      domain: "local",
      name: "Twice",
      input: ["a"],
      output: ["b"],
      node: [node("Add", ["a", "a"], ["b"])],
      opsetImport: [{ domain: "", version: 11n }],
    });
    const model = modelBytes(
      {
        nodes: [withBody(node("Loop", ["trips", "c", "x"], ["y"]), "body", body)],
        inputs: [info("x", "float32", [2])],
        outputs: [info("y", "float32", [2])],
        initializers: { trips: { ...int64(3), shape: [] }, c: bool(true) },
      },
      11,
      { functions: [twice], domains: { local: 1 } },
    );
    await expectSameOutputs(model, feed(float32([2], [1, -2])));
  });
});

describe("functions of a model", () => {
  const scaled = create(FunctionProtoSchema, {
    domain: "local",
    name: "ScaledSoftmax",
    input: ["a", "s"],
    output: ["b"],
    attribute: ["axis"],
    node: [
      node("Mul", ["a", "s"], ["m"]),
      Object.assign(node("Softmax", ["m"], ["b"]), {
        attribute: [create(AttributeProtoSchema, { name: "axis", type: 2, refAttrName: "axis" })],
      }),
    ],
    opsetImport: [{ domain: "", version: 18n }],
  });

  test("are written out with the attributes of the call", async () => {
    const model = modelBytes(
      {
        nodes: [
          foreignNode("local", "ScaledSoftmax", ["x", "s"], ["y"], { axis: { kind: "int", value: 0 } }),
          foreignNode("local", "ScaledSoftmax", ["y", "s"], ["z"], { axis: { kind: "int", value: 1 } }),
        ],
        inputs: [info("x", "float32", [2, 3])],
        outputs: [info("z", "float32", [2, 3])],
        initializers: { s: float32([3], [1, 2, 3]) },
      },
      18,
      { functions: [scaled], domains: { local: 1 } },
    );
    const { graph } = await expectSameOutputs(model, feed(x23));
    expect(graph.nodes.map(({ type }) => type)).toEqual(["Mul", "Softmax", "Mul", "Softmax"]);
  });

  test("that call themselves are refused", async () => {
    const endless = create(FunctionProtoSchema, {
      domain: "local",
      name: "Endless",
      input: ["a"],
      output: ["b"],
      node: [foreignNode("local", "Endless", ["a"], ["b"])],
    });
    const model = modelBytes(
      {
        nodes: [foreignNode("local", "Endless", ["x"], ["y"])],
        inputs: [info("x", "float32", [1])],
        outputs: [info("y", "float32", [1])],
      },
      18,
      { functions: [endless], domains: { local: 1 } },
    );
    await expect(fromOnnx(model)).rejects.toThrow(/call each other without end/);
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
      /"b" is used before it is computed/,
    ));
  test("an unknown name", () => reject([node("Add", ["x", "nowhere"], ["y"])]).toThrow(/nothing computes "nowhere"/));
  test("a name given twice", () =>
    reject([node("Relu", ["x"], ["y"]), node("Exp", ["x"], ["y"])]).toThrow(/two values are named "y"/));
  test("an output that nothing computes", () => reject([node("Relu", ["x"], ["z"])]).toThrow(/nothing computes "y"/));
  test("a domain without a version", () =>
    reject([foreignNode("other", "Relu", ["x"], ["y"])]).toThrow(/the domain "other"/));
  test("an opset of the future", async () => {
    const model = modelBytes({ nodes: [], outputs: [] }, 99);
    await expect(fromOnnx(model)).rejects.toThrow(/uses opset 99, supported are 1 to 24/);
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
