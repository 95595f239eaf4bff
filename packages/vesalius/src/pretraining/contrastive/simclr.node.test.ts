import { beforeAll, describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { type Feeds, imagesColumn, type Split, takeRows } from "../../data/index.ts";
import { vit } from "../../models/index.ts";
import { type HeldOut, heldOut } from "../held-out.test.helper.ts";
import type { Objective } from "../objective.ts";
import { pretrain, type Pretrained } from "../pretrain.ts";
import { showObjective } from "../show-objective.ts";
import { simclr } from "./simclr.ts";

const side = 8;

/** Images of four even quarters, each of its own grey, so that no two images are alike. */
function quarters(name: string, length: number): Split {
  const stream = randomStream(1, name);
  const pixels = new Uint8Array(length * side * side);
  for (let row = 0; row < length; row++) {
    const greys = Array.from({ length: 4 }, () => 40 + stream.integer(170));
    for (let i = 0; i < side * side; i++) {
      const quarter = (i % side < 4 ? 0 : 1) + (i < (side * side) / 2 ? 0 : 2);
      pixels[row * side * side + i] = greys[quarter]!;
    }
  }
  return {
    name,
    length,
    ids: Array.from({ length }, (_, row) => `${name}/${row}`),
    groups: undefined,
    attributes: {},
    columns: { image: imagesColumn(pixels, { channels: 1, height: side, width: side }) },
  };
}

const [train, validation] = [quarters("train", 256), quarters("validation", 64)];
const shape = vit({ imageSize: side, patchSize: 4, channels: 1, width: 32, depth: 2, heads: 2, pooling: "mean" });
const noise = [{ name: "randomGaussianNoise", standardDeviation: 0.05 }];
const objective = simclr({ temperature: 0.2, projection: { width: 16 } });
const options = { epochs: 12, batchSize: 64, learningRate: 3e-3, seed: 1, workers: 0 };

/** The objective with noise as its only change, and columns that its second view is read from. */
const noisy = (column = "image"): Objective => ({
  ...objective,
  feeds(backbone) {
    const views = Object.entries(objective.feeds(backbone).parts);
    const parts = views.map(([name, part]) => [
      name,
      { ...part, transforms: noise, columns: [name === "view2" ? column : "image"] },
    ]);
    return { parts: Object.fromEntries(parts) as Feeds["parts"] };
  },
});

describe("simclr", () => {
  let backbone: Pretrained;
  let seen: { before: HeldOut; after: HeldOut };
  beforeAll(async () => {
    backbone = await pretrain(shape, noisy(), train, options);
    seen = await heldOut(backbone, noisy(), validation);
  });

  it("finds the other view of images that it never saw, and does not collapse", () => {
    expect(seen.after["loss"]).toBeLessThan(seen.before["loss"]! - 0.5);
    expect(seen.after["accuracy"]).toBeGreaterThan(0.5);
    expect(seen.after["positiveCosine"]! - seen.after["negativeCosine"]!).toBeGreaterThan(0.5);
  });

  it("learns nothing from views of different images", async () => {
    const others = takeRows(
      train,
      Array.from({ length: train.length }, (_, row) => (row + 7) % train.length),
    );
    const mixed = { ...train, columns: { ...train.columns, other: others.columns["image"]! } };
    const misled = await pretrain(shape, noisy("other"), mixed, options);
    const { after } = await heldOut(misled, noisy(), validation);
    expect(after["positiveCosine"]! - after["negativeCosine"]!).toBeLessThan(0.1);
    expect(after["loss"]).toBeGreaterThan(seen.before["loss"]! - 0.1);
  });

  it("records its terms, and leaves its head out of the backbone", () => {
    const { terms } = backbone.pretraining.result.history.at(-1)!;
    expect(Object.keys(terms!)).toEqual(["accuracy", "positiveCosine", "negativeCosine"]);
    const names = [...backbone.weights.keys()];
    expect(names.some((name) => name.startsWith("simclr."))).toBe(false);
    expect(names).toContain("blocks.1.attn.qkv.weight");
    expect([...backbone.pretraining.objectiveWeights.keys()]).toContain("simclr.projection.2.weight");
  });

  it("shows how far pairs are apart", async () => {
    const [section] = await showObjective(backbone, objective, validation);
    expect(section).toMatchObject({ kind: "lines" });
    expect((section as { note: string }).note).toContain("64 examples");
  });

  it("refuses a role that is none", () => {
    expect(() => simclr({ role: "text" }).feeds(backbone)).toThrow(/reads image, not text/);
    expect(() => simclr({ temperature: 0 })).toThrow(/temperature/);
  });
});
