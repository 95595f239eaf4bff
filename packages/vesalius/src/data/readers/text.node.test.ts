import { describe, expect, it } from "vitest";
import { columnOf } from "../dataset/index.ts";
import { type OpenDatasetOptions } from "../open-dataset.node.ts";
import { open, refused } from "./readers.test.helper.ts";

describe("text", () => {
  it("takes lines, paragraphs or files, with splits by name or folder", async () => {
    const files = { "train/a.txt": "one\n\ntwo\nthree\n", "val/b.txt": "four" };
    const texts = async (options?: OpenDatasetOptions) =>
      columnOf((await open(files, options)).splits["train"]!, "text", "texts").values;
    expect(await texts()).toEqual(["one", "two", "three"]);
    expect(await texts({ per: "paragraph" })).toEqual(["one", "two\nthree"]);
    expect(await texts({ per: "file" })).toEqual(["one\n\ntwo\nthree"]);
    expect((await open(files)).splits["validation"]!.ids).toEqual(["val/b.txt#1"]);
  });

  it("refuses files without text, and bytes that are none", async () => {
    expect((await refused({ "a.txt": "\n \n" })).message).toContain("no text");
    expect((await refused({ "a.txt": Uint8Array.of(0xff, 0x41, 0x20) })).message).toContain("Latin-1");
  });
});
