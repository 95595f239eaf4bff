import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { failure, npy, npz } from "../data.test.helper.ts";
import { readNpy, readNpz } from "./npz.ts";

/** Archives that numpy wrote; see make_npz.py beside them. */
function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`../../../fixtures/npz/${name}`, import.meta.url));
}

function numbers(data: Iterable<number | bigint>): number[] {
  return [...data].map(Number);
}

const ramp = Array.from({ length: 24 }, (_, i) => i);

describe("readNpz", () => {
  it("reads every numeric type that numpy writes", () => {
    const arrays = readNpz(fixture("types.npz"), { where: "types.npz" });
    expect([...arrays.keys()].sort()).toEqual(["b1", "f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]);
    for (const [type, { dtype, shape, data }] of arrays) {
      expect(dtype).toBe(type);
      expect(shape).toEqual([2, 3, 4]);
      expect(numbers(data)).toEqual(type === "b1" ? ramp.map((value) => value % 2) : ramp);
    }
  });

  it("reads archives without compression", () => {
    expect(numbers(readNpz(fixture("stored.npz"), { where: "stored.npz" }).get("ramp")!.data)).toEqual(ramp);
  });

  it.each([
    ["fortran.npz", "Fortran order", "ascontiguousarray"],
    ["objects.npz", "Python objects", "numeric array"],
    ["text.npz", "numpy type U9", "numpy.uint8"],
    ["big-endian.npz", "numpy type >u2", "little-endian"],
    ["complex.npz", "numpy type c8", "float array"],
    ["structured.npz", "damaged", "savez"],
  ])("refuses %s: %s", async (name, what, fix) => {
    const error = await failure(() => readNpz(fixture(name), { where: name }));
    expect(error.code).toBe("bad-file");
    expect(error.message).toContain(what);
    expect(error.fix).toContain(fix);
    expect(error.where).toContain(name);
  });

  it("limits what an archive may unpack to", async () => {
    const error = await failure(() => readNpz(fixture("types.npz"), { where: "types.npz", maxBytes: 500 }));
    expect(error.message).toContain("500 bytes");
  });

  it("gives back what was written, for any values", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.float32Array({ minLength: 1, maxLength: 20 }),
        (bytes, floats) => {
          const arrays = readNpz(npz({ bytes: [bytes, [bytes.length]], floats: [floats, [1, floats.length]] }), {
            where: "x",
          });
          expect(arrays.get("bytes")).toEqual({ dtype: "u1", shape: [bytes.length], data: bytes });
          expect(arrays.get("floats")).toEqual({ dtype: "f4", shape: [1, floats.length], data: floats });
        },
      ),
    );
  });
});

describe("readNpy", () => {
  it("refuses data that are shorter or longer than the shape says", async () => {
    const bytes = npy(new Uint8Array(24), [2, 3, 4]);
    for (const wrong of [bytes.subarray(0, -1), new Uint8Array([...bytes, 0])]) {
      const error = await failure(() => readNpy(wrong, "ramp"));
      expect(error.message).toMatch(/holds (23|25) values where its shape \(2, 3, 4\) says 24/);
    }
  });

  it("refuses half a number and half a header", async () => {
    const bytes = npy(new Float32Array(6), [6]);
    expect((await failure(() => readNpy(bytes.subarray(0, -2), "x"))).code).toBe("bad-file");
    expect((await failure(() => readNpy(bytes.subarray(0, 20), "x"))).code).toBe("bad-file");
    expect((await failure(() => readNpy(new Uint8Array(200), "x"))).code).toBe("bad-file");
  });

  it("ignores members of an archive that are no arrays", () => {
    const archive = zipSync({ "readme.txt": new Uint8Array(3), "x.npy": npy(new Uint8Array(1), [1]) });
    expect([...readNpz(archive, { where: "x" }).keys()]).toEqual(["x"]);
  });
});
