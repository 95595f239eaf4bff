import { describe, expect, it } from "vitest";
import { splitOf } from "../columns/columns.test.helper.ts";
import { imagesColumn } from "../columns/images.ts";
import { failure } from "../data.test.helper.ts";
import { batches } from "../loaders/batches.ts";
import { lossesOf } from "./losses.ts";
import { pixels } from "./pixels.ts";

type Size = { readonly channels: number; readonly height: number; readonly width: number };

/** Images of which every pixel has the value `value(i)`. */
function flat(length: number, size: Size, value: (image: number) => number) {
  const perImage = size.channels * size.height * size.width;
  return imagesColumn(
    Uint8Array.from({ length: length * perImage }, (_, i) => value(Math.floor(i / perImage))),
    size,
  );
}

const fit = async (size: Size, ...columns: ReturnType<typeof flat>[]) =>
  pixels.fit!(pixels.settings.parse(size), columns, {} as never) as Promise<{ mean: number[]; std: number[] }>;

async function encoded(column: ReturnType<typeof flat>, encoder: object): Promise<number[]> {
  const made = await batches(splitOf({ image: column }), {
    parts: { image: { columns: ["image"], encoder: { name: "pixels", ...encoder } } },
    sampler: { name: "inOrder" },
    rows: column.length,
    extents: {},
    seed: 0,
  });
  return Array.from((await made.batch(0)).feeds.get("image.pixels")!.data as Float32Array);
}

describe("pixels", () => {
  it("are fitted to mean and deviation of each channel over all columns", async () => {
    const size = { channels: 1, height: 2, width: 2 };
    const { mean, std } = await fit(
      size,
      flat(1, size, () => 0),
      flat(2, size, (image) => (image + 1) * 51),
    );
    // Values 0, 0.2 and 0.4 in equal parts.
    expect(mean[0]).toBeCloseTo(0.2, 6);
    expect(std[0]).toBeCloseTo(Math.sqrt(0.08 / 3), 6);
  });

  it("of a constant channel are left undivided", async () => {
    const size = { channels: 3, height: 1, width: 1 };
    expect(
      await fit(
        size,
        flat(2, size, () => 255),
      ),
    ).toMatchObject({ mean: [1, 1, 1], std: [1, 1, 1] });
  });

  it("are normalised channel by channel, and keep statistics that are given", async () => {
    const size = { channels: 3, height: 1, width: 1 };
    const column = imagesColumn(Uint8Array.of(204, 204, 204, 51, 102, 153), size);
    const statistics = { mean: [0, 0.1, 0.2], std: [1, 2, 4] };
    const found = await encoded(column, { ...size, ...statistics });
    const expected = [0.8, 0.35, 0.15, 0.2, 0.15, 0.1];
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
    const given = pixels.settings.parse({ ...size, ...statistics });
    expect(await pixels.fit!(given, [column], {} as never)).toEqual(given);
  });

  it("have the encoder's size and channels, whatever the images have", async () => {
    const found = await encoded(
      flat(2, { channels: 3, height: 3, width: 5 }, (image) => 51 * (image + 1)),
      {
        channels: 1,
        height: 2,
        width: 2,
        mean: [0],
        std: [1],
      },
    );
    expect(found).toHaveLength(8);
    found.forEach((value, i) => expect(value).toBeCloseTo(i < 4 ? 0.2 : 0.4, 6));
  });

  it.each([
    [{ std: [0] }, "std"],
    [{ mean: [0, 0] }, "mean has 2 values for 3 channels"],
    [{ height: 0 }, "height"],
  ])("refuse %j", async (settings, message) => {
    const size = { channels: 3, height: 1, width: 1, mean: [0], std: [1] };
    const error = await failure(() =>
      encoded(
        flat(1, size, () => 0),
        { ...size, ...settings },
      ),
    );
    expect(error.code).toBe("bad-configuration");
    expect(error.message).toContain(message);
  });

  it("say what an encoder's size and channels lose of all splits together", () => {
    const split = (length: number, size: Size) => splitOf({ film: flat(length, size, () => 1) });
    const colour = { channels: 3, height: 6, width: 8 };
    const part = { columns: ["film"], encoder: { name: "pixels", channels: 1, height: 4, width: 4 } };
    expect(lossesOf([split(2, colour), split(3, colour)], { parts: { image: part } })).toEqual([
      "Images of 8 x 6 colour read as 4 x 4 grey (5): the network's imageSize and channels decide that.",
    ]);
    const small = { channels: 1, height: 2, width: 2 };
    expect(lossesOf([split(2, small)], { parts: { image: part } })).toEqual([]);
  });
});
