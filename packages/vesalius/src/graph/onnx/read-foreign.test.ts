import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { type DataType, float32, type Tensor, zeros } from "../../common/tensor.ts";
import type { Attribute } from "../value.ts";
import { FunctionProtoSchema, TensorProtoSchema, ValueInfoProtoSchema } from "./generated/onnx_pb.ts";
import { bool, feed, foreignNode, graphOf, info, int64, modelBytes, node, withBody, x23 } from "./model.test.helper.ts";
import { tensorProto } from "./node-attributes.ts";
import { fromOnnx } from "./read.ts";
import { expectSameOutputs, run, withEngine } from "./round-trip.test.helper.ts";
import { toOnnx } from "./write.ts";

const y23 = [info("y", "float32", [2, 3])];
const int = (value: number): Attribute => ({ kind: "int", value });
const zeroOf = (dtype: DataType): Tensor => zeros(dtype, []);
const weight = float32([3, 2], [1, 2, 3, 4, 5, 6]);

describe("files as other exporters write them, which ONNX Runtime loads", () => {
  test("nodes in any order, also those that a branch or a function reads", async () => {
    const late = graphOf({ nodes: [node("Relu", ["late"], ["t"])], outputs: [info("t", "float32")] });
    const other = graphOf({ nodes: [node("Neg", ["x"], ["e"])], outputs: [info("e", "float32")] });
    const choice = withBody(withBody(node("If", ["c"], ["y"]), "then_branch", late), "else_branch", other);
    const model = modelBytes({
      nodes: [node("Mul", ["y", "s"], ["z"]), choice, node("Abs", ["x"], ["late"]), node("Exp", ["x"], ["s"])],
      inputs: [info("x", "float32", [2, 3]), info("c", "bool", [])],
      outputs: [info("z", "float32", [2, 3])],
    });
    const { graph } = await expectSameOutputs(model, new Map([...feed(x23), ["c", bool(true)]]));
    expect(graph.nodes.map(({ type }) => type)).toEqual(["Abs", "If", "Exp", "Mul"]);
    const twice = create(FunctionProtoSchema, {
      domain: "local",
      name: "AbsRelu",
      input: ["a"],
      output: ["b"],
      node: [node("Relu", ["t"], ["b"]), node("Abs", ["a"], ["t"])],
    });
    const called = modelBytes(
      { nodes: [foreignNode("local", "AbsRelu", ["x"], ["y"])], inputs: [info("x", "float32", [2, 3])], outputs: y23 },
      18,
      { functions: [twice] },
    );
    expect((await fromOnnx(called)).graph.nodes.map(({ type }) => type)).toEqual(["Abs", "Relu"]);
  });

  test("an order that is one already is kept", async () => {
    const nodes = [node("Exp", ["x"], ["b"]), node("Abs", ["x"], ["a"]), node("Add", ["a", "b"], ["y"])];
    const { graph } = await fromOnnx(modelBytes({ nodes, inputs: [info("x", "float32", [2, 3])], outputs: y23 }));
    expect(graph.nodes.map(({ type }) => type)).toEqual(["Exp", "Abs", "Add"]);
  });

  test("the same initializer twice, one without a name, and one that is also a Constant", async () => {
    const model = modelBytes({
      nodes: [
        node("Constant", [], ["w"], { value: { kind: "tensor", value: weight } }),
        node("MatMul", ["x", "w"], ["y"]),
      ],
      inputs: [info("x", "float32", [2, 3])],
      outputs: [info("y", "float32", [2, 2])],
      rawInitializers: [tensorProto("w", weight), tensorProto("w", weight), tensorProto("", weight)],
    });
    const { weights } = await expectSameOutputs(model, feed(x23));
    expect([...weights.keys()]).toEqual(["w"]);
  });

  test("an output named twice, an output that is an initializer, an input that nothing reads", async () => {
    const model = modelBytes({
      nodes: [node("MatMul", ["x", "w"], ["y"])],
      inputs: [info("x", "float32", [2, 3]), info("u", "float32", ["n"])],
      outputs: [info("y", "float32", [2, 2]), info("y", "float32", [2, 2]), info("w", "float32", [3, 2])],
      initializers: { w: weight },
    });
    const { graph } = await fromOnnx(model, { dimensions: { n: 1 } });
    expect([...graph.outputs.keys()]).toEqual(["y", "w"]);
  });

  test("operators of domains that the file does not import", async () => {
    const scale = { offset: { kind: "floats", value: [0.5] }, scale: { kind: "floats", value: [2] } } as const;
    const model = modelBytes({
      nodes: [
        foreignNode("ai.onnx.ml", "Scaler", ["x"], ["s"], scale),
        foreignNode("com.microsoft", "Gelu", ["s"], ["y"]),
      ],
      inputs: [info("x", "float32", [2, 3])],
      outputs: y23,
    });
    await expectSameOutputs(model, feed(x23));
  });

  test.each([25, 26, 27, 28])("opset %i, of which the operators mean what they did", async (opset) => {
    const nodes = [
      node("Reshape", ["x", "shape"], ["r"]),
      node("Range", ["zero", "three", "one"], ["n"], opset >= 27 ? { stash_type: int(1) } : {}),
      node("Gather", ["r", "n"], ["g"]),
      node("Cast", ["g"], ["y"], { to: int(11) }),
    ];
    const scalar = (value: number): Tensor => ({ ...int64(value), shape: [] });
    const model = modelBytes(
      {
        nodes,
        inputs: [info("x", "float32", [2, 3])],
        outputs: [info("y", "float64", [3, 2])],
        initializers: { shape: int64(3, 2), zero: scalar(0), one: scalar(1), three: scalar(3) },
      },
      opset,
    );
    const imported =
      opset <= 26 ? await expectSameOutputs(model, feed(x23)) : await fromOnnx(model, await withEngine());
    expect(imported.graph.opsets.get("")).toBe(24);
    expect(imported.opaque).toEqual([]);
  });

  test("an operator that is new in a later opset keeps that opset", async () => {
    const model = modelBytes(
      {
        nodes: [node("CumProd", ["x", "axis"], ["y"])],
        inputs: [info("x", "float32", [2, 3])],
        outputs: y23,
        initializers: { axis: { ...int64(1), shape: [] } },
      },
      28,
    );
    const { graph, opaque } = await fromOnnx(model, await withEngine());
    expect(graph.opsets.get("")).toBe(26);
    expect(opaque).toMatchObject([{ type: "CumProd" }]);
    const sums = (await run(toOnnx(graph), feed(x23))).get("y")!;
    expect(Array.from(sums.data as Float32Array)).toEqual([1, -2, -6, -4, -20, 120]);
  });

  test.each([
    ["int8", 13, { kind: "zero" }],
    ["uint8", 13, { kind: "zero" }],
    ["uint8", 10, { kind: "none" }],
    ["int8", 19, { kind: "zero", saturate: 1 }],
    ["int16", 21, { kind: "zero" }],
    ["uint16", 21, { kind: "zero" }],
    ["int8", 21, { kind: "dtype", code: 3 }],
    ["int16", 21, { kind: "dtype", code: 5 }],
  ] as const)("%s activations of opset %i before Reshape and MaxPool (%o)", async (dtype, opset, form) => {
    const point = form.kind === "zero" ? ["z"] : [];
    const set: Record<string, Attribute> = {
      ...(form.kind === "dtype" ? { output_dtype: int(form.code) } : {}),
      ...("saturate" in form ? { saturate: int(form.saturate) } : {}),
    };
    const model = modelBytes(
      {
        nodes: [
          node("Relu", ["x"], ["r"]),
          node("QuantizeLinear", ["r", "s", ...point], ["q"], set),
          node("DequantizeLinear", ["q", "s", ...point], ["d"]),
          node("MaxPool", ["d"], ["m"], { kernel_shape: { kind: "ints", value: [2] } }),
          node("Reshape", ["m", "shape"], ["y"]),
        ],
        inputs: [info("x", "float32", [1, 2, 3])],
        outputs: [info("y", "float32", [1, 4])],
        initializers: { s: float32([], [0.05]), shape: int64(1, 4), ...(point.length > 0 ? { z: zeroOf(dtype) } : {}) },
      },
      opset,
    );
    await expectSameOutputs(model, feed({ ...x23, shape: [1, 2, 3] }));
  });

  test("a quantised bias with a scale of one element beside a zero point that is a number", async () => {
    const model = modelBytes({
      nodes: [node("DequantizeLinear", ["b_quantized", "s", "z"], ["b"]), node("Gemm", ["x", "w", "b"], ["y"])],
      inputs: [info("x", "float32", [2, 3])],
      outputs: [info("y", "float32", [2, 2])],
      initializers: {
        b_quantized: { dtype: "int32", shape: [2], data: Int32Array.of(40, -20) },
        s: float32([1], [0.05]),
        z: zeroOf("int32"),
        w: weight,
      },
    });
    expect((await expectSameOutputs(model, feed(x23))).opaque).toEqual([]);
  });

  test("a branch that cannot be under the shapes that are fixed here makes way for the other", async () => {
    const squeezed = graphOf({ nodes: [node("Squeeze", ["x", "axes"], ["t"])], outputs: [info("t", "float32")] });
    const kept = graphOf({ nodes: [node("Identity", ["x"], ["e"])], outputs: [info("e", "float32")] });
    const choice = withBody(withBody(node("If", ["c"], ["b"]), "then_branch", squeezed), "else_branch", kept);
    const model = modelBytes({
      nodes: [choice, node("Relu", ["b"], ["y"])],
      inputs: [info("x", "float32", ["n", "m"]), info("c", "bool", [])],
      outputs: [info("y", "float32")],
      initializers: { axes: int64(1) },
    });
    const imported = await expectSameOutputs(model, new Map([...feed(x23), ["c", bool(false)]]), {
      dimensions: { n: 2, m: 3 },
    });
    expect(imported.graph.nodes.map(({ type }) => type)).toEqual(["Relu"]);
    expect(imported.graph.result("y").shape).toEqual([2, 3]);
  });
});

