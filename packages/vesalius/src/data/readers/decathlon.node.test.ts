import { describe, expect, it } from "vitest";
import { columnOf, readExamples } from "../dataset/index.ts";
import { failure, makeFolder } from "../data.test.helper.ts";
import { openDataset, type OpenDatasetOptions } from "../open-dataset.node.ts";
import type { Volume } from "../columns/volumes.ts";
import { writeNifti } from "../volumes/write-nifti.ts";

const affine = [1, 0, 0, -3, 0, 2, 0, 5, 0, 0, 3, 0, 0, 0, 0, 1];
const nifti = (
  data: Int16Array | Uint8Array,
  extents: readonly [number, number, number] = [1, 2, 3],
  shift = 0,
): Uint8Array =>
  writeNifti({
    channels: 1,
    extents,
    spacing: [3, 2, 1],
    affine: affine.map((value, i) => (i === 3 ? value + shift : value)),
    data,
  });
const index = (more: object = {}): string =>
  JSON.stringify({
    name: "Made",
    labels: { "0": "background", "1": "edge", "2": "core" },
    training: ["a", "b"].map((stem) => ({ image: `./imagesTr/${stem}.nii.gz`, label: `./labelsTr/${stem}.nii.gz` })),
    ...more,
  });
const files = {
  "Task/dataset.json": index(),
  "Task/imagesTr/a.nii.gz": nifti(Int16Array.of(1, 2, 3, 4, 5, 6)),
  "Task/imagesTr/b.nii.gz": nifti(Int16Array.of(9, 8, 7, 6, 5, 4)),
  "Task/labelsTr/a.nii.gz": nifti(Uint8Array.of(0, 1, 2, 0, 0, 1)),
  "Task/labelsTr/b.nii.gz": nifti(Uint8Array.of(0, 0, 0, 2, 2, 2)),
  "Task/splits_final.json": JSON.stringify([
    { train: ["a"], val: ["b"] },
    { train: ["b"], val: ["a"] },
  ]),
  "dataset.json": JSON.stringify({ name: "made", licence: "CC0" }),
};
type Files = Record<string, string | Uint8Array>;
const open = async (given: Files = files, options?: OpenDatasetOptions) =>
  openDataset(await makeFolder(given), options);
const refused = async (change: Files, options?: OpenDatasetOptions) =>
  failure(() => open({ ...files, ...change }, options));

describe("decathlon", () => {
  it("reads volumes with masks, split by the fold, in memory or from their files", async () => {
    for (const storage of ["memory", "files"]) {
      const { splits, card, unit } = await open(files, { storage });
      expect([card.licence, unit, Object.keys(splits)]).toEqual(["CC0", "volumes", ["train", "validation"]]);
      expect(splits["validation"]!.ids).toEqual(["b"]);
      const [example] = await readExamples(splits["train"]!, ["image", "mask"], [0]);
      expect(example).toEqual({
        image: { channels: 1, extents: [1, 2, 3], spacing: [3, 2, 1], affine, data: Float32Array.of(1, 2, 3, 4, 5, 6) },
        mask: { extents: [1, 2, 3], spacing: [3, 2, 1], affine, data: Uint8Array.of(0, 1, 2, 0, 0, 1) },
      });
      expect(columnOf(splits["train"]!, "mask", "masks").classes).toEqual(["background", "edge", "core"]);
    }
    expect((await open(files, { fold: 1 })).splits["train"]!.ids).toEqual(["b"]);
  });

  it("opens the folder of the index itself, labels in nnU-Net's order, and test volumes without masks", async () => {
    const inner: Files = Object.fromEntries(
      Object.entries(files).flatMap(([name, content]) => (name.startsWith("Task/") ? [[name.slice(5), content]] : [])),
    );
    const { splits, card } = await open({
      ...inner,
      "dataset.json": index({
        labels: { background: 0, core: 2, edge: 1 },
        test: ["./imagesTs/c.nii.gz"],
        licence: "CC BY",
      }),
      "imagesTs/c.nii.gz": nifti(Int16Array.of(1, 1, 1, 1, 1, 1)),
    });
    expect(card).toMatchObject({ title: "Made", licence: "CC BY" });
    expect(columnOf(splits["train"]!, "mask", "masks").classes).toEqual(["background", "edge", "core"]);
    expect(await readExamples(splits["test"]!, ["mask"], [0])).toEqual([{ mask: null }]);
    expect(((await readExamples(splits["test"]!, ["image"], [0]))[0]!["image"] as Volume).data[0]).toBe(1);
  });

  it.each([
    [
      "a mask on another grid",
      { "Task/labelsTr/a.nii.gz": nifti(Uint8Array.of(0, 1, 2, 0, 0, 1), [1, 2, 3], 4) },
      "grid",
    ],
    [
      "a mask of other extents",
      { "Task/labelsTr/a.nii.gz": nifti(Uint8Array.of(0, 1, 2, 0, 0, 1), [1, 3, 2]) },
      "grid",
    ],
    ["a value that is no class", { "Task/labelsTr/a.nii.gz": nifti(Uint8Array.of(0, 1, 9, 0, 0, 1)) }, "value 9"],
    [
      "a missing volume",
      { "Task/dataset.json": index({ training: [{ image: "./x.nii.gz", label: "./labelsTr/a.nii.gz" }] }) },
      "a file is named that is not there",
    ],
    [
      "a volume outside",
      { "Task/dataset.json": index({ training: [{ image: "../../x.nii.gz", label: "./labelsTr/a.nii.gz" }] }) },
      "outside",
    ],
    [
      "a truncated volume",
      { "Task/imagesTr/a.nii.gz": nifti(Int16Array.of(1, 2, 3, 4, 5, 6)).subarray(0, 60) },
      "gzip",
    ],
    ["a case in no split", { "Task/splits_final.json": JSON.stringify([{ train: ["a"], val: ["c"] }]) }, "case b"],
    [
      "a case in two splits",
      { "Task/splits_final.json": JSON.stringify([{ train: ["a", "b"], val: ["b"] }]) },
      "two splits",
    ],
    ["labels without a background", { "Task/dataset.json": index({ labels: { "1": "edge" } }) }, "background"],
    ["one volume in both splits", { "Task/imagesTr/b.nii.gz": files["Task/imagesTr/a.nii.gz"] }, "identical image"],
  ] as [string, Files, string][])("refuses %s", async (_, change, message) => {
    expect((await refused(change)).message).toContain(message);
  });

  it("refuses a fold that there is not, and more memory than allowed", async () => {
    expect((await refused({}, { fold: 2 })).message).toContain("2 folds");
    expect((await refused({}, { storage: "memory", maxBytes: 600 })).message).toContain("limit");
  });
});
