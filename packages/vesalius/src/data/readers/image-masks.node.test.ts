import { describe, expect, it } from "vitest";
import { columnOf, readExamples } from "../dataset/index.ts";
import { png } from "../data.test.helper.ts";
import { kindsOf, open, refused } from "./readers.test.helper.ts";

const film = (i: number) => png(4, 4, 1, (x, y) => 20 * i + x + y);
const mask = (i: number) => png(4, 4, 1, (x) => (x < i ? 255 : 0));

describe("imageMasks", () => {
  it("reads images with masks of their names beside them, and says what has none", async () => {
    const { splits, card, unit } = await open({
      "images/a.png": await film(1),
      "images/b.png": await film(2),
      "images/c.png": await film(3),
      "masks/a.png": await mask(1),
      "masks/b_mask.png": await mask(2),
      "masks/d.png": await mask(3),
      "masks/notes.txt": "x",
    });
    const train = splits["train"]!;
    expect([unit, train.ids, kindsOf(train)]).toEqual([
      "images",
      ["images/a.png", "images/b.png", "images/c.png"],
      { image: "images", mask: "masks" },
    ]);
    expect(columnOf(train, "mask", "masks").classes).toEqual(["background", "foreground"]);
    expect((await readExamples(train, ["mask"], [1, 2])).map((example) => example["mask"] === null)).toEqual([
      false,
      true,
    ]);
    expect(card.cautions).toEqual(["1 images have no mask.", "2 files were left out: 1 .png, 1 .txt."]);
  });

  it("reads folders of splits in any case", async () => {
    const { splits } = await open({
      "Train/IMG/a.png": await film(1),
      "Train/GT/a.png": await mask(1),
      "Test/IMG/b.png": await film(2),
      "Test/GT/b.png": await mask(2),
    });
    expect(Object.keys(splits)).toEqual(["train", "test"]);
  });

  it("refuses masks that belong to no image or several to one, and masks of 16 bits", async () => {
    const images = { "images/a.png": await film(1) };
    const none = await refused({ ...images, "masks/x.png": await mask(1) });
    expect(none.what).toContain("no mask has the name of an image");
    const several = await refused({ ...images, "masks/a.png": await mask(1), "masks/a_seg.png": await mask(2) });
    expect(several.what).toContain("several masks belong to one image");
  });
});
