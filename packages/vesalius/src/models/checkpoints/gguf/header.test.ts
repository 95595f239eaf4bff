import { assert, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { VesaliusError } from "../../../common/errors.ts";
import { type GgufHeader, readGgufHeader } from "./header.ts";
import { ggufHeader } from "./write.ts";

const metadata = {
  "general.architecture": "llama",
  "llama.block_count": 2,
  "llama.epsilon": { float: 0.5 },
  "llama.causal": true,
  "tokenizer.ggml.tokens": ["<s>", "▁a", "b"],
  "tokenizer.ggml.scores": { floats: [0, -1, -2.5] },
  "tokenizer.ggml.token_type": [3, 1, 1],
} as const;
const tensors = [
  { name: "token_embd.weight", shape: [3, 64], format: "Q4_0" },
  { name: "output_norm.weight", shape: [5], format: "F32" },
];
const file = (): Uint8Array => {
  const { header, offsets } = ggufHeader(metadata, tensors);
  const bytes = new Uint8Array(offsets.at(-1)! + 20);
  bytes.set(header);
  return bytes;
};
const read = (bytes: Uint8Array): GgufHeader =>
  readGgufHeader({ size: bytes.length, read: (offset, length) => bytes.slice(offset, offset + length) }, "model.gguf");

/** The file with another number of 8 bytes where one stands. */
function changed(from: number, to: bigint, occurrence = 0): Uint8Array {
  const bytes = file();
  const view = new DataView(bytes.buffer);
  let seen = 0;
  for (let at = 0; at < bytes.length - 8; at++)
    if (view.getBigUint64(at, true) === BigInt(from) && seen++ === occurrence) {
      view.setBigUint64(at, to, true);
      return bytes;
    }
  throw new Error("not found");
}

test("reads what was written, slowest axis first", () => {
  const { metadata: found, tensors: places } = read(file());
  expect(Object.fromEntries(found)).toEqual({
    ...metadata,
    "llama.epsilon": 0.5,
    "tokenizer.ggml.scores": [0, -1, -2.5],
  });
  expect([...places.keys()]).toEqual(["token_embd.weight", "output_norm.weight"]);
  const [table, norm] = [...places.values()];
  expect([table!.shape, table!.format.name, table!.bytes, norm!.shape]).toEqual([[3, 64], "Q4_0", 108, [5]]);
  expect([table!.offset % 32, norm!.offset - table!.offset]).toEqual([0, 128]);
});

test("a file that is cut short anywhere is refused", () => {
  const whole = file();
  assert(
    property(integer({ min: 0, max: whole.length - 1 }), (length) => {
      expect(() => read(whole.slice(0, length))).toThrow(VesaliusError);
    }),
  );
});

test("numbers that were changed give an error or a file of the same size, never more memory than that", () => {
  const whole = file();
  assert(
    property(integer({ min: 0, max: whole.length - 1 }), integer({ min: 0, max: 255 }), (at, byte) => {
      const bytes = whole.slice();
      bytes[at] = byte;
      try {
        for (const { offset, bytes: count } of read(bytes).tensors.values())
          expect(offset + count).toBeLessThanOrEqual(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(VesaliusError);
        expect((error as VesaliusError).code).toBe("bad-file");
      }
    }),
    { numRuns: 300 },
  );
});

test.each([
  ["tensors", changed(2, 2n ** 40n), /announced, more than the rest of the file holds/],
  ["entries", changed(7, 2n ** 60n), /larger than anything that is counted/],
  ["a list", changed(3, 2n ** 33n, 0), /announced|are asked for/],
  ["a text", changed(20, 2n ** 34n), /bytes are asked for/],
  ["an axis", changed(64, 2n ** 50n), /numbers|ends at byte|multiple/],
  ["a place", changed(128, 32n), /overlap/],
  ["a place beyond the end", changed(128, 2n ** 20n), /ends at byte/],
  ["a place between two", changed(128, 130n), /multiple of 32/],
])("hostile counts: %s", (_what, bytes, message) => {
  expect(() => read(bytes)).toThrow(
    expect.objectContaining({ code: "bad-file", message: expect.stringMatching(message) as string }),
  );
});

test("other files, versions and forms of numbers are named", () => {
  expect(() => read(new Uint8Array(100))).toThrow(/no GGUF file/);
  const old = file();
  old[4] = 1;
  expect(() => read(old)).toThrow(/version 1 of GGUF/);
  const bytes = file();
  // The type of the first tensor stands before its place, which is 0.
  const at = new TextDecoder("latin1").decode(bytes).indexOf("token_embd.weight") + 17 + 4 + 16;
  bytes[at] = 16;
  expect(() => read(bytes)).toThrow(/type 16 of ggml.*token_embd\.weight.*Q4_K/);
});
