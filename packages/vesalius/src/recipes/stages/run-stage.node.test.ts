import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { VesaliusError } from "../../common/errors.ts";
import { processNamespace } from "../../common/process.node.ts";
import type { Backend } from "../../runtime/index.ts";
import type { Environment } from "../folder/environment.ts";
import { MetricsFile } from "../folder/metrics-file.node.ts";
import { RunFolder } from "../folder/run-folder.node.ts";
import { SharedStages } from "../folder/shared-stages.node.ts";
import { failureOf, makeFolder } from "../recipe.test.helper.ts";
import { runStage } from "./run-stage.node.ts";
import type { Stage } from "./stage.ts";
import { listener, wordStage } from "./stages.test.helper.ts";

const environment: Environment = {
  vesalius: "0",
  node: "0",
  engine: { name: "none", version: "0" },
  threads: 1,
  cpu: "none",
  cores: 1,
  memoryGiB: 1,
  system: "none",
  architecture: "none",
};
const opened = (recipe = "name: words\n") => ({ recipe, environment });

/** Runs stages into a folder, as one session of a run does. */
async function session(out: string, stages: readonly Stage[], shared?: string) {
  const folder = await RunFolder.open(out, opened(), stages);
  const { events, onEvent } = listener();
  try {
    const metrics = await MetricsFile.begin(folder.file("metrics.jsonl"), []);
    const context = {
      folder,
      shared: shared === undefined ? undefined : new SharedStages(shared),
      // No stage of these tests computes.
      backend: undefined as unknown as Backend,
      metrics,
      energy: {},
      workers: 0,
      onEvent,
      signal: undefined,
      threads: 1,
    };
    const records = [];
    for (const [i, stage] of stages.entries())
      records.push(await runStage(context, stage, { number: i + 1, stages: stages.length }));
    const damaged = events.flatMap((event) => (event.type === "stageDamaged" ? [event.stage] : []));
    return { records, damaged, from: events.flatMap((event) => (event.type === "stageFinished" ? [event.from] : [])) };
  } finally {
    await folder.close();
  }
}

const text = (...path: string[]) => readFile(join(...path), "utf8");

describe("runStage", () => {
  it("does the work once, and takes it from the run's folder afterwards", async () => {
    const out = await makeFolder();
    const [first, second] = [wordStage("a/first", { word: 1 }), wordStage("second", { word: 2 })];
    const before = await session(out, [first, second]);
    expect(before.from).toEqual(["now", "now"]);
    expect(await text(out, "out/a/first/word.txt")).toBe('{"word":1}');
    expect(before.records[0]).toMatchObject({
      kind: "evaluation",
      stage: "a/first",
      key: first.key,
      files: { "word.txt": 10, "deep/er.txt": 4 },
    });
    const after = await session(out, [first, second]);
    expect(after.from).toEqual(["run", "run"]);
    expect([first.worked, second.worked]).toEqual([1, 1]);
    expect(after.records).toEqual(before.records);
  });

  it("does again what has lost a file, or holds half of one", async () => {
    const out = await makeFolder();
    const stage = wordStage("one", { word: 1 });
    await session(out, [stage]);
    await rm(join(out, "out/one/deep/er.txt"));
    expect((await session(out, [stage])).from).toEqual(["now"]);
    await writeFile(join(out, "out/one/word.txt"), "{");
    expect((await session(out, [stage])).from).toEqual(["now"]);
    expect(await text(out, "out/one/word.txt")).toBe('{"word":1}');
  });

  it("says in which stage an error came about, and leaves the stage unfinished", async () => {
    const out = await makeFolder();
    const stage = wordStage("one", {});
    const failing: Stage = {
      ...stage,
      work: () => Promise.reject(new VesaliusError("not-a-number", "the loss is gone", { fix: "lower it" })),
    };
    const error = await failureOf(() => session(out, [failing]));
    expect(error).toMatchObject({ code: "not-a-number", what: "one: the loss is gone", fix: "lower it" });
    expect((await session(out, [stage])).from).toEqual(["now"]);
  });
});

