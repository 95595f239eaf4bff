import { expect, test } from "vitest";
import { float32, Graph } from "../../graph/index.ts";
import { runGraph } from "../../testing/reference.node.ts";
import { activationNamed, publishedActivations } from "./hidden-activations.ts";

const x = [-12, -3, -0.7, 0, 0.4, 2, 7, 12];
/** What transformers 5.18 gives for these numbers. */
const expected: Readonly<Record<string, readonly number[]>> = {
  gelu: [0.0, -0.00405, -0.169375, 0.0, 0.262169, 1.9545, 7.0, 12.0],
  gelu_python: [0.0, -0.00405, -0.169375, 0.0, 0.262169, 1.9545, 7.0, 12.0],
  gelu_new: [0.0, -0.003637, -0.16943, 0.0, 0.262161, 1.954598, 7.0, 12.0],
  gelu_pytorch_tanh: [0.0, -0.003637, -0.16943, 0.0, 0.262161, 1.954598, 7.0, 12.0],
  gelu_python_tanh: [0.0, -0.003637, -0.16943, 0.0, 0.262161, 1.954598, 7.0, 12.0],
  gelu_fast: [0.0, -0.003637, -0.16943, 0.0, 0.262161, 1.954598, 7.0, 12.0],
  gelu_accurate: [0.0, -0.003637, -0.16943, 0.0, 0.262161, 1.954598, 7.0, 12.0],
  gelu_10: [0.0, -0.00405, -0.169375, 0.0, 0.262169, 1.9545, 7.0, 10.0],
  quick_gelu: [0.0, -0.018071, -0.163106, 0.0, 0.265567, 1.935659, 6.999953, 12.0],
  relu: [0.0, 0.0, 0.0, 0.0, 0.4, 2.0, 7.0, 12.0],
  relu6: [0.0, 0.0, 0.0, 0.0, 0.4, 2.0, 6.0, 6.0],
  relu2: [0.0, 0.0, 0.0, 0.0, 0.16, 4.0, 49.0, 144.0],
  leaky_relu: [-0.12, -0.03, -0.007, 0.0, 0.4, 2.0, 7.0, 12.0],
  silu: [-7.4e-5, -0.142278, -0.232269, 0.0, 0.239475, 1.761594, 6.993623, 11.999926],
  swish: [-7.4e-5, -0.142278, -0.232269, 0.0, 0.239475, 1.761594, 6.993623, 11.999926],
  mish: [-7.4e-5, -0.145647, -0.26787, 0.0, 0.289031, 1.943959, 6.999989, 12.0],
  laplace: [0.0, 0.0, 0.0, 0.006094, 0.138151, 0.999998, 1.0, 1.0],
  sigmoid: [6e-6, 0.047426, 0.331812, 0.5, 0.598688, 0.880797, 0.999089, 0.999994],
  tanh: [-1.0, -0.995055, -0.604368, 0.0, 0.379949, 0.964028, 0.999998, 1.0],
  linear: [-12.0, -3.0, -0.7, 0.0, 0.4, 2.0, 7.0, 12.0],
};

test("activations by their names in transformers", async () => {
  const graph = new Graph();
  const input = graph.input("x", "float32", [x.length]);
  for (const name of publishedActivations) graph.output(name, activationNamed(name)(input));
  const results = await runGraph(graph, new Map([["x", float32([x.length], x)]]));
  expect(Object.keys(expected).sort()).toEqual([...publishedActivations].sort());
  for (const name of publishedActivations)
    (results.get(name)!.data as Float32Array).forEach((value, i) =>
      expect(value, `${name} of ${x[i]}`).toBeCloseTo(expected[name]![i]!, 5),
    );
});
