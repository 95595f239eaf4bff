import { beforeAll, describe, expect, it } from "vitest";
import type { Spec } from "../../common/catalogue.ts";
import { randomStream } from "../../common/random.ts";
import { imagesColumn, referencesColumn, type Split, textsColumn } from "../../data/index.ts";
import { architectures, type Backbone } from "../../models/index.ts";
import { prepare, trainingPlan } from "../../tasks/index.ts";
import { platform } from "#platform";
import { type HeldOut, heldOut } from "../held-out.test.helper.ts";
import { pretrain, type Pretrained } from "../pretrain.ts";
import { showObjective } from "../show-objective.ts";
import { contrast } from "./contrast.ts";

const side = 8;
const greys = { dark: 40, grey: 120, white: 220 };
const words = Object.keys(greys) as (keyof typeof greys)[];

/** Images of four even quarters with what they look like in words. */
function described(name: string, length: number): Split {
  const stream = randomStream(1, name);
  const pixels = new Uint8Array(length * side * side);
  const texts = Array.from({ length }, (_, row) => {
    const quarters = Array.from({ length: 4 }, () => words[stream.integer(3)]!);
    for (let i = 0; i < side * side; i++) {
      const quarter = (i % side < 4 ? 0 : 1) + (i < (side * side) / 2 ? 0 : 2);
      pixels[row * side * side + i] = greys[quarters[quarter]!] + stream.integer(30);
    }
    return quarters.map((word, i) => `${["a", "b", "c", "d"][i]} ${word}`).join(" ");
  });
  return {
    name,
    length,
    ids: texts.map((_, row) => `${name}/${row}`),
    groups: undefined,
    attributes: {},
    columns: { image: imagesColumn(pixels, { channels: 1, height: side, width: side }), text: textsColumn(texts) },
  };
}

const [train, validation] = [described("train", 256), described("validation", 48)];
const vit = { name: "vit", imageSize: side, patchSize: 4, channels: 1, width: 32, depth: 2, heads: 2, pooling: "mean" };
const bert = { name: "bert", width: 32, depth: 2, heads: 2, hiddenWidth: 64, maximumPositions: 16, pooling: "mean" };
const backboneOf = (spec: Spec): Backbone => ({
  network: architectures.create(spec),
  weights: undefined,
  preparation: undefined,
});
const dualTower = (towers: object): Backbone => backboneOf({ name: "dualTower", towers, width: 16 });
const shape = dualTower({ image: vit, text: { ...bert, dropout: 0 } });
const objective = contrast();
const options = { epochs: 36, batchSize: 32, learningRate: 3e-3, seed: 1, workers: 0 };

describe("contrast", () => {
  let backbone: Pretrained;
  let seen: { before: HeldOut; after: HeldOut };
  beforeAll(async () => {
    backbone = await pretrain(shape, objective, train, options);
    seen = await heldOut(backbone, objective, validation);
  }, 60_000);

  it("finds the texts of images that it never saw, and does not collapse", () => {
    expect(seen.after["loss"]).toBeLessThan(seen.before["loss"]! - 1);
    expect(seen.after["accuracy"]).toBeGreaterThan(0.4);
    expect(seen.after["positiveCosine"]! - seen.after["negativeCosine"]!).toBeGreaterThan(0.4);
  });

  it("learns nothing from texts of other images", async () => {
    const { values } = train.columns["text"] as ReturnType<typeof textsColumn>;
    const text = textsColumn(values.map((_, row) => values[(row + 7) % train.length]!));
    const mixed = { ...train, columns: { ...train.columns, text } };
    const misled = await pretrain(shape, objective, mixed, options);
    const { after } = await heldOut(misled, objective, validation);
    expect(after["accuracy"]).toBeLessThan(0.2);
    expect(after["loss"]).toBeGreaterThan(Math.log(validation.length) - 0.1);
  }, 60_000);

  it("keeps the towers with their projections and the scale, and records its terms", () => {
    const names = [...backbone.weights.keys()];
    expect(names).toEqual(expect.arrayContaining(["image_projection.weight", "text_projection.weight", "logit_scale"]));
    const { terms } = backbone.pretraining.result.history.at(-1)!;
    expect(Object.keys(terms!)).toEqual(["accuracy", "positiveCosine", "negativeCosine"]);
  });

  it("shows how far pairs are apart", async () => {
    const [section] = await showObjective(backbone, objective, validation);
    expect(section).toMatchObject({ kind: "lines", series: [{ name: "belong together" }, { name: "do not" }] });
  });

  it("does not push apart what a query also refers to", async () => {
    const passages = { ...train, name: "passages" };
    const queries: Split = {
      ...validation,
      columns: {
        query: validation.columns["text"]!,
        // Query 1 refers to the passage of query 0 too, and to one that no query is paired with.
        relevant: referencesColumn(
          passages,
          validation.ids.map((_, row) => (row === 1 ? { rows: [9, 0, 200], grades: [2, 1, 0] } : { rows: [row] })),
        ),
      },
    };
    const columns = { query: ["query"], document: ["relevant.text"] };
    const towers = { query: bert, document: { sameAs: "query" } };
    const prepared = await prepare({ ...dualTower(towers), columns }, queries);
    const feeds = objective.feeds(prepared);
    expect(Object.keys(feeds.parts)).toEqual(["query", "document", "relevance"]);
    const plan = trainingPlan(feeds, queries, { batchSize: 3, seed: 0, sampler: { name: "inOrder" } });
    const batches = await platform.batches(queries, plan, { workers: 0 });
    const { feeds: fed } = await batches.batch(0);
    await batches.close();
    const expected = [1, 0, 0, 1, 1, 0, 0, 0, 1];
    expect(Array.from(fed.get("relevance.related")!.data as Float32Array)).toEqual(expected);
    expect([...(await pretrain(prepared, objective, queries, { ...options, steps: 2 })).weights.keys()]).toContain(
      "query.bert.encoder.layer.1.output.dense.weight",
    );
  });

  it.each([
    ["a network with one role", backboneOf(vit), {}, /between two towers/],
    ["towers that are none", shape, { towers: ["image", "sound"] }, /between two towers/],
    ["one tower twice", shape, { towers: ["image", "image"] }, /between two towers/],
  ])("refuses %s", (_, network, settings, message) => {
    expect(() => contrast(settings as Parameters<typeof contrast>[0]).feeds(network)).toThrow(message);
  });
});