describe("stages that runs share", () => {
  it("are found by content under any name, and only by that", async () => {
    const [one, two, shared] = [await makeFolder(), await makeFolder(), join(await makeFolder(), "stages")];
    const stage = wordStage("first", { word: 1 });
    expect((await session(one, [stage], shared)).from).toEqual(["now"]);
    const same = wordStage("renamed", { word: 1 });
    const other = wordStage("other", { word: 2 });
    const found = await session(two, [same, other], shared);
    expect(found.from).toEqual(["shared", "now"]);
    expect(same.worked).toBe(0);
    expect(found.records[0]).toMatchObject({ stage: "renamed", key: stage.key });
    expect(await text(two, "out/renamed/word.txt")).toBe('{"word":1}');
    // From now on the run stands alone.
    await rm(shared, { recursive: true });
    expect((await session(two, [same, other])).from).toEqual(["run", "run"]);
  });

  it("survive that the run which made them is deleted or does its work again", async () => {
    const [one, two, shared] = [await makeFolder(), await makeFolder(), join(await makeFolder(), "stages")];
    const stage = wordStage("first", { word: 1 });
    await session(one, [stage], shared);
    await rm(join(one, "out"), { recursive: true });
    expect((await session(one, [stage], shared)).from).toEqual(["shared"]);
    await rm(one, { recursive: true });
    expect((await session(two, [stage], shared)).from).toEqual(["shared"]);
  });

  it("are rebuilt where they are damaged, and mended", async () => {
    const [one, two, three, shared] = [
      await makeFolder(),
      await makeFolder(),
      await makeFolder(),
      join(await makeFolder(), "stages"),
    ];
    const stage = wordStage("first", { word: 1 });
    await session(one, [stage], shared);
    const file = join(shared, stage.key, "files/word.txt");
    await rm(file);
    // As long as before.
    await writeFile(file, '{"word":7}');
    expect((await session(two, [stage], shared)).from).toEqual(["now"]);
    expect((await session(three, [stage], shared)).from).toEqual(["shared"]);
    expect(await text(three, "out/first/word.txt")).toBe('{"word":1}');
  });

  it("appear whole or not at all when several runs leave the same", async () => {
    const shared = join(await makeFolder(), "stages");
    const stages = Array.from({ length: 6 }, () => wordStage("first", { word: 1 }));
    await Promise.all(stages.map(async (stage) => session(await makeFolder(), [stage], shared)));
    expect(await readdir(shared)).toEqual([stages[0]!.key]);
    expect((await stat(join(shared, stages[0]!.key, "record.json"))).isFile()).toBe(true);
  });

  it("are mended whole by several runs at once", async () => {
    const shared = join(await makeFolder(), "stages");
    const stages = Array.from({ length: 6 }, () => wordStage("first", { word: 1 }));
    const { key } = stages[0]!;
    await session(await makeFolder(), [stages[0]!], shared);
    for (let time = 0; time < 40; time += 1) {
      await rm(join(shared, key, "files/word.txt"));
      await Promise.all(stages.map(async (stage) => session(await makeFolder(), [stage], shared)));
      expect(await readdir(shared)).toEqual([key]);
      expect(await readFile(join(shared, key, "files/word.txt"), "utf8")).toBe('{"word":1}');
    }
  });

  it("clear away what a killed run left half-published", async () => {
    const shared = await makeFolder();
    const left = `0123.${processNamespace()}-${process.pid}-0-0123456789ab.tmp`;
    const others = `0123.00000000-1-0-0123456789ab.tmp`;
    for (const name of [left, others]) await mkdir(join(shared, name, "files"), { recursive: true });
    const stage = wordStage("first", {});
    await session(await makeFolder(), [stage], shared);
    expect((await readdir(shared)).sort()).toEqual([others, stage.key].sort());
  });

  it("name a folder that cannot be written to", async () => {
    const shared = join(await makeFolder(), "file");
    await writeFile(shared, "");
    const error = await failureOf(async () => session(await makeFolder(), [wordStage("first", {})], shared));
    expect(error.code).toBe("output-not-writable");
  });
});

