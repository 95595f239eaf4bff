import { decode } from "fast-png";
import { expect, test } from "vitest";
import { outlinedPicture } from "./outlines.ts";

/** A square of ones from `start` to `end` in both directions. */
const square = (side: number, start: number, end: number): Uint8Array =>
  Uint8Array.from({ length: side * side }, (_, i) => {
    const [row, column] = [Math.floor(i / side), i % side];
    return Number(row >= start && row < end && column >= start && column < end);
  });

const blue = [0, 158, 255];
const orange = [255, 159, 0];
const white = [255, 255, 255];

function pixels(dataUri: string) {
  const bytes = Uint8Array.from(atob(dataUri.replace("data:image/png;base64,", "")), (one) => one.charCodeAt(0));
  const { width, height, data } = decode(bytes);
  return {
    width,
    height,
    at: (y: number, x: number) => Array.from(data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)),
  };
}

test("outlines truth and prediction of an image apart, where they meet, and leaves what lies inside grey", () => {
  const side = 24;
  const extents = [side, side];
  const image = { extents, data: Float32Array.from({ length: side * side }, (_, i) => i % side) };
  const truth = { extents, data: square(side, 4, 16) };
  const { dataUri, slice } = outlinedPicture(image, truth, { extents, data: square(side, 4, 20) });
  const { width, height, at } = pixels(dataUri);
  // Eight pixels of the picture for one of the image.
  expect([width, height, slice]).toEqual([192, 192, undefined]);
  expect(at(4 * 8, 80)).toEqual(white);
  expect(at(16 * 8 - 1, 80)).toEqual(blue);
  expect(at(20 * 8 - 1, 80)).toEqual(orange);
  const [red, green, inside] = at(80, 80);
  expect(new Set([red, green, inside]).size).toBe(1);
  expect(at(0, 0)).toEqual([0, 0, 0]);
  expect(at(0, 191)).toEqual(white);
});

test("shows of a volume the middle slice that holds a structure, as high and wide as it is in millimetres", () => {
  const extents = [9, 8, 16];
  const data = new Uint8Array(9 * 8 * 16);
  for (const slice of [4, 5, 6]) data[slice * 128 + 20] = 1;
  const truth = { extents, spacing: [5, 2, 1], data };
  const { dataUri, slice } = outlinedPicture({ extents, data: new Float32Array(data.length) }, truth, null);
  expect(slice).toBe("slice 6 of 9");
  const { width, height } = pixels(dataUri);
  expect(width).toBe(height);
});