describe("weights in Constant nodes", () => {
  const tensorAttribute = (value: Tensor): Record<string, Attribute> => ({ value: { kind: "tensor", value } });

  test("are parameters where an operator takes a weight, also in another form, and a vector added to a product", async () => {
    const model = modelBytes({
      nodes: [
        node("Constant", [], ["w"], tensorAttribute(float32([2, 3], [1, 2, 3, 4, 5, 6]))),
        node("Transpose", ["w"], ["t"], { perm: { kind: "ints", value: [1, 0] } }),
        node("MatMul", ["x", "t"], ["a"]),
        node("Constant", [], ["b"], { value_floats: { kind: "floats", value: [0.5, -0.5] } }),
        node("Add", ["a", "b"], ["y"]),
      ],
      inputs: [info("x", "float32", [2, 3])],
      outputs: [info("y", "float32", [2, 2])],
    });
    const { weights, graph } = await expectSameOutputs(model, feed(x23));
    expect([...weights.keys()]).toEqual(["w", "b"]);
    expect(graph.nodes.map(({ type }) => type)).toEqual(["Transpose", "MatMul", "Add"]);
  });

  test("are none where they are numbers of a formula, masks or integers", async () => {
    const model = modelBytes({
      nodes: [
        node("Constant", [], ["factor"], { value_float: { kind: "float", value: 2 } }),
        node("Constant", [], ["epsilon"], tensorAttribute(float32([1], [1e-5]))),
        node("Constant", [], ["mask"], tensorAttribute(float32([2, 3], [0, 0, -9, 0, -9, -9]))),
        node("Constant", [], ["rows"], { value_ints: { kind: "ints", value: [1, 0] } }),
        node("Constant", [], ["axis"], { value_int: int(0) }),
        node("Constant", [], ["word"], { value_string: { kind: "string", value: "a" } }),
        node("Constant", [], ["words"], { value_strings: { kind: "strings", value: ["a", "b"] } }),
        node("Mul", ["x", "factor"], ["a"]),
        node("Add", ["a", "epsilon"], ["b"]),
        node("Add", ["b", "mask"], ["c"]),
        node("Gather", ["c", "rows"], ["d"]),
        node("Unsqueeze", ["d", "axis"], ["y"]),
        node("Identity", ["word"], ["z"]),
        node("Identity", ["words"], ["v"]),
      ],
      inputs: [info("x", "float32", [2, 3])],
      outputs: [info("y", "float32", [1, 2, 3]), info("z", "string", []), info("v", "string", [2])],
    });
    expect((await expectSameOutputs(model, feed(x23))).weights.size).toBe(0);
  });

  test("may stand in another file", async () => {
    const outside = create(TensorProtoSchema, {
      name: "w",
      dims: [3n, 2n],
      dataType: 1,
      dataLocation: 1,
      externalData: [{ key: "location", value: "weights.bin" }],
    });
    const constant = node("Constant", [], ["w"], tensorAttribute(weight));
    constant.attribute[0]!.t = outside;
    const model = modelBytes({
      nodes: [constant, node("MatMul", ["x", "w"], ["y"])],
      inputs: [info("x", "float32", [2, 3])],
      outputs: [info("y", "float32", [2, 2])],
    });
    const bytes = new Uint8Array((weight.data as Float32Array).buffer);
    const externalData = (location: string, offset: number, length: number) => {
      expect([location, offset, length]).toEqual(["weights.bin", 0, 24]);
      return bytes;
    };
    expect((await fromOnnx(model, { externalData })).weights.get("w")).toEqual(weight);
    await expect(fromOnnx(model)).rejects.toMatchObject({ code: "missing-file" });
  });
});

