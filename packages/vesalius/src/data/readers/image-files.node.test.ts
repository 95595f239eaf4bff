import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { failure, makeFolder, png } from "../data.test.helper.ts";
import { decodeImage, inspectImage, isImageName, loadSharp } from "./image-files.node.ts";

const ramp = (x: number, y: number, channel: number): number => (x * 10 + y * 40 + channel * 3) % 256;

async function file(content: string | Uint8Array, name = "image.png"): Promise<string> {
  return join(await makeFolder({ [name]: content }), name);
}

describe("decodeImage", () => {
  it.each([1, 3] as const)("gives a PNG's values unchanged, %i channels first", async (channels) => {
    const { pixels, shape } = await decodeImage(await file(await png(5, 4, channels, ramp)));
    expect(shape).toEqual({ channels, height: 4, width: 5 });
    for (let i = 0; i < pixels.length; i++) {
      expect(pixels[i]).toBe(ramp(i % 5, Math.floor(i / 5) % 4, Math.floor(i / 20)));
    }
  });

  it("turns photographs upright as their EXIF orientation says", async () => {
    const upright = await png(3, 2, 3, ramp);
    const sideways = await sharp(upright).rotate(270).withMetadata({ orientation: 6 }).png().toBuffer();
    const { pixels, shape } = await decodeImage(await file(sideways));
    expect(shape).toEqual({ channels: 3, height: 2, width: 3 });
    expect(Array.from(pixels)).toEqual(Array.from((await decodeImage(await file(upright))).pixels));
  });

  it("refuses a file whose pixels end early, as PNG and as JPEG", async () => {
    const noisy = await png(64, 64, 1, (x, y) => (x * 97 + y * 61 + x * y * 13) % 256);
    const jpeg = await sharp(noisy).jpeg().toBuffer();
    for (const whole of [noisy, jpeg]) {
      const path = await file(whole.subarray(0, whole.length / 2));
      const error = await failure(() => decodeImage(path));
      expect(error.code).toBe("bad-file");
      expect(error.where).toBe(path);
    }
  });
});

/** A TIFF of 16-bit greys, which sharp does not write. */
function tiff16(width: number, height: number, values: readonly number[]): Buffer {
  const data = Buffer.from(Uint16Array.from(values).buffer);
  const fields = [
    [256, 3, width],
    [257, 3, height],
    [258, 3, 16],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 8],
    [277, 3, 1],
    [278, 3, height],
    [279, 4, data.length],
  ] as const;
  const head = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  head.writeUInt32LE(8 + data.length, 4);
  const directory = Buffer.alloc(2 + 12 * fields.length + 4);
  directory.writeUInt16LE(fields.length, 0);
  for (const [i, [tag, type, value]] of fields.entries()) {
    directory.writeUInt16LE(tag, 2 + 12 * i);
    directory.writeUInt16LE(type, 4 + 12 * i);
    directory.writeUInt32LE(1, 6 + 12 * i);
    if (type === 3) directory.writeUInt16LE(value, 10 + 12 * i);
    else directory.writeUInt32LE(value, 10 + 12 * i);
  }
  return Buffer.concat([head, data, directory]);
}

describe("images of 16 bits", () => {
  const values = Array.from({ length: 16 }, (_, i) => 256 * i);

  it("are refused with what to say, and read through a window, from PNG and TIFF alike", async () => {
    const raw = sharp(Uint16Array.from(values), { raw: { width: 4, height: 4, channels: 1 } });
    for (const content of [await raw.toColourspace("grey16").png().toBuffer(), tiff16(4, 4, values)]) {
      const path = await file(content);
      const error = await failure(() => inspectImage(path));
      expect(error.what).toContain("16 bits per value");
      expect(error.fixAs((name, value) => `${name}=${value}`)).toContain("window=[0, 4095]");
      expect(await inspectImage(path, [0, 4095])).toMatchObject({ bits: 16 });
      const whole = await decodeImage(path, [0, 3840]);
      expect(Array.from(whole.pixels)).toEqual(values.map((value) => Math.round((value / 3840) * 255)));
      const part = await decodeImage(path, [512, 1024]);
      expect(Array.from(part.pixels)).toEqual(values.map((value) => (value < 768 ? 0 : value > 768 ? 255 : 128)));
    }
  });

  it("leave images of 8 bits as they are", async () => {
    const path = await file(await png(5, 4, 1, ramp));
    expect((await decodeImage(path, [0, 4095])).pixels).toEqual((await decodeImage(path)).pixels);
  });
});

describe("inspectImage", () => {
  it("names a format that is not read", async () => {
    const gif = await sharp(await png(4, 4, 3, ramp))
      .gif()
      .toBuffer();
    expect((await failure(async () => inspectImage(await file(gif)))).what).toBe(
      "the image is a GIF file, which is not read",
    );
  });

  it("refuses transparency, CMYK and 16 bits instead of choosing a reading", async () => {
    const grey16 = sharp(new Uint16Array(16).fill(3000), { raw: { width: 4, height: 4, channels: 1 } });
    const cases = [
      [await png(4, 4, 4, ramp), "4 channels"],
      [await png(4, 4, 2, ramp), "2 channels"],
      [
        await sharp(await png(4, 4, 3, ramp))
          .toColourspace("cmyk")
          .jpeg()
          .toBuffer(),
        "4 channels",
      ],
      [await grey16.toColourspace("grey16").png().toBuffer(), "more than 8 bits"],
    ] as const;
    for (const [content, text] of cases) {
      const error = await failure(async () => inspectImage(await file(content)));
      expect(error.code).toBe("bad-data");
      expect(error.message).toContain(text);
    }
  });

  it("refuses what is no PNG or JPEG, whatever its name says", async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>`;
    for (const content of ["not an image", "", svg]) {
      const error = await failure(async () => inspectImage(await file(content)));
      expect(error.code).toBe("bad-file");
    }
  });

  it("names a file that is not there", async () => {
    const error = await failure(() => inspectImage("no/such/image.png"));
    expect(error.code).toBe("missing-file");
    expect(error.where).toBe("no/such/image.png");
  });
});

describe("loadSharp", () => {
  it("names the package to install where it cannot be loaded", async () => {
    const missing = "a-package-that-is-not-installed";
    const error = await failure(() => loadSharp(() => import(missing)));
    expect(error.code).toBe("missing-dependency");
    expect(error.fix).toContain("npm install sharp");
  });
});

describe("isImageName", () => {
  it("knows PNG and JPEG endings and skips hidden files", () => {
    expect(["a.png", "b.JPG", "c.jpeg"].every(isImageName)).toBe(true);
    expect(["._a.png", "a.txt", "png", "a.png.part"].some(isImageName)).toBe(false);
  });
});
