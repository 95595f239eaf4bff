/** Locks on a file system that knows no second names of a file (FAT, some network shares): `link` fails as it does there. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { failureOf, makeFolder } from "../recipe.test.helper.ts";
import { lockFolder } from "./lock.node.ts";

vi.mock("node:fs/promises", async (original) => ({
  ...(await original<object>()),
  link: () => Promise.reject(Object.assign(new Error("not permitted"), { code: "EPERM" })),
}));

it("are given to one of many, dead ones too, and leave nothing behind", async () => {
  const folder = await makeFolder();
  for (const before of [undefined, JSON.stringify({ pid: 2 ** 30, started: "2026-01-01T00:00:00.000Z" })]) {
    if (before !== undefined) await writeFile(join(folder, "run.lock"), before);
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    const taken = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(taken).toHaveLength(1);
    expect(await failureOf(() => lockFolder(folder))).toMatchObject({ code: "run-in-progress" });
    expect(await readdir(folder)).toEqual(["run.lock"]);
    expect(JSON.parse(await readFile(join(folder, "run.lock"), "utf8"))).toMatchObject({ pid: process.pid });
    await taken[0]!();
    expect(await readdir(folder)).toEqual([]);
  }
});
