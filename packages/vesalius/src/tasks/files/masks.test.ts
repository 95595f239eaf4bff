import { decode } from "fast-png";
import { expect, test } from "vitest";
import { readNifti } from "../../data/index.ts";
import { maskFile } from "./masks.ts";

test("a mask of an image is a grey PNG of class indices, which reads back as it was", () => {
  const data = Uint8Array.from({ length: 12 }, (_, i) => i % 5);
  const { name, content } = maskFile("scan 1/left.PNG", { extents: [3, 4], data });
  expect(name).toBe("scan_1_left.png");
  const image = decode(content as Uint8Array);
  expect(image).toMatchObject({ width: 4, height: 3, channels: 1, depth: 8 });
  expect(Uint8Array.from(image.data)).toEqual(data);
});

test("a mask of a volume is NIfTI on the volume's own grid", () => {
  const data = Uint8Array.from({ length: 24 }, (_, i) => i % 3);
  const affine = [0, 0, 2, -9, 0, 3, 0, 5, 1.5, 0, 0, 7, 0, 0, 0, 1];
  const mask = { extents: [2, 3, 4], spacing: [1.5, 3, 2], affine, data };
  const { name, content } = maskFile("hippocampus_001.nii.gz", mask);
  expect(name).toBe("hippocampus_001.nii.gz");
  const read = readNifti(content as Uint8Array, { where: name });
  expect(read.extents).toEqual([2, 3, 4]);
  expect(Uint8Array.from(read.data)).toEqual(data);
  expect(read.affine).toEqual(affine);
});
