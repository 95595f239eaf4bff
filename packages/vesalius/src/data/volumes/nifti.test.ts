import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failure } from "../data.test.helper.ts";
import { affineOfQuaternion, quaternionOfAffine, spacingOf } from "./affine.ts";
import { readNifti, type VoxelGrid } from "./read-nifti.ts";
import { writeNifti } from "./write-nifti.ts";

const grid = (data: VoxelGrid["data"], channels = 1): VoxelGrid => ({
  channels,
  extents: [2, 3, 1],
  spacing: [3, 2, 1],
  affine: [-1, 0, 0, 90, 0, 2, 0, -120, 0, 0, 3, -70, 0, 0, 0, 1],
  data,
});
const where = "made.nii";

describe("writeNifti and readNifti", () => {
  it.each([Uint8Array, Int8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array])(
    "keep %o, grid and affine",
    (type) => {
      const made = grid(new type([0, 20, 40, 60, 80, 100]));
      for (const gzip of [true, false]) {
        const read = readNifti(writeNifti(made, { gzip }), { where });
        expect(read).toEqual(made);
        expect(read.data.constructor).toBe(type);
      }
    },
  );

  it("keep channels first", () => {
    const made = grid(
      Float32Array.from({ length: 12 }, (_, i) => i),
      2,
    );
    expect(readNifti(writeNifti(made), { where })).toEqual(made);
  });

  it("refuse what does not fit", async () => {
    expect((await failure(() => writeNifti(grid(new Uint8Array(5))))).code).toBe("shape-mismatch");
    const nan = writeNifti(grid(Float32Array.of(1, 2, Number.NaN, 0, 0, 0)));
    expect((await failure(() => readNifti(nan, { where }))).code).toBe("not-a-number");
  });
});

describe("readNifti", () => {
  const file = writeNifti(grid(Int16Array.of(1, 2, 3, 4, 5, 6)), { gzip: false });
  const changed = (change: (view: DataView) => void): Uint8Array => {
    const copy = file.slice();
    change(new DataView(copy.buffer));
    return copy;
  };

  it("applies the scale of the header", () => {
    const scaled = changed((view) => {
      view.setFloat32(112, 0.5, true);
      view.setFloat32(116, -1, true);
    });
    expect([...readNifti(scaled, { where }).data]).toEqual([-0.5, 0, 0.5, 1, 1.5, 2]);
  });

  it("reads the other byte order", () => {
    const big = file.slice();
    const [from, to] = [new DataView(file.buffer), new DataView(big.buffer)];
    to.setInt32(0, 348, false);
    for (let i = 0; i < 8; i++) to.setInt16(40 + 2 * i, from.getInt16(40 + 2 * i, true), false);
    for (const at of [70, 72, 252, 254]) to.setInt16(at, from.getInt16(at, true), false);
    for (let at = 76; at < 120; at += 4) to.setFloat32(at, from.getFloat32(at, true), false);
    for (let at = 256; at < 328; at += 4) to.setFloat32(at, from.getFloat32(at, true), false);
    for (let i = 0; i < 6; i++) to.setInt16(352 + 2 * i, i + 1, false);
    expect(readNifti(big, { where })).toEqual(readNifti(file, { where }));
  });

  it("takes qform where sform is not set, and spacing where neither is", () => {
    const qform = readNifti(
      changed((view) => view.setInt16(254, 0, true)),
      { where },
    );
    expect(qform.affine.map((value) => Math.round(value) + 0)).toEqual(readNifti(file, { where }).affine);
    const neither = readNifti(
      changed((view) => {
        view.setInt16(254, 0, true);
        view.setInt16(252, 0, true);
      }),
      { where },
    );
    expect(neither.affine).toEqual([1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1]);
  });

  it.each([
    ["truncated voxels", file.subarray(0, file.length - 1), "truncated"],
    ["no header", new Uint8Array(400), "no NIfTI header"],
    ["a short file", file.subarray(0, 100), "no NIfTI header"],
    ["a huge extent", changed((view) => view.setInt16(42, 32_767, true)), "32767 x 3 x 2"],
    ["a negative extent", changed((view) => view.setInt16(42, -1, true)), "-1 x 3 x 2"],
    ["nine axes", changed((view) => view.setInt16(40, 9, true)), "9 axes"],
    ["colours", changed((view) => view.setInt16(70, 128, true)), "RGB24"],
    ["an unknown type", changed((view) => view.setInt16(70, 77, true)), "code 77"],
    ["values inside the header", changed((view) => view.setFloat32(108, 8, true)), "from byte 8"],
    ["an affine of NaN", changed((view) => view.setFloat32(280, Number.NaN, true)), "affine"],
    ["a pair of files", changed((view) => view.setUint8(345, 0x69)), "in two files"],
    ["a truncated gzip file", writeNifti(grid(new Uint8Array(6))).subarray(0, 60), "gzip"],
  ])("refuses %s", async (_, bytes, text) => {
    const error = await failure(() => readNifti(bytes, { where }));
    expect(error.code).toBe("bad-file");
    expect(error.message).toContain(text);
    expect(error.where).toBe(where);
  });

  it("ends on any damage with a typed error or finite voxels", () => {
    fc.assert(
      fc.property(fc.nat({ max: file.length - 1 }), fc.nat({ max: 255 }), (at, value) => {
        const damaged = file.slice();
        damaged[at] = value;
        try {
          expect(readNifti(damaged, { where }).data.every(Number.isFinite)).toBe(true);
        } catch (error) {
          expect(error).toHaveProperty("code");
        }
      }),
      { numRuns: 500 },
    );
  });

  it("does not unpack more than it may", async () => {
    const bomb = writeNifti({ ...grid(new Uint8Array(2 * 300 * 300)), extents: [2, 300, 300] });
    const error = await failure(() => readNifti(bomb, { where, maxBytes: 1000 }));
    expect(error.message).toContain("more than 1000 bytes");
  });

  it("notices a flipped bit in a gzip file", async () => {
    const packed = writeNifti(grid(Int16Array.of(1, 2, 3, 4, 5, 6)));
    packed[packed.length - 6] = packed[packed.length - 6]! ^ 1;
    expect((await failure(() => readNifti(packed, { where }))).code).toBe("bad-file");
  });
});

describe("quaternions", () => {
  it("say every rotation with spacing and flip", () => {
    const angle = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true });
    fc.assert(
      fc.property(angle, angle, angle, fc.boolean(), (x, y, z, flip) => {
        const norm = Math.hypot(1, x, y, z);
        const made = affineOfQuaternion([x / norm, y / norm, z / norm], [4, 5, 6], [1, 2, 3], flip ? -1 : 1);
        spacingOf(made).forEach((value, axis) => expect(value).toBeCloseTo(axis + 1, 6));
        const found = quaternionOfAffine(made)!;
        const again = affineOfQuaternion(found.quaternion, [4, 5, 6], [1, 2, 3], found.qfac);
        again.forEach((value, index) => expect(value).toBeCloseTo(made[index]!, 5));
      }),
    );
  });

  it("do not say a sheared affine", () => {
    expect(quaternionOfAffine([1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])).toBeUndefined();
  });
});
