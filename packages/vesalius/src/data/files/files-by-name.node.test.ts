import { join } from "node:path";
import { expect, it } from "vitest";
import { greys, open, refused } from "../readers/readers.test.helper.ts";
import { makeFolder } from "../data.test.helper.ts";
import { filesByName } from "./files-by-name.node.ts";

it("finds files whose folder or letter case is not as written, and no other file of that name", async () => {
  const folder = await makeFolder({ "images/A.png": "", "masks/b.png": "", "images/c.png": "", "masks/c.png": "" });
  const find = filesByName(folder);
  const found = async (name: string) => (await find(name)).map((path) => path.slice(folder.length + 1)).sort();
  expect(await found("a.PNG")).toEqual(["images/A.png"]);
  expect(await found("Images\\a.png")).toEqual(["images/A.png"]);
  expect(await found("set/images/A.png")).toEqual(["images/A.png"]);
  expect(await found("images/b.png")).toEqual([]);
  expect(await found("c.png")).toEqual(["images/c.png", "masks/c.png"]);
  expect(await found("d.png")).toEqual([]);
  // Without an ending, as ISIC names its images.
  expect(await found("a")).toEqual(["images/A.png"]);
  expect(await found("masks/c")).toEqual(["masks/c.png"]);
  expect(await found("images/b")).toEqual([]);
  expect(await found("a.jpg")).toEqual([]);
  expect(await filesByName(join(folder, "nowhere"))("a.png")).toEqual([]);
});

it("serves a table beside a folder of images, which says so; of two files of the name none is taken", async () => {
  const files = await greys(["img/0.png", "img/1.png", "img/2.png"]);
  const labels = "file,label\n0.png,a\n1.PNG,b\nimg/2.png,a\n";
  const { splits, card } = await open({ ...files, "labels.csv": labels });
  expect(Object.values(splits)[0]!.ids).toHaveLength(3);
  expect(card.cautions).toEqual(["2 files were found by their names in another place than is written."]);
  const twice = await refused({ ...files, ...(await greys(["other/0.png"])), "labels.csv": labels });
  expect(twice.what).toBe("2 files have the name that is given");
  expect(twice.where).toMatch(/labels\.csv.*row 1/);
});

it.each([
  ["labels.csv", "image,label", "ISIC_0", "ISIC_1"],
  ["metadata.csv", "lesion_id,image_id,dx", "L1,ISIC_0", "L2,ISIC_1"],
  ["train.csv", "id_code,diagnosis", "ISIC_0", "ISIC_1"],
  ["labels.csv", "Image Index,Finding Labels", "ISIC_0.jpg", "ISIC_1.jpg"],
])(
  "reads images that a table %s (%s) names without their endings, and takes no folder for a class",
  async (file, header, one, other) => {
    const files = await greys(["part_1/ISIC_0.jpg", "part_2/ISIC_1.jpg"]);
    const { splits } = await open({ ...files, [file]: `${header}\n${one},a\n${other},b\n` });
    const { image, label } = splits["train"]!.columns;
    expect([image?.kind, image?.length]).toEqual(["images", 2]);
    expect(label).toMatchObject({ kind: "classes", names: ["a", "b"] });
  },
);

it("takes words for words where no image is called so", async () => {
  const files = await greys(["img/0.png"]);
  const { splits } = await open({ ...files, "x.csv": "image,label\nheart of a man,a\nlung of a man,b\n" });
  expect(splits["train"]!.columns["image"]?.kind).not.toBe("images");
});
