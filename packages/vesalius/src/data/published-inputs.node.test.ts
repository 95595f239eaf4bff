/** Inputs from public reports of other programs' users, as they come. They lie beside the folder of real data. */
import { cp, readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dataFolder, failure, makeFolder } from "./data.test.helper.ts";
import { openDataset } from "./open-dataset.node.ts";
import { decodeImage, inspectImage } from "./readers/image-files.node.ts";
import { greys, kindsOf, labelsOf } from "./readers/readers.test.helper.ts";

const place = (...path: string[]): string => join(dataFolder ?? "", "../cases", ...path);

describe.skipIf(dataFolder === undefined)("tables as spreadsheets and pandas write them (needs VESALIUS_DATA)", () => {
  it("are read with their splits and labels, and what is merged or alike is said", async () => {
    const tables = (await readdir(place("csv-dialects"))).filter((name) => name.endsWith(".csv"));
    expect(tables.length).toBeGreaterThan(9);
    const images = await greys(Array.from({ length: 12 }, (_, i) => `img/${i}.png`));
    const cautions: Record<string, readonly string[]> = {};
    for (const table of tables) {
      const folder = await makeFolder({ ...images, "labels.csv": await readFile(place("csv-dialects", table)) });
      const { splits, card } = await openDataset(folder, { allowMissingClasses: true });
      expect([table, splits["train"]!.length, splits["validation"]!.length]).toEqual([table, 8, 4]);
      expect([table, Object.keys(kindsOf(splits["train"]))]).toEqual([table, ["image", "label"]]);
      if (card.cautions.length > 0) cautions[table] = card.cautions;
    }
    expect(Object.fromEntries(Object.entries(cautions).map(([name, [first]]) => [name, first]))).toEqual({
      "case_labels.csv": "The classes Normal and normal differ in case only.",
      "comment.csv": "1 line of comments was left out.",
      "index_col.csv": "The first column has no name: it was taken for an index of the rows and left out.",
      "mixed_float.csv": "The labels 1 and 1.0 were read as one class.",
    });
  });
});

describe.skipIf(dataFolder === undefined)("images and archives as they come (needs VESALIUS_DATA)", () => {
  it("reads every format in class folders", async () => {
    const { splits, card } = await openDataset(place("ignored-formats/data"));
    const files = await readdir(place("ignored-formats/data/train/sick"));
    expect(labelsOf(splits["train"]).filter((label) => label === "sick")).toHaveLength(files.length);
    expect(card.cautions).toEqual([]);
  });

  it("opens single archives", async () => {
    expect((await openDataset(place("npz-path/tiny.npz"))).splits["train"]!.length).toBe(16);
  });

  it("says what is made smaller and grey", async () => {
    const size = { height: 28, width: 28 };
    const { card } = await openDataset(place("silent-shrink/colour64"), { size, channels: 1 });
    expect(card.cautions.join(" ")).toContain("64 x 64 colour read as 28 x 28 grey");
  });

  it("drops opaque alpha", async () => {
    expect((await decodeImage(place("rgba-opaque/0.png"))).shape.channels).toBe(3);
  });

  it("says why a picture is too large", async () => {
    const error = await failure(() => inspectImage(place("huge-png/slide.png")));
    expect(error.what).toBe("the image has 400 million pixels; the limit is 268 million");
  });

  it("refuses a class or a split that is a link to another place, and follows links inside", async () => {
    const source = place("ignored-formats/data");
    const folder = await makeFolder();
    await cp(source, join(folder, "set"), { recursive: true });
    await symlink(join(source, "train/sick"), join(folder, "set/train/third"));
    const error = await failure(() => openDataset(join(folder, "set")));
    expect([error.code, error.what]).toEqual(["bad-data", "a link leads outside the dataset's folder"]);
    const inner = await makeFolder();
    await cp(join(source, "train"), join(inner, "store"), { recursive: true });
    await cp(join(source, "val"), join(inner, "val"), { recursive: true });
    await symlink("store", join(inner, "train"));
    const opened = await openDataset(inner, { leakage: "allow-identical" });
    expect(Object.keys(opened.splits)).toEqual(["train", "validation"]);
  });
});
