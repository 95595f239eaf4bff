import { expect, test } from "vitest";
import { adapt, scratch } from "../adaptation/index.ts";
import { randomStream } from "../common/random.ts";
import { masksColumn, type Split, volumesColumn } from "../data/index.ts";
import { readNifti } from "../data/volumes/read-nifti.ts";
import { placesOf } from "../data/volumes/grids.ts";
import { evaluate, meanDice, type MeasuredAnswers, type RegionsMeasure } from "../evaluation/index.ts";
import { backbonesOf } from "../models/index.ts";
import { nnunetArchitecture } from "../models/vision/nnunet-architecture.ts";
import { createTask } from "./create-task.ts";
import { showAnswers } from "./pictures/show-answers.ts";
import { segmentation } from "./segmentation.ts";

const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const classes = ["background", "bright"];

/** Noisy volumes with a bright box, which the mask marks. */
function boxes(name: string, length: number, seed: number): Split {
  const stream = randomStream(seed, "boxes");
  const made = Array.from({ length }, () => {
    const extents = [10 + stream.integer(4), 12, 10] as const;
    const start = extents.map((extent) => stream.integer(extent - 5));
    const data = new Float32Array(placesOf(extents));
    const mask = new Uint8Array(data.length);
    for (let place = 0; place < data.length; place++) {
      const index = [Math.floor(place / 120), Math.floor(place / 10) % 12, place % 10];
      const inside = index.every((at, axis) => at >= start[axis]! && at < start[axis]! + 5);
      mask[place] = inside ? 1 : 0;
      data[place] = 10 * stream.normal() + (inside ? 30 : 0);
    }
    const grid = { extents, spacing: [1, 1, 1] as const, affine };
    return { volume: { ...grid, channels: 1, data }, mask: { ...grid, data: mask } };
  });
  return {
    name,
    length,
    ids: made.map((_, row) => `${name} ${row}`),
    groups: undefined,
    attributes: {},
    columns: {
      image: volumesColumn(made.map(({ volume }) => volume)),
      mask: masksColumn(
        classes,
        made.map(({ mask }) => mask),
      ),
    },
  };
}

test("finds structures of volumes of several sizes, in windows as at once", async () => {
  const train = boxes("train", 12, 1);
  const validation = boxes("validation", 4, 2);
  const task = segmentation({ classes, unit: "mm" });
  const backbone = backbonesOf(nnunetArchitecture)({
    patch: [16, 12, 12],
    features: [4, 8],
    depths: [1, 1],
    decoderDepths: [1],
  });
  const model = await adapt(backbone, task, {
    method: scratch(),
    data: train,
    epochs: 12,
    batchSize: 2,
    learningRate: 1e-2,
    workers: 0,
    together: [{ name: "flip" }],
  });
  const report = await evaluate(model, task, validation, { resamples: 20 });
  expect(report.metrics["dice"]!.value).toBeGreaterThan(0.8);
  const windowed = createTask({
    name: "segmentation",
    ...task.settings,
    inference: { name: "slidingWindow", overlap: 0.5 },
  });
  const { Model } = await import("./model.ts");
  const sliding = new Model({ task: windowed, backbone: model.backbone, weights: model.weights });
  const inWindows = await evaluate(sliding, windowed, validation, { resamples: 20 });
  expect(inWindows.metrics["dice"]!.value).toBeGreaterThan(0.8);
  let measured: MeasuredAnswers<RegionsMeasure> | undefined;
  await evaluate(model, task, validation, { resamples: 2, onMeasured: (all) => (measured = all) });
  const [shown, ...others] = await showAnswers(model, task, validation, measured!);
  expect(others).toEqual([]);
  if (shown?.kind !== "images") throw new Error("no pictures");
  const scores = shown.images.map(({ caption }) => Number(/Dice (0\.\d+)$/.exec(caption!)![1]));
  const sorted = measured!.measures.map(meanDice).sort((a, b) => b - a);
  expect(shown.images.map(({ caption }) => caption!.split(":")[0])).toEqual(["best", "median", "worst"]);
  expect(scores).toEqual([sorted[0]!, sorted[1]!, sorted[3]!].map((one) => Number(one.toFixed(3))));
  expect(JSON.stringify(shown)).not.toContain("validation");
  expect(await showAnswers(model, task, validation, measured!, { restricted: true })).toEqual([
    { kind: "text", title: "Outlines", paragraphs: [expect.stringContaining("restricted")] },
  ]);
  let written = 0;
  for await (const { name, content } of task.files(model.predict(validation), validation)) {
    const { extents } = readNifti(content as Uint8Array, { where: name });
    expect(extents.slice(1)).toEqual([12, 10]);
    written++;
  }
  expect(written).toBe(4);
  await model.release();
  await sliding.release();
}, 180_000);

test("structures that no mask shows are refused for training and said of an evaluation", async () => {
  const three = ["background", "bright", "dark"];
  const named = (name: string): Split => {
    const split = boxes(name, 3, 1);
    return { ...split, columns: { ...split.columns, mask: { ...split.columns["mask"]!, classes: three } as never } };
  };
  const task = segmentation({ classes: three, unit: "mm" });
  await expect(task.examine!(named("train"), "training")).rejects.toMatchObject({
    code: "bad-data",
    what: "none of the 3 masks of the split train shows dark, which leaves nothing to learn",
    where: "split train, column mask",
  });
  expect(await task.examine!(named("validation"), "evaluation")).toEqual([
    "None of the 3 masks of the split validation shows dark; figures on it are not defined.",
  ]);
  expect(await segmentation({ classes, unit: "mm" }).examine!(boxes("train", 3, 1), "training")).toEqual([]);
  const lenient = segmentation({ classes: three, unit: "mm", allowMissingClasses: true });
  expect(await lenient.examine!(named("train"), "training")).toHaveLength(1);
});
