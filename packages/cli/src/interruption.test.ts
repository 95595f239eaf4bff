import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeFolder, recipeText, start, vesalius } from "./command-line.test.helper.ts";

/** What a run computed: everything but times. */
const results = ["pretraining/backbone.safetensors", "pretraining/objective.safetensors", "metrics.jsonl"].concat(
  ["scratch", "lora"].flatMap((method) => [
    `models/${method}-seed5/model.safetensors`,
    `evaluations/${method}-seed5/predictions.csv`,
  ]),
);

/** Long enough to be hit in the middle, and with a checkpoint at every twentieth of a stage. */
const text = recipeText({ epochs: 20 });

describe("a run that is interrupted", () => {
  let folder: string;
  let recipe: string;
  let straight: string;
  beforeAll(async () => {
    folder = await makeFolder();
    recipe = join(folder, "recipe.yaml");
    straight = join(folder, "straight");
    await writeFile(recipe, text);
    expect((await vesalius("run", recipe, "--out", straight)).code).toBe(0);
  });

  async function expectSameResults(out: string): Promise<void> {
    for (const name of results)
      expect(await readFile(join(out, name)), name).toEqual(await readFile(join(straight, name)));
    expect(existsSync(join(out, "run.lock"))).toBe(false);
    expect(existsSync(join(out, "checkpoints"))).toBe(false);
    expect((await readdir(out, { recursive: true })).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  }

  it("by kill -9 at random moments comes to the same weights, answers and metrics", async () => {
    const out = join(folder, "killed");
    let killed = 0;
    for (let attempt = 0; attempt < 3; attempt++) {
      const running = start(["run", recipe, "--out", out]);
      await running.says(/\[\d\/5\]/);
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 700));
      running.process.kill("SIGKILL");
      if ((await running.ended).signal === "SIGKILL") killed++;
    }
    expect(killed).toBeGreaterThan(0);
    const last = await vesalius("run", recipe, "--out", out);
    expect(last.code).toBe(0);
    await expectSameResults(out);
  }, 300_000);

  it("by Ctrl-C saves a checkpoint, says how to go on, and does", async () => {
    const out = join(folder, "stopped");
    const running = start(["run", recipe, "--out", out]);
    await running.says("[2/5]");
    running.process.kill("SIGINT");
    const ended = await running.ended;
    expect(ended.code).toBe(130);
    expect(ended.stderr).toContain("stopped after step");
    expect(ended.stderr).toContain("run the same command again");
    expect(
      (await readdir(join(out, "checkpoints"), { recursive: true })).some((name) => name.endsWith(".safetensors")),
    ).toBe(true);
    const again = await vesalius("run", recipe, "--out", out);
    expect(again.code).toBe(0);
    expect(again.stderr).toContain("pretraining: finished earlier");
    await expectSameResults(out);
  }, 300_000);

  it("does not let a second run into its folder", async () => {
    const out = join(folder, "busy");
    const running = start(["run", recipe, "--out", out]);
    await running.says("[1/5]");
    const second = await vesalius("run", recipe, "--out", out, "--json");
    running.process.kill("SIGKILL");
    await running.ended;
    expect(second.code).toBe(1);
    expect(JSON.parse(second.stdout)).toMatchObject({ error: { code: "run-in-progress", where: out } });
  }, 120_000);

  it.skipIf(process.platform === "win32")(
    "by a limit on the size of files says so and keeps what was there",
    async () => {
      const out = join(folder, "limited");
      const first = start(["run", recipe, "--out", out]);
      await first.says("[2/5]");
      first.process.kill("SIGINT");
      await first.ended;
      const before = await readFile(join(out, "pretraining/backbone.safetensors"));
      // 8 KiB are less than a checkpoint of this model; `trap` keeps the shell's default of ending at the signal away.
      const ended = await start(["run", recipe, "--out", out, "--json"], { before: "trap '' XFSZ; ulimit -f 8" }).ended;
      expect(ended.code).toBe(1);
      expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: "disk-full" } });
      expect(await readFile(join(out, "pretraining/backbone.safetensors"))).toEqual(before);
      expect((await readdir(out, { recursive: true })).filter((name) => name.endsWith(".tmp"))).toEqual([]);
      expect((await vesalius("run", recipe, "--out", out)).code).toBe(0);
      await expectSameResults(out);
    },
    120_000,
  );
});

const mountPoint = mkdtempSync(join(tmpdir(), "vesalius-full-disk-"));
const mounted =
  process.platform === "linux" &&
  process.getuid?.() === 0 &&
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", mountPoint]).status === 0;

afterAll(() => {
  if (mounted) spawnSync("umount", [mountPoint]);
  rmSync(mountPoint, { recursive: true });
});

describe.skipIf(!mounted)("a run on a full disk (skipped where no file system can be mounted)", () => {
  it("says that the disk is full, names a path, and leaves every file whole", async () => {
    const folder = await makeFolder();
    const recipe = join(folder, "recipe.yaml");
    await writeFile(recipe, recipeText({ epochs: 20 }));
    const out = join(mountPoint, "run");
    await mkdir(out);
    const ended = await vesalius("run", recipe, "--out", out, "--json");
    expect(ended.code).toBe(1);
    const { error } = JSON.parse(ended.stdout) as { error: { code: string; where: string; fix: string } };
    expect(error.code).toBe("disk-full");
    expect(error.where).toContain(out);
    expect(error.fix).toContain("--out");
    const files = await readdir(out, { recursive: true });
    expect(files.filter((name) => name.endsWith(".tmp"))).toEqual([]);
    for (const name of files.filter((one) => one.endsWith(".json")))
      JSON.parse(await readFile(join(out, name), "utf8"));
    for (const name of files.filter((one) => one.endsWith(".safetensors"))) {
      const bytes = await readFile(join(out, name));
      const header = Number(bytes.readBigUInt64LE(0));
      const { __metadata__: _metadata, ...tensors } = JSON.parse(bytes.subarray(8, 8 + header).toString()) as Record<
        string,
        { data_offsets: [number, number] }
      >;
      expect(bytes.length).toBe(
        8 + header + Math.max(...Object.values(tensors).map(({ data_offsets: [, end] }) => end)),
      );
    }
  }, 120_000);
});
