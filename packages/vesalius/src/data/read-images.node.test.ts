import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failure, makeFolder, png } from "./data.test.helper.ts";
import { readImages } from "./read-images.node.ts";

const shape = { channels: 1, height: 2, width: 2 };

describe("readImages", () => {
  it("reads a folder by name, converting size and colour", async () => {
    const folder = await makeFolder({
      "b.png": await png(4, 4, 1, () => 80),
      "a.png": await png(2, 2, 3, () => 30),
      "notes.txt": "x",
    });
    expect(await readImages(folder, shape)).toMatchObject({
      length: 2,
      ids: ["a.png", "b.png"],
      labels: undefined,
      images: { ...shape, count: 2, pixels: Uint8Array.of(30, 30, 30, 30, 80, 80, 80, 80) },
    });
  });

  it("reads one file", async () => {
    const folder = await makeFolder({ "a.png": await png(2, 2, 1, (x, y) => x + 10 * y) });
    expect((await readImages(join(folder, "a.png"), shape)).images).toMatchObject({
      pixels: Uint8Array.of(0, 1, 10, 11),
    });
  });

  it("reports all unreadable images of a folder together", async () => {
    const folder = await makeFolder({ "a.png": "x", "b.png": "y", "c.png": await png(2, 2, 1, () => 0) });
    const error = await failure(() => readImages(folder, shape));
    expect(error.code).toBe("bad-file");
    expect(error.message).toMatch(/2 images cannot be used.*a\.png.*b\.png/);
  });

  it("refuses a missing path, a folder without images and an impossible shape", async () => {
    const folder = await makeFolder({ "notes.txt": "x" });
    expect((await failure(() => readImages(join(folder, "absent"), shape))).code).toBe("missing-file");
    expect((await failure(() => readImages(folder, shape))).code).toBe("bad-data");
    expect((await failure(() => readImages(folder, { ...shape, channels: 2 }))).code).toBe("bad-argument");
  });
});
