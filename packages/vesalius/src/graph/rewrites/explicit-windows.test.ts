import { beforeAll, describe, expect, test } from "vitest";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { drawn } from "../../testing/lowered.node.ts";
import { int, ints, string } from "../attributes.ts";
import { emitMany } from "../emit.ts";
import { Graph } from "../graph.ts";
import type { Engine } from "../testing/finite-difference.ts";
import { numbersOf, runGraph } from "../testing/run.ts";
import type { Attributes } from "../value.ts";
import { lowerForWebAssembly } from "./explicit-windows.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await nodeCpu();
});

function graphOf(type: string, shapes: readonly (readonly number[])[], attributes: Attributes, outputs = 1): Graph {
  const graph = new Graph(type);
  const inputs = shapes.map((shape, i) => graph.input(`x${i}`, "float32", shape));
  emitMany(type, inputs, attributes, outputs).forEach((value, i) => graph.output(`y${i}`, value));
  return graph;
}

/** Fails unless a graph computes the same, to the digit or nearly so, when its windows are written out. */
async function expectSame(graph: Graph): Promise<Graph> {
  const lowered = lowerForWebAssembly(graph);
  const feeds = Object.fromEntries([...graph.inputs.values()].map(({ name, shape }) => [name, drawn(shape, name)]));
  const [found, expected] = [await runGraph(engine, lowered, feeds), await runGraph(engine, graph, feeds)];
  for (const [name, { shape }] of expected) {
    expect(found.get(name)!.shape).toEqual(shape);
    const [a, b] = [numbersOf(found, name), numbersOf(expected, name)];
    b.forEach((value, i) => expect(a[i], `${name}[${i}]`).toBeCloseTo(value, 5));
  }
  return lowered;
}

const ceil = { ceil_mode: int(1) };

describe("a last window behind the input, which rounding up would count", () => {
  test.each<[string, number[], Attributes, number]>([
    ["MaxPool", [1, 2, 4, 5], { kernel_shape: ints([1, 1]), strides: ints([1, 3]), ...ceil }, 1],
    ["MaxPool", [2, 1, 5], { kernel_shape: ints([2]), strides: ints([3]), pads: ints([1, 1]), ...ceil }, 2],
    [
      "MaxPool",
      [1, 1, 3, 3, 2],
      { kernel_shape: ints([2, 1, 1]), strides: ints([3, 2, 1]), pads: ints([0, 0, 0, 1, 0, 0]), ...ceil },
      1,
    ],
    ["AveragePool", [1, 2, 6], { kernel_shape: ints([2]), strides: ints([3]), pads: ints([0, 1]), ...ceil }, 1],
    [
      "AveragePool",
      [1, 1, 4, 7],
      {
        kernel_shape: ints([2, 3]),
        strides: ints([2, 3]),
        pads: ints([0, 1, 1, 0]),
        count_include_pad: int(1),
        ...ceil,
      },
      1,
    ],
    [
      "AveragePool",
      [1, 1, 5, 6],
      {
        kernel_shape: ints([2, 2]),
        strides: ints([3, 2]),
        pads: ints([1, 1, 1, 1]),
        count_include_pad: int(1),
        ...ceil,
      },
      1,
    ],
  ])("%s over %j %j", async (type, shape, attributes, outputs) => {
    const lowered = await expectSame(graphOf(type, [shape], attributes, outputs));
    const [pool] = lowered.nodes.filter((node) => node.type === type);
    expect(pool!.attributes["ceil_mode"]).toBeUndefined();
  });

  test("windows that all start in the input stay as they are", () => {
    const graph = graphOf("MaxPool", [[1, 1, 6]], { kernel_shape: ints([3]), strides: ints([2]), ...ceil });
    expect(lowerForWebAssembly(graph).nodes[0]!.attributes).toEqual(graph.nodes[0]!.attributes);
  });
});

describe("transposed convolutions by the extents of their output", () => {
  test.each<[number[], number[], Attributes]>([
    [
      [1, 2, 5, 3],
      [2, 2, 3, 1],
      { strides: ints([3, 2]), output_padding: ints([1, 1]), auto_pad: string("SAME_LOWER") },
    ],
    [
      [2, 2, 2, 3, 2],
      [2, 3, 2, 1, 3],
      { strides: ints([2, 2, 2]), output_padding: ints([1, 1, 0]), auto_pad: string("SAME_UPPER") },
    ],
    [[1, 4, 5], [4, 1, 3], { strides: ints([2]), group: int(2), output_shape: ints([9]) }],
  ])("%j with %j %j", async (x, weight, attributes) => {
    const lowered = await expectSame(graphOf("ConvTranspose", [x, weight], attributes));
    expect(Object.keys(lowered.nodes[0]!.attributes)).not.toContain("auto_pad");
    expect(Object.keys(lowered.nodes[0]!.attributes)).not.toContain("output_shape");
  });
});
