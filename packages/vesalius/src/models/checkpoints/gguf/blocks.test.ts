import { expect, test } from "vitest";
import { z } from "zod";
import { readFixtureJson } from "../../../testing/reference.node.ts";
import { blockFormats, decodeBlocks } from "./blocks.ts";

const format = z.object({ name: z.string(), type: z.int(), blocks: z.base64(), numbers: z.base64() });
const { formats } = z.looseObject({ formats: z.array(format) }).parse(readFixtureJson("gguf/blocks"));
const bytesOf = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

test("every format has a reference", () => {
  expect(formats.map(({ type, name }) => [type, name]).toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual(
    [...blockFormats].map(([type, { name }]) => [type, name]),
  );
});

test.each(formats)("$name: the numbers of llama.cpp, bit by bit", ({ type, blocks, numbers }) => {
  const expected = new Float32Array(bytesOf(numbers).buffer);
  const found = decodeBlocks(blockFormats.get(type)!, bytesOf(blocks));
  expect(found.length).toBe(expected.length);
  expect(found).toEqual(expected);
});
