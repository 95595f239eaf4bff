import * as fc from "fast-check";
import { strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { VesaliusError } from "../../common/errors.ts";
import { failure } from "../data.test.helper.ts";
import { readZip } from "./zip.ts";

const options = { where: "set.npz", maxBytes: 1e6 };
const content = strToU8("grey values ".repeat(40));
const archive = zipSync({ "a.npy": content, "b.npy": [strToU8("short"), { level: 0 }] });

/** Position of the central directory's first entry. */
function centralEntry(bytes: Uint8Array): number {
  return new DataView(bytes.buffer).getUint32(bytes.length - 22 + 16, true);
}

describe("readZip", () => {
  it("gives every member's bytes, compressed or stored", () => {
    const members = readZip(archive, options);
    expect([...members.keys()]).toEqual(["a.npy", "b.npy"]);
    expect(members.get("a.npy")).toEqual(content);
    expect(members.get("b.npy")).toEqual(strToU8("short"));
  });

  it("refuses every truncation", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: archive.length - 1 }), (length) => {
        expect(() => readZip(archive.subarray(0, length), options)).toThrow(VesaliusError);
      }),
    );
  });

  it("never gives other bytes than were packed, whichever bit flips", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: archive.length * 8 - 1 }), (bit) => {
        const damaged = archive.slice();
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        let members: Map<string, Uint8Array>;
        try {
          members = readZip(damaged, options);
        } catch (error) {
          expect(error).toBeInstanceOf(VesaliusError);
          return;
        }
        const packed = [content, strToU8("short")].map((bytes) => bytes.join());
        for (const bytes of members.values()) expect(packed).toContain(bytes.join());
      }),
      { numRuns: 2000 },
    );
  });

  it("refuses declared sizes above the limit before unpacking", async () => {
    const large = zipSync({ "a.npy": new Uint8Array(2e6) });
    const error = await failure(() => readZip(large, options));
    expect(error.code).toBe("bad-file");
    expect(error.message).toContain("2000000 bytes");
  });

  it("refuses more members than the file can list, at once", async () => {
    const hostile = new Uint8Array(98);
    const view = new DataView(hostile.buffer);
    // The zip64 end record, its locator, and the end record that leaves the numbers to it.
    for (const [at, signature] of [
      [0, 0x06064b50],
      [56, 0x07064b50],
      [76, 0x06054b50],
    ] as const)
      view.setUint32(at, signature, true);
    for (const at of [24, 32]) view.setBigUint64(at, 2n ** 32n - 1n, true);
    for (const at of [84, 92]) view.setUint32(at, 2 ** 32 - 1, true);
    const error = await failure(() => readZip(hostile, { where: "set.npz", maxBytes: Infinity }));
    expect(error.message).toContain("4294967295 members");
  });

  it("leaves members alone that nobody wants", () => {
    const mixed = zipSync({ "a.npy": content, "large.npy": new Uint8Array(2e6) });
    expect([...readZip(mixed, { ...options, wants: (name) => name === "a.npy" }).keys()]).toEqual(["a.npy"]);
  });

  it("refuses a declared size that DEFLATE cannot reach, whatever the limit", async () => {
    const lying = archive.slice();
    new DataView(lying.buffer).setUint32(centralEntry(lying) + 24, 0xfffffff0, true);
    const error = await failure(() => readZip(lying, { where: "set.npz", maxBytes: Infinity }));
    expect(error.message).toContain("4294967280 bytes");
  });

  it("says that other files are no archives", async () => {
    const error = await failure(() => readZip(strToU8("file,label\na.png,normal\nb.png,normal"), options));
    expect(error.message).toContain("not a zip archive");
    expect(error.where).toBe("set.npz");
  });
});
