import { expect, test } from "vitest";
import { isLazy, lazyTensor, placeOf } from "./lazy-tensor.ts";
import { float32 } from "./tensor.ts";

test("makes its elements when they are asked for, each time anew, and copies are plain", () => {
  let reads = 0;
  const place = { folder: "/models", name: "weights", offset: 64, bytes: 8 };
  const tensor = lazyTensor({ dtype: "float32", shape: [2] }, () => Float32Array.of(++reads, 7), place);
  expect(reads).toBe(0);
  expect([tensor.data[0], tensor.data[0]]).toEqual([1, 2]);
  expect([isLazy(tensor), placeOf(tensor)]).toEqual([true, place]);
  const copy = { ...tensor };
  expect([copy.data, isLazy(copy), placeOf(copy)]).toEqual([Float32Array.of(3, 7), false, undefined]);
  expect([isLazy(float32([1], [1])), placeOf(float32([1], [1]))]).toEqual([false, undefined]);
});
