import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileError, makeFolder, refuseLinks, writeFileAtomic } from "./files.node.ts";
import { processNamespace } from "./process.node.ts";
import { isAbandoned, temporaryPath, withdrawTemporary } from "./temporary-files.node.ts";

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

describe("what is left of killed processes", () => {
  test("is removed from a folder that is written to, and nothing that others made", async () => {
    const dead = spawnSync(process.execPath, ["--version"]).pid;
    const name = (maker: string): string => `a.${maker}-0-0123456789ab.tmp`;
    const left = [name(`${processNamespace()}-${dead}`), name(`${processNamespace()}-${process.pid}`)];
    const others = [name("00000000-1"), name(`${processNamespace()}-${process.ppid}`), "b.0123456789ab.tmp", "c.tmp"];
    for (const each of [...left, ...others]) await writeFile(join(folder, each), "");
    await writeFileAtomic(join(folder, "file"), "content");
    expect((await readdir(folder)).sort()).toEqual([...others, "file"].sort());
  });

  test("is not what this process writes at the moment, under whatever path", async () => {
    const path = temporaryPath(join(folder, "a/../file"));
    await writeFile(join(folder, basename(path)), "");
    expect(await isAbandoned(join(folder, basename(path)))).toBe(false);
    withdrawTemporary(path);
    expect(await isAbandoned(join(folder, basename(path)))).toBe(true);
  });
});

describe("makeFolder", () => {
  test("makes all folders of a path, also several at once", async () => {
    const path = join(folder, "a/b/c");
    await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(folder, "a/b/d"))]);
    expect((await readdir(join(folder, "a/b"))).sort()).toEqual(["c", "d"]);
    // Whoever makes a folder above between two looks at it is no reason to give up.
    for (let time = 0; time < 20; time++)
      await Promise.all(Array.from({ length: 8 }, (_, i) => makeFolder(join(folder, `${time}/x/y/${i}`))));
  });

  test.skipIf(process.platform !== "linux")("ends where a file system takes none", async () => {
    // Started one after the other: a promise that fails before anyone waits for it ends the test run.
    for (const make of [() => makeFolder("/proc/vesalius/run"), () => writeFileAtomic("/proc/vesalius/file", "")])
      await expect(make()).rejects.toMatchObject({ code: "output-not-writable" });
  });
});

describe("refuseLinks", () => {
  test("refuses a link on the way and takes the folder itself for what it leads to", async () => {
    const outside = join(folder, "outside");
    await mkdir(join(outside, "deep"), { recursive: true });
    await symlink(outside, join(folder, "link"));
    await refuseLinks(join(folder, "link"), join(folder, "link/deep/file"));
    await refuseLinks(folder, join(folder, "missing/file"));
    await expect(refuseLinks(folder, join(folder, "link/deep/file"))).rejects.toMatchObject({
      code: "output-not-writable",
      where: join(folder, "link"),
    });
  });
});

test("a link under the name of a file is replaced, not followed", async () => {
  await writeFile(join(folder, "outside"), "as it was");
  await symlink(join(folder, "outside"), join(folder, "file"));
  await writeFileAtomic(join(folder, "file"), "new");
  expect(await readFile(join(folder, "outside"), "utf8")).toBe("as it was");
  expect(await readFile(join(folder, "file"), "utf8")).toBe("new");
});

test.each([
  ["ENOENT", "missing-file"],
  ["ENOSPC", "disk-full"],
  ["EROFS", "output-not-writable"],
  ["EMFILE", "runtime-failure"],
  ["EIO", "bad-file"],
])("an error %s of the system is a %s of the path", (code, expected) => {
  const error = fileError(Object.assign(new Error("system"), { code }), "some/path");
  expect(error).toMatchObject({ code: expected, where: "some/path" });
  expect(fileError(error, "other")).toBe(error);
});
