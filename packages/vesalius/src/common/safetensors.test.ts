import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Tensors } from "./tensor.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

const sample: Tensors = new Map([
  ["b.weight", { dtype: "float32", shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-38, Infinity) }],
  ["a.ids", { dtype: "int64", shape: [2], data: BigInt64Array.of(-1n, 2n ** 40n) }],
  ["scalar", { dtype: "float32", shape: [], data: Float32Array.of(7) }],
  ["half", { dtype: "float16", shape: [3], data: Uint16Array.of(0, 0x3c00, 0xffff) }],
  ["none", { dtype: "uint8", shape: [0, 4], data: new Uint8Array() }],
]);

test("what is written is read back, with metadata, from any offset of a buffer", () => {
  const bytes = writeSafetensors(sample, { format: "pt" });
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  const { tensors, metadata } = readSafetensors(Buffer.from(shifted.buffer).subarray(3));
  expect(metadata).toEqual({ format: "pt" });
  expect([...tensors.keys()].sort()).toEqual([...sample.keys()].sort());
  for (const [name, tensor] of sample) expect(tensors.get(name)).toEqual(tensor);
});

test("the same tensors give the same bytes in any order", () => {
  expect(writeSafetensors(new Map([...sample].reverse()))).toEqual(writeSafetensors(sample));
});

test("damaged files give a typed error and never another one", () => {
  const bytes = writeSafetensors(sample);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, value, length) => {
      const damaged = bytes.slice(0, length);
      if (at < damaged.length) damaged[at] = value;
      try {
        readSafetensors(damaged);
      } catch (error) {
        expect(error).toMatchObject({ name: "VesaliusError", code: "bad-file" });
      }
    }),
    { numRuns: 2000 },
  );
});

const file = (header: unknown, data = 0): Uint8Array => {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
};

test.each([
  ["a header longer than the file", Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127, 0), /header claims/],
  ["offsets beyond the end", file({ a: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }, 4), /after the end/],
  [
    "overlapping tensors",
    file(
      { a: { dtype: "U8", shape: [4], data_offsets: [0, 4] }, b: { dtype: "U8", shape: [4], data_offsets: [2, 6] } },
      6,
    ),
    /claims the bytes/,
  ],
  [
    "a size that does not fit the shape",
    file({ a: { dtype: "F32", shape: [3], data_offsets: [0, 8] } }, 8),
    /claims the bytes/,
  ],
  [
    "bytes that belong to nothing",
    file({ a: { dtype: "U8", shape: [1], data_offsets: [0, 1] } }, 5),
    /follow the last tensor/,
  ],
  [
    "an unknown element type",
    file({ a: { dtype: "F12", shape: [1], data_offsets: [0, 1] } }, 1),
    /unknown element type/,
  ],
])("refuses %s", (_what, bytes, message) => {
  expect(() => readSafetensors(bytes)).toThrow(message);
});
