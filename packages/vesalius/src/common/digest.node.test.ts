import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDigest } from "./digest.ts";
import { createDigest as createNodeDigest } from "./digest.node.ts";

describe("createDigest", () => {
  it("gives the examples of FIPS 180-4", () => {
    expect(createDigest().update("abc").hex()).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(createDigest().hex()).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  it("agrees with Node's whatever the pieces are", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: "grapheme" }), fc.uint8Array({ maxLength: 200 }))), (pieces) => {
        const own = createDigest();
        const node = createNodeDigest();
        for (const piece of pieces) {
          own.update(piece);
          node.update(piece);
        }
        expect(own.hex()).toBe(node.hex());
      }),
    );
  });
});