describe("what is not taken is named, with its place and what to do", () => {
  const relu = (more: Partial<Parameters<typeof modelBytes>[0]>) =>
    modelBytes({
      nodes: [node("Relu", ["x"], ["y"])],
      inputs: [info("x", "float32", [2, 3])],
      outputs: y23,
      ...more,
    });

  test("two tensors of one name that differ", async () => {
    const nodes = [node("MatMul", ["x", "w"], ["y"])];
    const other = float32([3, 2], [1, 2, 3, 4, 5, 7]);
    const model = relu({ nodes, rawInitializers: [tensorProto("w", weight), tensorProto("w", other)] });
    await expect(fromOnnx(model)).rejects.toMatchObject({
      what: expect.stringMatching(/different values are named "w"/),
    });
    const constant = node("Constant", [], ["w"], { value: { kind: "tensor", value: other } });
    await expect(fromOnnx(relu({ nodes: [constant, ...nodes], initializers: { w: weight } }))).rejects.toThrow(
      /different values are named "w"/,
    );
  });

  test.each([
    [17, "float8e4m3fn"],
    [23, "float4e2m1"],
    [14, "complex64"],
    [26, "int2"],
  ])("element type %i", async (code, name) => {
    const stored = create(TensorProtoSchema, {
      name: "fc.weight",
      dims: [1n],
      dataType: code,
      rawData: Uint8Array.of(1),
    });
    const nodes = [node("Cast", ["fc.weight"], ["w"], { to: int(1) }), node("Mul", ["x", "w"], ["y"])];
    await expect(fromOnnx(relu({ nodes, rawInitializers: [stored] }), { where: "m.onnx" })).rejects.toMatchObject({
      code: "unsupported-operator",
      what: `the element type ${name} is not supported`,
      where: "m.onnx, tensor fc.weight",
      fix: expect.stringMatching(/^export the model with/),
    });
  });

  test("4-bit integers of opset 21 are taken", async () => {
    const codes: Tensor = { dtype: "uint4", shape: [3, 2], data: Uint8Array.of(0x10, 0x32, 0x54) };
    const nodes = [node("DequantizeLinear", ["q", "s"], ["w"]), node("MatMul", ["x", "w"], ["y"])];
    const initializers = { q: codes, s: float32([], [0.5]) };
    const model = modelBytes(
      { nodes, initializers, inputs: [info("x", "float32", [2, 3])], outputs: [info("y", "float32", [2, 2])] },
      21,
    );
    const { graph } = await expectSameOutputs(model, feed(x23));
    expect(graph.nodes.map(({ type }) => type)).toEqual(["DequantizeLinear", "MatMul"]);
  });

  const sequence = create(ValueInfoProtoSchema, { name: "s", type: { value: { case: "sequenceType", value: {} } } });

  test("outputs that are no tensors are left out and listed, and refused where there is no other", async () => {
    const nodes = [node("Relu", ["x"], ["y"]), node("SplitToSequence", ["y"], ["s"])];
    const { graph, droppedOutputs } = await fromOnnx(relu({ nodes, outputs: [...y23, sequence] }), await withEngine());
    expect([...graph.outputs.keys()]).toEqual(["y"]);
    expect(droppedOutputs).toMatchObject([{ name: "s", reason: expect.stringMatching(/SplitToSequence/) }]);
    await expect(fromOnnx(relu({ nodes, outputs: [sequence] }), await withEngine())).rejects.toMatchObject({
      code: "unsupported-operator",
      where: "model.onnx, output s",
      fix: expect.stringMatching(/an output of its own/),
    });
  });

  test("ZipMap, as converters of scikit-learn write it, says how to do without", async () => {
    const labels = { classlabels_int64s: { kind: "ints", value: [0, 1, 2] } } as const;
    const nodes = [node("Relu", ["x"], ["p"]), foreignNode("ai.onnx.ml", "ZipMap", ["p"], ["s"], labels)];
    const model = relu({ nodes, outputs: [sequence] });
    await expect(fromOnnx(model, await withEngine())).rejects.toMatchObject({
      fix: expect.stringMatching(/zipmap=False/),
    });
  });

  test("an input without a shape is given one", async () => {
    const model = relu({ inputs: [info("x", "float32")], outputs: [info("y", "float32")] });
    await expect(fromOnnx(model, { defaultDimension: 1 })).rejects.toMatchObject({
      what: "these inputs of the model have no shape: x",
      fix: 'bind it, for example inputShapes: { "x": [1, 8] }',
    });
    const bindingHelp = { dimension: (name: string) => `--d ${name}`, shape: (name: string) => `--shape ${name}=1,8` };
    await expect(fromOnnx(model, { bindingHelp })).rejects.toMatchObject({ fix: "bind it, for example --shape x=1,8" });
    expect((await fromOnnx(model, { inputShapes: { x: [1, 8] } })).graph.result("y").shape).toEqual([1, 8]);
    await expect(fromOnnx(model, { inputShapes: { x: [1, 8], z: [1] } })).rejects.toMatchObject({ fix: "it has: x" });
  });
});
