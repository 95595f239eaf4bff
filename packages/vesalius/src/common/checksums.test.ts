import * as fc from "fast-check";
import { expect, test } from "vitest";
import { changedFile, checkFiles, checksumOf, checksumsOf, isIntact, sealed } from "./checksums.ts";

test("sealed data are intact after a way through a file, in any order of keys, and not with anything changed", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.jsonValue(), (given, key, value) => {
      const { checksum: _checksum, ...data } = given;
      const read = JSON.parse(JSON.stringify(sealed(data))) as Record<string, unknown>;
      expect(isIntact(read)).toBe(true);
      expect(isIntact(Object.fromEntries(Object.entries(read).reverse()))).toBe(true);
      if (key === "checksum" || key === "__proto__") return;
      const changed = JSON.stringify({ ...read, [key]: value });
      const same = Object.hasOwn(read, key) && JSON.stringify(read[key]) === JSON.stringify(value);
      if (!same) expect(isIntact(JSON.parse(changed))).toBe(JSON.stringify(read[key]) === JSON.stringify(value));
    }),
  );
});

test("data that were never sealed say nothing", () => {
  for (const json of [null, 1, "text", [], {}, { seed: 1 }]) expect(isIntact(json)).toBeUndefined();
});

test("a file with one bit changed is named, one that has no checksum is not looked at", () => {
  const weights = Uint8Array.of(1, 2, 3);
  const checksums = checksumsOf([
    ["weights", weights],
    ["text", "å"],
  ]);
  expect(checksums["weights"]).toBe(checksumOf(Uint8Array.of(1, 2, 3)));
  const check = (content: Uint8Array): void =>
    checkFiles(
      checksums,
      [
        ["weights", content],
        ["other", "anything"],
        ["text", new TextEncoder().encode("å")],
      ],
      "folder",
      "get it again",
    );
  check(weights);
  expect(() => check(Uint8Array.of(1, 2, 2))).toThrow(changedFile("folder/weights", "get it again"));
});
