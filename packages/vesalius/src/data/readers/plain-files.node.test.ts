import { describe, expect, it } from "vitest";
import { join } from "node:path";
import { columnOf } from "../dataset/index.ts";
import { failure, makeFolder, png } from "../data.test.helper.ts";
import { openDataset, type OpenDatasetOptions } from "../open-dataset.node.ts";
import { writeNifti } from "../volumes/write-nifti.ts";

type Files = Record<string, string | Uint8Array>;
const open = async (files: Files, options?: OpenDatasetOptions, inside = "") =>
  openDataset(join(await makeFolder(files), inside), options);
const refused = async (files: Files, options?: OpenDatasetOptions) => failure(() => open(files, options));

describe("smiles", () => {
  it("reads molecules with and without names", async () => {
    const { splits, unit } = await open({ "drugs.smi": "CCO ethanol\n\nc1ccccc1\n" });
    expect(unit).toBe("molecules");
    expect(splits["train"]!.ids).toEqual(["ethanol", "drugs.smi, line 3"]);
    expect(columnOf(splits["train"]!, "molecule", "molecules").values).toEqual(["CCO", "c1ccccc1"]);
  });

  it("refuses an empty file", async () => {
    expect((await refused({ "drugs.smi": "\n" })).message).toMatch(/no molecules/);
  });
});

describe("niftiFiles", () => {
  const volume = writeNifti(
    {
      channels: 1,
      extents: [2, 3, 4],
      spacing: [2, 1, 1],
      affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1],
      data: Float32Array.from({ length: 24 }, (_, i) => i),
    },
    { gzip: false },
  );

  it.each(["auto", "files"] as const)("reads volumes without masks, %s", async (storage) => {
    const { splits, unit } = await open({ "scan.nii": volume }, { storage });
    expect(unit).toBe("volumes");
    expect(splits["train"]!.ids).toEqual(["scan"]);
    expect(columnOf(splits["train"]!, "image", "volumes").items[0]).toMatchObject({
      extents: [2, 3, 4],
      spacing: [2, 1, 1],
    });
  });

  it("is not misled by a text that tells about the volumes", async () => {
    const { splits, card } = await open({ "train/a.nii": volume, "train/a.dcm": "x", "notes.txt": "About them.\n" });
    expect(splits["train"]!.ids).toEqual(["a"]);
    expect(card.cautions).toEqual(["2 files were left out: 1 .dcm, 1 .txt."]);
  });

  it("opens a single file", async () => {
    expect((await open({ "scan.nii": volume }, {}, "scan.nii")).splits["train"]!.length).toBe(1);
  });

  it("refuses a truncated file", async () => {
    expect((await refused({ "scan.nii": volume.slice(0, 400) })).code).toBe("bad-file");
  });
});

describe("imageFolder", () => {
  it("opens a single image", async () => {
    const { splits } = await open({ "film.png": await png(8, 8, 1, (x, y) => x + y) }, {}, "film.png");
    expect(splits["train"]!.ids).toEqual(["film.png"]);
  });
});
