import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import type { Volume } from "../columns/volumes.ts";
import { placesOf } from "../volumes/grids.ts";
import { encoders } from "./index.ts";
import type { Encoder, GridValues } from "./encoder.ts";

const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

function volume(
  extents: readonly [number, number, number],
  spacing: readonly [number, number, number] = [1, 1, 1],
): Volume {
  const stream = randomStream(1, "volume", extents.join("x"));
  const data = Float32Array.from({ length: placesOf(extents) }, () => 100 + 20 * stream.normal());
  return { channels: 1, extents, spacing, affine, data };
}

function encode(encoder: Encoder, values: readonly unknown[]): Float32Array {
  const [name, { shape }] = Object.entries(encoder.inputs(1, 0))[0]!;
  const length = placesOf(shape);
  const into = { [name]: name === "classes" ? new Int32Array(length) : new Float32Array(length) };
  void encoder.encode([encoder.prepare!(values)], into, { extent: 0, random: () => randomStream(0) });
  return into[name] as Float32Array;
}

describe("voxels", () => {
  it("normalises each volume by itself, pads with zeros and restores the volume's own grid", () => {
    const encoder = encoders.create({ name: "voxels", extents: [6, 8, 6] });
    const small = volume([4, 5, 6]);
    const inputs = encode(encoder, [small]);
    const inside = inputs.filter((value) => value !== 0);
    expect(inside.length).toBe(120);
    expect(inside.reduce((sum, value) => sum + value, 0) / 120).toBeCloseTo(0, 4);
    expect(inside.reduce((sum, value) => sum + value * value, 0) / 120).toBeCloseTo(1, 3);
    const back = encoder.restore!({ channels: 1, extents: [6, 8, 6], data: inputs }, [small]);
    expect(back.extents).toEqual([4, 5, 6]);
    const [prepared] = encoder.prepare!([small]) as [GridValues];
    expect(back.data).toEqual(prepared.data);
  });

  it("brings volumes to one spacing and results back to the stored one", () => {
    const encoder = encoders.create({ name: "voxels", extents: [8, 8, 8], spacing: [2, 1, 1], normalization: "none" });
    const coarse = volume([8, 4, 6], [1, 2, 1]);
    const [prepared] = encoder.prepare!([coarse]) as [GridValues];
    expect(prepared.extents).toEqual([4, 8, 6]);
    expect(encoder.restore!(prepared, [coarse]).extents).toEqual([8, 4, 6]);
  });

  it("clips a window to 0 and 1", () => {
    const encoder = encoders.create({ name: "voxels", extents: [2, 2, 2], normalization: { window: [-100, 100] } });
    const data = Float32Array.of(-200, -100, 0, 50, 100, 300, 0, 0);
    const [prepared] = encoder.prepare!([{ ...volume([2, 2, 2]), data }]) as [GridValues];
    expect([...prepared.data]).toEqual([0, 0, 0.5, 0.75, 1, 1, 0.5, 0.5]);
  });

  it("refuses channels that are not read and voxels that are not numbers", () => {
    const encoder = encoders.create({ name: "voxels", extents: [2, 2, 2], channels: 2 });
    expect(() => encoder.prepare!([volume([2, 2, 2])])).toThrow(/1 channels, 2 are read/);
    const one = encoders.create({ name: "voxels", extents: [2, 2, 2] });
    expect(() => one.prepare!([{ ...volume([2, 2, 2]), data: new Float32Array(8).fill(NaN) }])).toThrow(/not finite/);
    expect(() => encoders.create({ name: "voxels", extents: [2, 2, 2], normalization: { window: [3, 1] } })).toThrow(
      /low exceeds high/,
    );
  });
});

describe("classMap", () => {
  const mask = { extents: [2, 3], data: Uint8Array.of(0, 1, 2, 1, 0, 2) };

  it("keeps classes, pads with background and marks what a dataset does not annotate", () => {
    const encoder = encoders.create({ name: "classMap", extents: [2, 5], ignore: [2] });
    expect([...encode(encoder, [mask])]).toEqual([0, 0, 1, -1, 0, 0, 1, 0, -1, 0]);
  });

  it("resizes masks of images by the nearest place", () => {
    const encoder = encoders.create({ name: "classMap", extents: [4, 6], resize: true });
    expect([...encode(encoder, [mask])].slice(0, 6)).toEqual([0, 0, 1, 1, 2, 2]);
  });
});
