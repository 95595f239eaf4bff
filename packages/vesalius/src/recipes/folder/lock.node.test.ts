import { spawnSync } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failureOf, makeFolder } from "../recipe.test.helper.ts";
import { lockFolder } from "./lock.node.ts";

/** Number of a process that has ended. */
function deadProcess(): number {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  return pid;
}

const stale = (folder: string, lock: object): Promise<void> =>
  writeFile(join(folder, "run.lock"), JSON.stringify(lock));

describe("lockFolder", () => {
  it("refuses a second holder until the first lets go, and leaves nothing behind", async () => {
    const folder = await makeFolder();
    const unlock = await lockFolder(folder);
    const error = await failureOf(() => lockFolder(folder));
    expect(error).toMatchObject({ code: "run-in-progress", where: folder });
    expect(error.what).toContain(String(process.pid));
    await unlock();
    expect(await readdir(folder)).toEqual([]);
    await (
      await lockFolder(folder)
    )();
  });

  it("says which process holds it since when", async () => {
    const folder = await makeFolder();
    const unlock = await lockFolder(folder);
    const lock = JSON.parse(await readFile(join(folder, "run.lock"), "utf8")) as { pid: number; started: string };
    expect(lock.pid).toBe(process.pid);
    expect(Math.abs(Date.now() - Date.parse(lock.started))).toBeLessThan(60_000);
    await unlock();
  });

  it("takes over the lock of a dead process", async () => {
    const folder = await makeFolder();
    await stale(folder, { pid: deadProcess(), started: "2026-01-01T00:00:00.000Z" });
    const unlock = await lockFolder(folder);
    expect(JSON.parse(await readFile(join(folder, "run.lock"), "utf8"))).toMatchObject({ pid: process.pid });
    await unlock();
  });

  it.skipIf(process.platform !== "linux")(
    "takes over where another process has got the number of the dead one",
    async () => {
      const folder = await makeFolder();
      await stale(folder, { pid: process.pid, started: "2026-01-01T00:00:00.000Z", processStart: "1" });
      await (
        await lockFolder(folder)
      )();
    },
  );

  it("takes over a lock that is no lock", async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, "run.lock"), "{ torn");
    await (
      await lockFolder(folder)
    )();
  });

  it("gives a stale lock to exactly one of many", async () => {
    for (let round = 0; round < 10; round++) {
      const folder = await makeFolder();
      await stale(folder, { pid: deadProcess(), started: "2026-01-01T00:00:00.000Z" });
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
      expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect((await readdir(folder)).filter((name) => name !== "run.lock")).toEqual([]);
    }
  });

  it("says that a folder is missing", async () => {
    const folder = join(await makeFolder(), "missing");
    expect(await failureOf(() => lockFolder(folder))).toMatchObject({ code: "missing-file", where: folder });
  });
});
