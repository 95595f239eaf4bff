import { describe, expect, it, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import type { GridValues } from "../encoders/encoder.ts";
import { eachPlace, placesOf } from "../volumes/grids.ts";
import { transforms } from "./index.ts";
import type { Moved } from "./moved.ts";

const extents = [8, 10, 9];

/** A volume whose bright box is the structure of its mask. */
function example(): readonly Moved[] {
  const data = new Float32Array(placesOf(extents));
  for (let a = 2; a < 5; a++) for (let b = 3; b < 7; b++) for (let c = 1; c < 5; c++) data[(a * 10 + b) * 9 + c] = 1;
  const spacing = [1, 1, 1];
  return [
    { part: "image", kind: "volumes", value: { channels: 1, extents, data, spacing } },
    { part: "target", kind: "masks", value: { channels: 1, extents, data: data.slice(), spacing } },
  ];
}

const gridOf = (value: unknown): GridValues => value as GridValues;

describe.each([
  { name: "flip", probability: 0.5 },
  { name: "affine", probability: 1 },
  { name: "balancedPatch", size: [4, 6, 5] },
])("$name", (spec) => {
  it("moves image and mask alike, and the same stream gives the same change", () => {
    const transform = transforms.create(spec);
    let changed = 0;
    for (let seed = 0; seed < 12; seed++) {
      const values = example();
      const apply = transform.draw(values, randomStream(seed, "x"));
      const [image, mask] = values.map((moved) => gridOf(apply(moved)));
      expect(image!.extents).toEqual(mask!.extents);
      const again = transform.draw(values, randomStream(seed, "x"));
      expect(gridOf(again(values[0]!)).data).toEqual(image!.data);
      // The image is read linearly and the mask by the nearest place: they agree where the image is clearly one or the other.
      const wrong = image!.data.filter((value, i) => {
        const label = mask!.data[i]!;
        return (value > 0.9 && label !== 1) || (value < 0.1 && label !== 0) || (label !== 0 && label !== 1);
      });
      expect(wrong).toHaveLength(0);
      if (image!.data.join() !== gridOf(values[0]!.value).data.join()) changed++;
    }
    expect(changed).toBeGreaterThan(5);
  });
});

test("patches show a structure as often as they are told to", () => {
  const always = transforms.create({ name: "balancedPatch", size: [2, 2, 2], foreground: 1 });
  for (let seed = 0; seed < 20; seed++) {
    const values = example();
    const mask = gridOf(always.draw(values, randomStream(seed, "x"))(values[1]!));
    expect(mask.extents).toEqual([2, 2, 2]);
    expect(mask.data.some((value) => value > 0)).toBe(true);
  }
  expect(() => transforms.create({ name: "balancedPatch", size: [2, 2] }).draw(example(), randomStream(0))).toThrow(
    /patch of 2 x 2/,
  );
});

test("intensities change, masks and the mean do not", () => {
  const transform = transforms.create({ name: "intensity", probability: 1, brightness: 0, noise: 0 });
  expect(transform.kinds).toEqual(["volumes"]);
  const [image] = example();
  const changed = gridOf(transform.draw([image!], randomStream(4, "x"))(image!));
  const mean = (data: Float32Array): number => data.reduce((sum, value) => sum + value, 0) / data.length;
  expect(mean(changed.data)).toBeCloseTo(mean(gridOf(image!.value).data), 5);
  expect(changed.data).not.toEqual(gridOf(image!.value).data);
});

test("never all modalities are left out, and each is about as often as the rate says", () => {
  const transform = transforms.create({ name: "dropModality", rate: 0.5, parts: ["image", "record"] });
  const values = ["image", "record", "target"].map((part) => ({ part, kind: "numbers", value: part }));
  const counts = { image: 0, record: 0 };
  for (let seed = 0; seed < 600; seed++) {
    const apply = transform.draw(values, randomStream(seed, "x"));
    const [image, record, target] = values.map((moved) => apply(moved));
    expect(target).toBe("target");
    expect(image === null && record === null).toBe(false);
    if (image === null) counts.image++;
    if (record === null) counts.record++;
  }
  // Half of the quarter in which both would go stays: 3/8 of 600 each.
  for (const count of Object.values(counts)) expect(Math.abs(count - 225)).toBeLessThan(60);
});

test("rotations turn the body, not the grid: a ball stays one where slices are thick", () => {
  const extents = [9, 25, 25];
  const spacing = [3, 1, 1];
  const inBall = (index: readonly number[], reach: number): boolean =>
    index.reduce((sum, at, axis) => sum + ((at - (extents[axis]! - 1) / 2) * spacing[axis]!) ** 2, 0) < reach ** 2;
  const data = new Float32Array(placesOf(extents));
  eachPlace(extents, (index, place) => (data[place] = inBall(index, 10) ? 1 : 0));
  const moved: Moved = { part: "target", kind: "masks", value: { channels: 1, extents, data, spacing } };
  const transform = transforms.create({ name: "affine", rotation: 60, scale: [1, 1], shift: 0, probability: 1 });
  for (let seed = 0; seed < 8; seed++) {
    const turned = gridOf(transform.draw([moved], randomStream(seed, "x"))(moved)).data;
    eachPlace(extents, (index, place) => {
      // Within half a slice of the surface a turned grid of thick slices may say either.
      if (inBall(index, 8)) expect(turned[place]).toBe(1);
      if (!inBall(index, 12.5)) expect(turned[place]).toBe(0);
    });
  }
});
