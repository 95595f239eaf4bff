import { expect, test } from "vitest";
import { syntheticRadiographsOfImages } from "../../data/index.ts";
import { crossEntropy, Graph, initializeParameters, linear, type Value } from "../../graph/index.ts";
import { backboneFeatures, inputShape, vit } from "../../models/index.ts";
import { adaptOnLabelledImages as adapt } from "../images/adapt.ts";
import { linearProbe } from "../adapters/linear-probe.ts";
import { lora } from "../adapter-method.ts";
import type { Adapted, Task } from "../images/task.ts";
import type { BaseFormat } from "./quantized-base.ts";

const shape = vit({ imageSize: 28, patchSize: 14, channels: 1, width: 64, depth: 1, heads: 2 });

/** Two classes; what was adapted is the result itself. */
const task: Task<Adapted> = {
  name: "two classes",
  head: (pooled: Value) =>
    linear(pooled, pooled.graph.parameter("head.weight", [2, pooled.shape.at(-1)!], { kind: "zeros" })),
  loss: (output, labels) => crossEntropy(output, labels),
  check: () => undefined,
  model: (adapted) => adapted,
};

function backbone() {
  const graph = new Graph("backbone");
  backboneFeatures(shape, graph.input("images", "float32", [1, ...inputShape(shape)]));
  return { ...shape, weights: initializeParameters(graph, 4) };
}

const options = { data: syntheticRadiographsOfImages({ count: { train: 16 }, seed: 2 }).train, steps: 4, batchSize: 8 };

test.each(["float16", "int8", "int4", "nf4"] as const)("adapts beside a base in %s", async (base: BaseFormat) => {
  const pretrained = backbone();
  const before = { ...options, method: lora({ rank: 2, targets: ["qkv"] }), seed: 1, workers: 0 };
  const [plain, stored] = [await adapt(pretrained, task, before), await adapt(pretrained, task, { ...before, base })];
  const { base: recorded, baseBytes } = stored.training.settings as Record<string, unknown>;
  expect(recorded).toBe(base);
  const { before: float, after } = baseBytes as Record<"before" | "after", number>;
  expect(after).toBeLessThan(0.7 * float);
  expect([...stored.weights.keys()].sort()).toEqual([...plain.weights.keys()].sort());
  for (const [name, { dtype, data }] of stored.weights) {
    expect(dtype, name).toBe("float32");
    const expected = plain.weights.get(name)!.data as Float32Array;
    const most = Math.max(...expected.map(Math.abs));
    // Four steps move weights little; what differs is the rounding, at most half a gap of NF4 of the largest number.
    (data as Float32Array).forEach((value, i) =>
      expect(Math.abs(value - expected[i]!)).toBeLessThan(0.2 * most + 0.02),
    );
  }
  const rounded = stored.weights.get("blocks.0.mlp.fc1.weight")!.data as Float32Array;
  expect(rounded).not.toEqual(plain.weights.get("blocks.0.mlp.fc1.weight")!.data);
});

test("features that are computed once have no stored base", async () => {
  await expect(
    adapt(backbone(), task, { ...options, method: linearProbe(), base: "nf4", workers: 0 }),
  ).rejects.toMatchObject({ code: "bad-configuration", where: "base" });
});
