import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { png } from "../data.test.helper.ts";
import { crc32 } from "../files/crc32.ts";
import { imageOf, open, refused } from "./readers.test.helper.ts";

describe("image files", () => {
  it("reads TIFF, WebP, BMP and opaque alpha", async () => {
    const grey = await png(4, 3, 1, (x, y) => 20 * x + y);
    const bmp = new Uint8Array(54 + 16 * 3);
    const view = new DataView(bmp.buffer);
    bmp.set([0x42, 0x4d]);
    for (const [at, value] of [
      [10, 54],
      [14, 40],
      [18, 4],
      [22, 3],
    ] as const)
      view.setUint32(at, value, true);
    view.setUint16(28, 24, true);
    // Rows of a bitmap are padded and begin at the bottom.
    for (let y = 0; y < 3; y++) for (let i = 0; i < 12; i++) bmp[54 + (2 - y) * 12 + i] = 20 * Math.floor(i / 3) + y;
    const { splits } = await open(
      {
        "train/a.png": grey,
        "train/b.tif": await sharp(grey).tiff({ compression: "lzw" }).toBuffer(),
        "train/c.webp": await sharp(grey).webp({ lossless: true }).toBuffer(),
        "train/d.bmp": bmp,
        "train/e.png": await sharp(grey).ensureAlpha().png().toBuffer(),
      },
      { channels: 1 },
    );
    const { storage } = imageOf(splits["train"]);
    if (storage.kind !== "memory") throw new Error("expected pixels");
    for (let image = 0; image < 5; image++)
      expect(storage.pixels.subarray(image * 12, image * 12 + 12)).toEqual(storage.pixels.subarray(0, 12));
    expect(storage.pixels[5]).toBe(21);
  });

  it("refuses a bitmap that claims more than it holds, and a picture that is too large for its true reason", async () => {
    const bmp = new Uint8Array(60);
    bmp.set([0x42, 0x4d]);
    const view = new DataView(bmp.buffer);
    for (const [at, value] of [
      [10, 54],
      [14, 40],
      [18, 60_000],
      [22, 60_000],
    ] as const)
      view.setUint32(at, value, true);
    view.setUint16(28, 24, true);
    expect((await refused({ "train/a.bmp": bmp })).message).toContain("60000 x 60000");
    const huge = new Uint8Array(await png(2, 2, 1, () => 0));
    const header = new DataView(huge.buffer);
    header.setUint32(16, 20_000);
    header.setUint32(20, 20_000);
    header.setUint32(29, crc32(huge.subarray(12, 29)));
    expect((await refused({ "train/a.png": huge })).message).toContain("400 million pixels");
  });
});
