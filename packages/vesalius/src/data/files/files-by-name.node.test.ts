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
