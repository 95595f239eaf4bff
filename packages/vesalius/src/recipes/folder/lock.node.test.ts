import { spawn, spawnSync } from "node:child_process";
import { readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { processNamespace } from "../../common/process.node.ts";
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

  it.skipIf(process.platform !== "linux")("takes over the lock of a process that has ended unnoticed", async () => {
    const folder = await makeFolder();
    // A shell that becomes another program never asks how its child ended: the child stays as a zombie.
    const parent = spawn("sh", ["-c", "sleep 0.3 & echo $!; exec sleep 30"]);
    try {
      const pid = Number(await new Promise((resolve) => parent.stdout.once("data", resolve)));
      await expect.poll(() => readFile(`/proc/${pid}/stat`, "utf8")).toContain(") Z ");
      await stale(folder, { pid, started: "2026-01-01T00:00:00.000Z" });
      await (
        await lockFolder(folder)
      )();
    } finally {
      parent.kill("SIGKILL");
    }
  });

  it("removes what killed processes left beside the lock, and nothing of others", async () => {
    const folder = await makeFolder();
    const dead = deadProcess();
    const left = (maker: string): string => `run.lock.${maker}-0-0123456789ab.tmp`;
    const others = [
      "run.lock.tmp",
      "run.lock.0123456789ab.txt",
      left("00000000-1"),
      left(`${processNamespace()}-${process.ppid}`),
    ];
    const leftovers = [left(`${processNamespace()}-${dead}`), left(`${processNamespace()}-${process.pid}`)];
    for (const name of [...others, ...leftovers]) await writeFile(join(folder, name), "");
    for (const name of ["run.lock.0123456789ab.tmp", "run.lock.takeover"])
      await writeFile(join(folder, name), JSON.stringify({ pid: dead, started: "2026-01-01T00:00:00.000Z" }));
    await (
      await lockFolder(folder)
    )();
    expect((await readdir(folder)).sort()).toEqual(others.sort());
  });

  describe("held on another machine or in another container, where this process has the same number", () => {
    const elsewhere = { pid: process.pid, started: "2026-01-01T00:00:00.000Z", namespace: "elsewhere" };
    const beat = (folder: string, time: number): Promise<void> => utimes(join(folder, "run.lock"), time, time);

    it("is refused once it shows a sign of life", async () => {
      const folder = await makeFolder();
      await stale(folder, elsewhere);
      const now = Date.now() / 1000;
      await beat(folder, now - 20);
      const beating = setTimeout(() => void beat(folder, now - 19), 600);
      const error = await failureOf(() => lockFolder(folder));
      clearTimeout(beating);
      expect(error).toMatchObject({ code: "run-in-progress", where: folder });
      expect(error.what).toContain("another container");
      expect(JSON.parse(await readFile(join(folder, "run.lock"), "utf8"))).toEqual(elsewhere);
      expect(await readdir(folder)).toEqual(["run.lock"]);
    });

    it("is taken over once it has shown none for half a minute", async () => {
      const folder = await makeFolder();
      await stale(folder, elsewhere);
      await beat(folder, Date.now() / 1000 - 29.5);
      const began = performance.now();
      const unlock = await lockFolder(folder);
      expect(performance.now() - began).toBeGreaterThan(200);
      expect(JSON.parse(await readFile(join(folder, "run.lock"), "utf8"))).toMatchObject({
        namespace: processNamespace(),
      });
      await unlock();
    });
  });

  it("shows on the lock that its holder lives, also while that is busy, and notices that it has lost it", async () => {
    const folder = await makeFolder();
    const path = join(folder, "run.lock");
    let lost = false;
    const unlock = await lockFolder(folder, () => (lost = true));
    const text = await readFile(path, "utf8");
    await utimes(path, 1, 1);
    const beaten = async (): Promise<number> => (await stat(path)).mtimeMs;
    await expect.poll(beaten, { timeout: 10_000 }).toBeGreaterThan(1000);
    await utimes(path, 1, 1);
    // Nothing else runs on this thread meanwhile.
    for (const end = performance.now() + 2500; performance.now() < end;);
    expect(await beaten()).toBeGreaterThan(1000);
    expect(await readFile(path, "utf8")).toBe(text);
    await rm(path);
    await stale(folder, { pid: 1, started: "2026-01-01T00:00:00.000Z", namespace: "elsewhere" });
    await expect.poll(() => lost, { timeout: 10_000 }).toBe(true);
    await unlock();
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ namespace: "elsewhere" });
  });

  it("says that a folder is missing", async () => {
    const folder = join(await makeFolder(), "missing");
    expect(await failureOf(() => lockFolder(folder))).toMatchObject({ code: "missing-file", where: folder });
  });
});
