import { describe, expect, test } from "vitest";
import { VesaliusError } from "../common/errors.ts";
import { int } from "./attributes.ts";
import { emit } from "./emit.ts";
import { add, cast, concat, matMul, relu, reshape, slice, softmax, transpose } from "./functions/index.ts";
import { Graph } from "./graph.ts";
import { inferTypes } from "./infer-types.ts";
import { float32 } from "../common/tensor.ts";
import type { Value } from "./value.ts";

/** The error that a call throws. */
function errorOf(call: () => unknown): VesaliusError {
  try {
    call();
  } catch (error) {
    if (error instanceof VesaliusError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("names", () => {
  test("are unique over inputs, parameters and constants", () => {
    const graph = new Graph();
    graph.input("x", "float32", [1]);
    expect(() => graph.input("x", "float32", [1])).toThrow(/already has a value named "x"/);
    expect(() => graph.parameter("x", [1], { kind: "ones" })).toThrow(/already has a value named "x"/);
    expect(() => graph.constant(float32([1], [0]), "x")).toThrow(/already has a value named "x"/);
  });

  test("of nodes follow the scope, nested and left again, also when building fails", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1]);
    const y = graph.scope("block", () => graph.scope("inner", () => relu(x)));
    expect(y.node!.name).toBe("block/inner/Relu_0");
    expect(() =>
      graph.scope("broken", () => {
        throw new VesaliusError("bad-argument", "stop");
      }),
    ).toThrow("stop");
    expect(relu(x).node!.name).toBe("Relu_0");
    expect(relu(x).node!.name).toBe("Relu_1");
  });

  test("made by counting avoid those that are taken", () => {
    const graph = new Graph();
    const x = graph.input("Relu_0", "float32", [1]);
    expect(relu(x).node!.name).toBe("Relu_1");
  });

  test("of outputs are unique, and asking for a missing one lists the others", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1]);
    graph.output("y", relu(x));
    expect(() => graph.output("y", x)).toThrow(/already has an output "y"/);
    expect(() => graph.result("z")).toThrow(/no output "z", only: y/);
  });
});

describe("names of networks in one graph", () => {
  const build = (graph: Graph, x: Value): Value =>
    graph.block("layer", () => {
      const weight = graph.parameter("weight", [2, 2], { kind: "ones" });
      const mean = graph.buffer("running_mean", [2], { kind: "zeros" });
      const kept = graph.randomInput("dropout", "float32", [1, 2], { kind: "dropout", keep: 0.5 });
      return add(add(matMul(x, weight), mean), kept);
    });

  test("carry the prefixes of their networks, nested and left again, also when building fails", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1, 2]);
    const y = graph.named("pair.", () => graph.named("image.", () => build(graph, x)));
    expect(() =>
      graph.named("broken.", () => {
        throw new VesaliusError("bad-argument", "stop");
      }),
    ).toThrow("stop");
    build(graph, x);
    expect([...graph.parameters.keys()]).toEqual([
      "pair.image.weight",
      "pair.image.running_mean",
      "weight",
      "running_mean",
    ]);
    expect(y.node!.name).toMatch(/^pair\/image\//);
    expect(new Set(graph.nodes.map(({ block }) => block))).toEqual(new Set(["pair.image.layer", "layer"]));
  });

  test("are one for the weights of a network that is applied twice, and new for what it draws", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1, 2]);
    graph.named("text.", () => build(graph, build(graph, x)));
    expect([...graph.parameters.keys()]).toEqual(["text.weight", "text.running_mean"]);
    expect([...graph.inputs.keys()]).toEqual(["x", "text.dropout", "text.dropout.1"]);
  });
});

describe("parameters", () => {
  test("of one name are one value", () => {
    const graph = new Graph();
    const first = graph.parameter("w", [2, 3], { kind: "ones" });
    expect(graph.parameter("w", [2, 3], { kind: "zeros" })).toBe(first);
    expect(graph.parameters.size).toBe(1);
  });

  test("of one name cannot have two shapes", () => {
    const graph = new Graph();
    graph.parameter("w", [2, 3], { kind: "ones" });
    const error = errorOf(() => graph.parameter("w", [3, 2], { kind: "ones" }));
    expect(error.code).toBe("shape-mismatch");
    expect(error.message).toBe("parameter has shape [2, 3], asked for as [3, 2] (w)");
  });
});

