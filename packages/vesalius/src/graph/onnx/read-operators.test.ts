import { describe, expect, test } from "vitest";
import { gradients } from "../autodiff.ts";
import { reduceSum } from "../functions/index.ts";
import { float32 } from "../../common/tensor.ts";
import { feed, foreignNode, info, modelBytes, node, x23 } from "./model.test.helper.ts";
import { fromOnnx } from "./read.ts";
import { expectSameOutputs, withEngine } from "./round-trip.test.helper.ts";
import { toOnnx } from "./write.ts";

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
