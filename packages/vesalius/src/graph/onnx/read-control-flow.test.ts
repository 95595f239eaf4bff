import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { gradients } from "../autodiff.ts";
import { reduceSum } from "../functions/index.ts";
import { float32 } from "../../common/tensor.ts";
import { AttributeProtoSchema, FunctionProtoSchema } from "./generated/onnx_pb.ts";
import { bool, feed, foreignNode, graphOf, info, int64, modelBytes, node, withBody, x23 } from "./model.test.helper.ts";
import { fromOnnx } from "./read.ts";
import { expectSameOutputs, withEngine } from "./round-trip.test.helper.ts";
import { toOnnx } from "./write.ts";

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
    const feeds = new Map([...feed(x23, "z"), ["c", bool(condition)]]);
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
