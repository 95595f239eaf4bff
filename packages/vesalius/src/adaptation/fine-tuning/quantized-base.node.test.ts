import { expect, test } from "vitest";
import { type Backbone, vit } from "../../models/index.ts";
import { initializeParameters } from "../../graph/index.ts";
import { classification, exportTypes, featureGraph } from "../../tasks/index.ts";
import { patternClasses, patterns, patternSide } from "../../testing/patterns.ts";
import { adapt } from "../adapt.ts";
import { lora } from "../adapter-method.ts";
import { linearProbe } from "../adapters/linear-probe.ts";
import type { BaseFormat } from "./quantized-base.ts";

const shape = { imageSize: patternSide, patchSize: 8, channels: 1, width: 64, depth: 1, heads: 2 };
const task = classification({ classes: [...patternClasses] });

function backbone(): Backbone {
  const empty = vit(shape);
  const image = { encoder: { ...empty.network.reads["image"]!, mean: [0.5], std: [0.25] } };
  const graph = featureGraph(empty, exportTypes({ image }, 1, {}));
  return { ...empty, preparation: { image: image.encoder }, weights: initializeParameters(graph, 4) };
}

const options = { data: patterns("few", 16), steps: 4, batchSize: 8 };

test.each(["float16", "int8", "int4", "nf4"] as const)("adapts beside a base in %s", async (base: BaseFormat) => {
  const pretrained = backbone();
  const before = { ...options, method: lora({ rank: 2, targets: ["qkv"] }), seed: 1, workers: 0 };
  const [plain, stored] = [await adapt(pretrained, task, before), await adapt(pretrained, task, { ...before, base })];
  const { base: recorded, baseBytes } = stored.training!.settings as Record<string, unknown>;
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
