import { describe, expect, it } from "vitest";
import { createBackbone, vit } from "./backbones.ts";

describe("createBackbone", () => {
  it("writes the settings of a size out, and lets others stand over them", () => {
    const { network, weights } = createBackbone({ name: "bert", preset: "nano", depth: 3 });
    const nano = createBackbone({ name: "bert", preset: "nano" }).network;
    expect(network.config).toEqual({ ...nano.config, depth: 3 });
    expect(nano.config["depth"]).not.toBe(3);
    expect(weights).toBeUndefined();
  });

  it("takes columns and settings of encoders along", () => {
    const options = { columns: { image: ["film"] }, encoders: { image: { mean: [0.5] } } };
    expect(createBackbone({ name: "vit" }, options)).toMatchObject(options);
  });

  it("refuses names, sizes and settings that there are not", () => {
    expect(() => createBackbone({ name: "vitt" })).toThrow(/vitt/);
    expect(() => createBackbone({ name: "vit", preset: "giant" })).toThrow(/no preset giant; choose one of nano/);
    expect(() => createBackbone({ name: "vit", wide: 3 })).toThrow(/wide/);
  });
});

describe("vit", () => {
  it("makes what plain data make", () => {
    expect(vit.tiny({ imageSize: 28, patchSize: 4 }).network.config).toEqual(
      createBackbone({ name: "vit", preset: "tiny", imageSize: 28, patchSize: 4 }).network.config,
    );
  });

  it.each([
    [{ width: 10, heads: 3 }, /3 heads do not divide the width 10/],
    [{ imageSize: 30, patchSize: 4 }, /patch size 4 does not divide the image size 30/],
    [{ channels: 0 }, /channels/],
  ])("refuses %j", (settings, message) => {
    expect(() => vit(settings)).toThrow(message);
  });
});
