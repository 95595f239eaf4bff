import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadBackbone } from "../adaptation/index.node.ts";
import { imagesColumn } from "../data/index.ts";
import { splitOf } from "../data/columns/columns.test.helper.ts";
import { randomStream } from "../common/random.ts";
import { vit } from "../models/index.ts";
import { encodeBackbone } from "../tasks/index.ts";
import { maskedImageModelling } from "./generative/masked-image-modelling.ts";
import type { Objective } from "./objective.ts";
import { pretrain } from "./pretrain.ts";
import { showObjective } from "./show-objective.ts";

const random = randomStream(3, "images");
const images = (name: string, count: number) =>
  splitOf(
    {
      image: imagesColumn(
        Uint8Array.from({ length: count * 384 }, () => random.integer(256)),
        { channels: 1, height: 16, width: 24 },
      ),
    },
    { name },
  );
const backbone = vit.nano({ imageSize: [16, 24], patchSize: 4 });
const train = images("train", 12);

test("runs the objective on examples with the trained weights and hands over what is shown", async () => {
  const masked = maskedImageModelling({ decoder: { width: 8, depth: 1, heads: 2 } });
  const pretrained = await pretrain(backbone, masked, train, { steps: 2, batchSize: 4, workers: 0 });
  const seen: unknown[] = [];
  const showing: Objective = {
    ...masked,
    show(shown, examples) {
      seen.push(Object.fromEntries([...shown].map(([name, { shape }]) => [name, shape])), examples.ids);
      return Promise.resolve([{ kind: "text", paragraphs: [`${examples.length} images`] }]);
    },
  };
  const held = images("validation", 9);
  const sections = await showObjective(pretrained, showing, held, { count: 3 });
  expect(sections).toEqual([{ kind: "text", paragraphs: ["3 images"] }]);
  expect(seen).toEqual([
    { prediction: [3, 24, 16], target: [3, 24, 16], mask: [3, 24] },
    ["validation/0", "validation/1", "validation/2"],
  ]);
  expect(await showObjective(pretrained, { ...masked }, held)).toEqual([]);
});

test("a saved backbone comes back with its weights, encoders and columns", async () => {
  const own = { ...backbone, columns: { image: ["film"] } };
  const films = { ...train, columns: { film: train.columns["image"]! } };
  const pretrained = await pretrain(own, maskedImageModelling(), films, { steps: 1, batchSize: 4, workers: 0 });
  const folder = await mkdtemp(join(tmpdir(), "vesalius-backbone-"));
  try {
    for (const [name, content] of encodeBackbone(pretrained)) await writeFile(join(folder, name), content);
    const loaded = await loadBackbone(folder);
    expect(loaded.columns).toEqual({ image: ["film"] });
    expect(loaded.preparation).toEqual(pretrained.preparation);
    expect(loaded.network.config).toEqual(pretrained.network.config);
    expect(loaded.weights).toEqual(pretrained.weights);
    const bytes = encodeBackbone(pretrained).get("backbone.safetensors") as Uint8Array;
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(join(folder, "backbone.safetensors"), bytes);
    await expect(loadBackbone(folder)).rejects.toMatchObject({
      code: "bad-file",
      where: `${folder}/backbone.safetensors`,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