describe("a run's folder", () => {
  it("refuses to write over a finished stage with other settings, and names them", async () => {
    const out = await makeFolder();
    await session(out, [wordStage("one", { word: 1, training: { epochs: 3, seed: 1 }, data: "a" })]);
    const changed = wordStage("one", { word: 1, training: { epochs: 4, seed: 1 }, data: "b" });
    const error = await failureOf(() => session(out, [changed]));
    expect(error).toMatchObject({ code: "bad-configuration", where: out });
    expect(error.what).toBe("the folder holds a finished one with another training.epochs, data");
    expect(changed.worked).toBe(0);
    expect(await readdir(out)).not.toContain("run.lock");
  });

  it("takes a recipe with other words and further stages", async () => {
    const out = await makeFolder();
    const stage = wordStage("one", { word: 1 });
    await session(out, [stage]);
    const folder = await RunFolder.open(out, opened("name: words\ntitle: Other\n"), [stage]);
    expect(await text(out, "recipe.yaml")).toContain("Other");
    await folder.close();
    expect((await session(out, [stage, wordStage("two", {})])).from).toEqual(["run", "now"]);
  });

  it("refuses a folder that holds something else, and leaves it as it was", async () => {
    const out = await makeFolder();
    await writeFile(join(out, "letter.txt"), "dear");
    expect((await failureOf(() => session(out, []))).what).toContain("not empty");
    expect(await readdir(out)).toEqual(["letter.txt"]);
  });

  it("refuses a folder with a recipe that no run wrote, and temporary files that are not its own", async () => {
    const [out, outside] = [await makeFolder(), await makeFolder()];
    await mkdir(join(out, "stages"));
    await symlink(outside, join(out, "models"));
    const names = [
      "recipe.yaml",
      "notes.0123456789ab.tmp",
      "stages/one.json.0123456789ab.tmp",
      "models/x.0123456789ab.tmp",
    ];
    for (const name of names) await writeFile(join(out, name), name);
    expect(await failureOf(() => session(out, []))).toMatchObject({ code: "bad-configuration", where: out });
    for (const name of names) expect(await text(out, name)).toBe(name);
    expect((await readdir(out)).sort()).toEqual(["models", "notes.0123456789ab.tmp", "recipe.yaml", "stages"]);
  });

  it("removes temporary files of its own folders alone", async () => {
    const out = await makeFolder();
    const stage = wordStage("one", { word: 1 });
    await session(out, [stage]);
    await mkdir(join(out, "notes"));
    const [own, others] = [
      ["stages/one.json.0123456789ab.tmp"],
      ["notes.0123456789ab.tmp", "notes/a.0123456789ab.tmp"],
    ];
    for (const name of [...own, ...others]) await writeFile(join(out, name), "");
    expect((await session(out, [stage])).from).toEqual(["run"]);
    for (const name of own) expect(existsSync(join(out, name))).toBe(false);
    for (const name of others) expect(existsSync(join(out, name))).toBe(true);
  });

  it("refuses a run whose folders lead elsewhere over a link", async () => {
    const [out, outside] = [await makeFolder(), await makeFolder()];
    await session(out, [wordStage("one", { word: 1 })]);
    await rm(join(out, "stages"), { recursive: true });
    await symlink(outside, join(out, "stages"));
    const error = await failureOf(() => session(out, [wordStage("two", { word: 2 })]));
    expect(error).toMatchObject({ code: "output-not-writable", where: join(out, "stages") });
    expect(await readdir(outside)).toEqual([]);
  });

  it("does a stage again of which a bit was flipped, and refuses a record that was changed", async () => {
    const out = await makeFolder();
    const stage = wordStage("one", { word: 1 });
    await session(out, [stage]);
    await writeFile(join(out, "out/one/word.txt"), '{"word":3}');
    expect(await session(out, [stage])).toMatchObject({ from: ["now"], damaged: ["one"] });
    expect(await text(out, "out/one/word.txt")).toBe('{"word":1}');
    const record = join(out, "stages/one.json");
    await writeFile(record, (await text(record)).replace('"cases": 1', '"cases": 2'));
    expect(await failureOf(() => session(out, [stage]))).toMatchObject({
      code: "bad-file",
      where: record,
      what: expect.stringContaining("checksum differs") as string,
    });
  });

  it("removes what a killed process left half-written, and takes such a folder for an empty one", async () => {
    const out = await makeFolder();
    await mkdir(join(out, "deep"));
    await writeFile(join(out, "recipe.yaml.0123456789ab.tmp"), "name: ti");
    await rm(join(out, "deep"), { recursive: true });
    const folder = await RunFolder.open(out, opened(), []);
    expect((await readdir(out)).sort()).toEqual(["environment.json", "recipe.yaml", "run.lock"]);
    await folder.close();
  });

  it("refuses two sessions at once", async () => {
    const out = await makeFolder();
    const first = await RunFolder.open(out, opened(), []);
    expect((await failureOf(() => RunFolder.open(out, opened(), []))).code).toBe("run-in-progress");
    await first.close();
  });

  it("says that a path which is a file cannot be used", async () => {
    const path = join(await makeFolder(), "file");
    await writeFile(path, "content");
    const error = await failureOf(() => RunFolder.open(path, opened(), []));
    expect(error).toMatchObject({ code: "output-not-writable", where: path });
    expect(await readFile(path, "utf8")).toBe("content");
  });

  it("names a record that no run of this version wrote", async () => {
    const out = await makeFolder();
    const stage = wordStage("one", {});
    await session(out, [stage]);
    await writeFile(join(out, "stages/one.json"), '{ "kind": "evaluation" }');
    expect(await failureOf(() => session(out, [stage]))).toMatchObject({
      code: "bad-file",
      where: join(out, "stages/one.json"),
    });
  });
});
