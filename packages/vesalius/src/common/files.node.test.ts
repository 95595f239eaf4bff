import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileError, writeFileAtomic } from "./files.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vesalius-files-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("writeFileAtomic", () => {
  test("makes parent folders, replaces a file, and leaves nothing else", async () => {
    const path = join(folder, "a/b/file.txt");
    await writeFileAtomic(path, "first");
    await writeFileAtomic(path, new TextEncoder().encode("second"));
    expect(await readFile(path, "utf8")).toBe("second");
    expect(await readdir(join(folder, "a/b"))).toEqual(["file.txt"]);
  });

  test("leaves what was there, and no temporary file, where it fails", async () => {
    const path = join(folder, "taken");
    await mkdir(path);
    await expect(writeFileAtomic(path, "content")).rejects.toMatchObject({ name: "VesaliusError", where: path });
    expect(await readdir(folder)).toEqual(["taken"]);
    expect(await readdir(path)).toEqual([]);
  });

  test("readers see one content or the other, whole", async () => {
    const path = join(folder, "file");
    const contents = ["a", "b", "c"].map((letter) => letter.repeat(100_000));
    await writeFileAtomic(path, contents[0]!);
    const writes = Promise.all(contents.map((content) => writeFileAtomic(path, content)));
    for (let i = 0; i < 20; i++) expect(contents).toContain(await readFile(path, "utf8"));
    await writes;
  });
});

test.each([
  ["ENOENT", "missing-file"],
  ["ENOSPC", "disk-full"],
  ["EROFS", "output-not-writable"],
  ["EIO", "bad-file"],
])("an error %s of the system is a %s of the path", (code, expected) => {
  const error = fileError(Object.assign(new Error("system"), { code }), "some/path");
  expect(error).toMatchObject({ code: expected, where: "some/path" });
  expect(fileError(error, "other")).toBe(error);
});
