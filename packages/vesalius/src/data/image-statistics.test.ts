import { describe, expect, it } from "vitest";
import { makeSplit } from "./data.test.helper.ts";
import { imageStatistics } from "./image-statistics.ts";
import { sequentialLoader } from "./loaders/image-loader.ts";

describe("imageStatistics", () => {
  it("gives each channel's mean and deviation over real rows, not over the padding", async () => {
    const shape = { channels: 1, height: 2, width: 2 };
    const split = makeSplit(3, { shape, value: (image) => image * 51 });
    const { mean, std } = await imageStatistics(sequentialLoader(split, { batchSize: 2 }), shape);
    // Values 0, 0.2 and 0.4 in equal parts.
    expect(mean[0]).toBeCloseTo(0.2, 6);
    expect(std[0]).toBeCloseTo(Math.sqrt(0.08 / 3), 6);
  });

  it("leaves a constant channel undivided and closes the loader", async () => {
    const shape = { channels: 3, height: 1, width: 1 };
    const loader = sequentialLoader(makeSplit(2, { shape, value: () => 255 }), { batchSize: 2 });
    expect(await imageStatistics(loader, shape)).toEqual({ mean: [1, 1, 1], std: [1, 1, 1] });
    await expect(loader.batch(0)).rejects.toThrow("closed");
  });
});
