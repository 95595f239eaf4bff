import { describe, expect, it } from "vitest";
import { failure } from "./data.test.helper.ts";
import { gatherImages, memoryImages, sharedBytes } from "./image-source.ts";

const shape = { channels: 1, height: 1, width: 2 };

describe("memoryImages", () => {
  it("copies pixels into shared memory once, and not again", () => {
    const images = memoryImages(Uint8Array.of(1, 2, 3, 4), shape);
    expect(images.pixels.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(images).toMatchObject({ count: 2, pixels: Uint8Array.of(1, 2, 3, 4) });
    expect(memoryImages(images.pixels, shape).pixels).toBe(images.pixels);
  });

  it("refuses bytes that are no whole number of images", async () => {
    const error = await failure(() => memoryImages(sharedBytes(3), shape));
    expect(error.code).toBe("shape-mismatch");
    expect(error.message).toContain("[1, 1, 2]");
  });
});

describe("gatherImages", () => {
  it("takes rows in the order asked, repeats included, from memory and from files", () => {
    const memory = memoryImages(Uint8Array.of(1, 2, 3, 4, 5, 6), shape);
    expect(gatherImages(memory, [2, 0, 2])).toMatchObject({ count: 3, pixels: Uint8Array.of(5, 6, 1, 2, 5, 6) });
    const files = { kind: "files", paths: ["a", "b"], ...shape } as const;
    expect(gatherImages(files, Int32Array.of(1))).toEqual({ ...files, paths: ["b"] });
    expect(gatherImages(memory, [])).toMatchObject({ count: 0, height: 1, width: 2 });
  });
});