describe("constants", () => {
  test("that are small and equal are shared; type, shape and the sign of zero make a difference", () => {
    const graph = new Graph();
    expect(graph.scalar(1)).toBe(graph.scalar(1));
    expect(graph.scalar(1)).not.toBe(graph.scalar(1, "int32"));
    expect(graph.scalar(1)).not.toBe(graph.constant(float32([1], [1])));
    expect(graph.scalar(0)).not.toBe(graph.scalar(-0));
    expect(graph.scalar(2, "float64").tensor!.data).toEqual(Float64Array.of(2));
  });

  test("of types that numbers do not fit are refused", () => {
    expect(() => new Graph().scalar(1, "int4")).toThrow(/int4 tensor cannot be filled/);
    expect(new Graph().scalar(1, "float16").tensor!.data).toEqual(Uint16Array.of(0x3c00));
    expect(new Graph().scalar(-2, "bfloat16").tensor!.data).toEqual(Uint16Array.of(0xc000));
  });
});

describe("nodes", () => {
  test("that do not fit name the node, the operator and its inputs", () => {
    const graph = new Graph();
    const [a, b] = [graph.input("a", "float32", [2, 3]), graph.input("b", "float32", [4, 5])];
    const error = errorOf(() => graph.scope("head", () => matMul(a, b)));
    expect(error.code).toBe("shape-mismatch");
    expect(error.where).toBe("head/MatMul_0");
    expect(error.message).toContain("MatMul(float32[2, 3], float32[4, 5]): inner extents 3 and 4 differ");
  });

  test("leave nothing behind when they fail", () => {
    const graph = new Graph();
    const [a, b] = [graph.input("a", "float32", [2, 3]), graph.input("b", "float32", [4, 5])];
    expect(() => add(a, b)).toThrow(/do not broadcast/);
    expect(graph.nodes).toHaveLength(0);
  });

  test("refuse values of another graph", () => {
    const graph = new Graph();
    const other = new Graph().input("stranger", "float32", [1]);
    const x = graph.input("x", "float32", [1]);
    expect(() => add(x, other)).toThrow(/"stranger" belongs to another graph/);
    expect(() => graph.output("y", other)).toThrow(/"stranger" belongs to another graph/);
  });

  test("of an unknown operator are refused unless their types are given", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1]);
    const error = errorOf(() => emit("NoSuchOperator", [x]));
    expect(error.code).toBe("unsupported-operator");
    expect(error.message).toContain('operator "NoSuchOperator" is not in the registry');
    expect(() => graph.node("Relu", [x], { domain: "com.example" })).toThrow(
      /"com\.example\.Relu" is not in the registry/,
    );
    const [y] = graph.node("NoSuchOperator", [x], { outputTypes: [{ dtype: "int64", shape: [7] }] });
    expect([y!.dtype, y!.shape]).toEqual(["int64", [7]]);
  });

  test("need the inputs that their operator cannot do without", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1]);
    expect(() => emit("Add", [x, undefined])).toThrow(/operator Add needs input 1/);
    expect(() => emit("Add", [])).toThrow(/needs at least one input/);
  });

  test("that need a constant say so when they get a computed value", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [4]);
    const shape = graph.input("shape", "int64", [2]);
    const error = errorOf(() => emit("Reshape", [x, shape]));
    expect(error.message).toContain("the shape of a reshape must be a constant");
    expect(error.cause).toMatchObject({ fix: expect.stringContaining("fold constants") as string });
  });

  test.each<readonly [string, (x: Value) => Value, RegExp]>([
    ["an axis outside the rank", (x) => softmax(x, 2), /axis 2 does not exist in a tensor of rank 2/],
    ["a permutation that repeats an axis", (x) => transpose(x, [0, 0]), /\[0, 0\] is no permutation of 2 axes/],
    ["a reshape that loses elements", (x) => reshape(x, [5]), /\[2, 3\] does not hold as many elements as \[5\]/],
    ["a slice of step 0", (x) => slice(x, 0, 0, 1, 0), /a step other than 0/],
    [
      "parts that do not join",
      (x) => concat([x, reshape(x, [3, 2])], 0),
      /cannot join \[2, 3\] and \[3, 2\] along axis 0/,
    ],
    ["mixed element types", (x) => add(x, cast(x, "float64")), /float32 and float64/],
  ])("%s is refused", (_what, build, message) => {
    const x = new Graph().input("x", "float32", [2, 3]);
    expect(() => build(x)).toThrow(message);
  });
});

test("inferTypes tells the types of a node without adding it", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2, 6]);
  const types = inferTypes("Split", [x], { attributes: { axis: int(1), num_outputs: int(3) }, outputCount: 3 });
  expect(types.map(({ shape }) => shape)).toEqual([
    [2, 2],
    [2, 2],
    [2, 2],
  ]);
  expect(graph.nodes).toHaveLength(0);
});
