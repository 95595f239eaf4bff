import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failure, makeFolder, npz } from "../data.test.helper.ts";
import { openDataset } from "../open-dataset.node.ts";
import { greys, open, refused } from "../readers/readers.test.helper.ts";
import { openDatasetFolder } from "./dataset-folder.node.ts";
import { memoryBudget } from "./memory-budget.ts";

const opened = async (files: Record<string, string>) => openDatasetFolder(await makeFolder(files), memoryBudget(1e6));

describe("place", () => {
  it("finds names with slashes of either kind, absolute ones inside, and letters composed in another way", async () => {
    const folder = await opened({ "a/b.txt": "x", "Rücken/José.txt": "y" });
    expect(await folder.place("a\\b.txt")).toBe(join(folder.root, "a/b.txt"));
    expect(await folder.place(join(folder.root, "a/b.txt"))).toBe(join(folder.root, "a/b.txt"));
    expect(await folder.text("Rücken/José.txt".normalize("NFD"))).toBe("y");
    const decomposed = await opened({ [`${"ä".normalize("NFD")}.txt`]: "z" });
    expect(await decomposed.text("ä.txt".normalize("NFC"))).toBe("z");
  });

  it.each(["../x.txt", "/etc/hostname", "C:\\data\\x.txt", "a/../../x.txt"])("refuses %s", async (name) => {
    const folder = await opened({ "a/b.txt": "x" });
    const error = await failure(() => folder.place(name, "labels.csv, row 3"));
    expect(error).toMatchObject({ code: "bad-data", where: "labels.csv, row 3" });
    expect(error.message).toContain("outside the dataset's folder");
    expect(error.message).not.toContain(name);
  });
});

describe("links", () => {
  it("are followed inside, and refused by every reader where they lead outside, without what they hold", async () => {
    const secret = join(await makeFolder({ "secret.csv": "text,label\nsecret,1\n" }), "secret.csv");
    const kinds: Record<string, Record<string, string | Uint8Array>> = {
      "labels.csv": await greys(["a.png"]),
      "x.jsonl": { "y.jsonl": "{}" },
      "x.fa": {},
      "x.smi": {},
      "x.npz": {},
      "x.nii": {},
      "x.txt": {},
      "dataset.json": { "a.txt": "x" },
    };
    for (const [name, others] of Object.entries(kinds)) {
      const folder = await makeFolder(others);
      await symlink(secret, join(folder, name));
      const error = await failure(() => openDataset(folder));
      expect([name, error.code, error.what]).toEqual([name, "bad-data", "a link leads outside the dataset's folder"]);
      expect(error.where).toBe(join(folder, name));
    }
  });

  it("that lead nowhere or in a circle end with their place", async () => {
    const folder = await makeFolder(await greys(["train/a/1.png"]));
    await symlink("nowhere", join(folder, "train/b"));
    const dead = await failure(() => openDataset(folder));
    expect([dead.code, dead.where]).toEqual(["missing-file", join(folder, "train/b")]);
    const circle = await makeFolder(await greys(["train/a/1.png"]));
    await symlink("b", join(circle, "train/b"));
    const endless = await failure(() => openDataset(circle));
    expect([endless.code, endless.where]).toEqual(["bad-file", join(circle, "train/b")]);
    const upwards = await makeFolder(await greys(["train/a/1.png"]));
    await symlink("..", join(upwards, "train/b"));
    expect((await failure(() => openDataset(upwards))).what).toContain("a class folder holds a folder inside it");
  });

  it("of a snapshot in the hub's cache lead to its blobs", async () => {
    const cache = await makeFolder({ "datasets--org--set/blobs/1": "text,label\nThis one,a\nThat one,b\n" });
    const snapshot = join(cache, "datasets--org--set/snapshots/0f3a");
    await mkdir(snapshot, { recursive: true });
    await symlink("../../blobs/1", join(snapshot, "train.csv"));
    const { splits, card } = await openDataset(snapshot);
    expect(splits["train"]!.length).toBe(2);
    expect(card.cautions.join()).not.toContain("left out");
  });

  it("may stand for a split", async () => {
    const folder = await makeFolder(await greys(["store/one/a/1.png", "val/a/2.png"]));
    await symlink("store/one", join(folder, "train"));
    expect((await openDataset(folder)).splits["train"]!.ids).toEqual(["train/a/1.png"]);
  });
});

describe("what nobody reads", () => {
  it("is counted by kind, whatever the layout", async () => {
    const noise = { "x.pdf": "x", "inner/y.docx": "x", "inner/z.docx": "x", README: "x", ".DS_Store": "x" };
    const said = "3 files were left out: 2 .docx, 1 .pdf.";
    const images = new Uint8Array(32);
    const layouts: Record<string, string | Uint8Array>[] = [
      { "rows.csv": "text,label\nThis one is here,a\nThat one is there,b\n" },
      { "rows.jsonl": '{"text": "This one is here", "label": "a"}\n' },
      { "one.txt": "A line of text.\n" },
      { "one.smi": "CCO\n" },
      { "one.fa": ">a\nACGT\n" },
      { "train.tsv": "The\tO\nend\tB-x\n\n" },
      { "a.npz": npz({ train_images: [images, [2, 4, 4]], train_labels: [Uint8Array.of(0, 1), [2, 1]] }) },
    ];
    for (const layout of layouts)
      expect([Object.keys(layout), (await open({ ...layout, ...noise })).card.cautions[0]]).toEqual([
        Object.keys(layout),
        said,
      ]);
  });

  it("is said of images that no row names, and of arrays that are no images and labels", async () => {
    const table = await open({
      ...(await greys(["a.png", "b.png", "c.tif"])),
      "labels.csv": "file,label\na.png,x\n",
    });
    expect(table.card.cautions.slice(0, 1)).toEqual(["2 files were left out: 1 .png, 1 .tif."]);
    const images = new Uint8Array(32);
    const archive = npz({ train_images: [images, [2, 4, 4]], train_masks: [images, [2, 4, 4]], meta: [images, [32]] });
    expect((await open({ "a.npz": archive })).card.cautions).toEqual([
      "2 arrays of a.npz were left out: meta, train_masks.",
    ]);
    const other = await refused({ "a.npz": npz({ x_train: [images, [2, 4, 4]], y_train: [images, [32]] }) });
    expect(other.message).toContain("x_train, y_train");
  });

  it("does not hide what the data are: a folder of nothing but documents is refused with what it holds", async () => {
    const error = await refused({ "a.pdf": "x", "b.pdf": "x", "c.docx": "x" });
    expect(error.what).toContain("they hold 2 .pdf, 1 .docx");
  });
});
