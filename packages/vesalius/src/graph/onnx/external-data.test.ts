import { describe, expect, test } from "vitest";
import { multiply } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { float32 } from "../../common/tensor.ts";
import { toOnnxFiles } from "./external-data.ts";
import { fromOnnx } from "./read.ts";

function product(count: number) {
  const graph = new Graph();
  const x = graph.input("x", "float32", [count]);
  graph.output("y", multiply(x, graph.parameter("w", [count], { kind: "ones" })));
  return {
    graph,
    weights: new Map([
      [
        "w",
        float32(
          [count],
          Float32Array.from({ length: count }, (_, i) => i),
        ),
      ],
    ]),
  };
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

describe("toOnnxFiles", () => {
  test("puts large tensors beside the model, aligned, and they are read back", async () => {
    const { graph, weights } = product(5000);
    const { model, data } = toOnnxFiles(graph, { weights, location: "model.onnx.data" });
    expect(model.byteLength).toBeLessThan(1000);
    const file = joined(data);
    const asked: string[] = [];
    const read = await fromOnnx(model, {
      externalData: (location, offset, length) => {
        asked.push(location);
        expect(offset % 64).toBe(0);
        return file.subarray(offset, offset + length);
      },
    });
    expect(asked).toEqual(["model.onnx.data"]);
    expect(read.weights).toEqual(weights);
  });

  test("keeps small tensors in the model", () => {
    const { graph, weights } = product(8);
    expect(toOnnxFiles(graph, { weights, location: "w.data" }).data).toEqual([]);
    expect(joined(toOnnxFiles(graph, { weights, location: "w.data", minimumBytes: 1 }).data)).toHaveLength(32);
  });

  test.each(["../w", "/etc/w", "a/b", "..", ".hidden", "a\\b", "", "C:w"])("refuses the name %j", (location) => {
    const { graph, weights } = product(8);
    expect(() => toOnnxFiles(graph, { weights, location })).toThrow(/plain file name/);
  });
});
