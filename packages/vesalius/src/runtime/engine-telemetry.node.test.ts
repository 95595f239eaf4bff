import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** Runs a small model on the engine; `load` gives onnxruntime-node. */
const runModel = (load: string): string => `
  const { Graph, multiply, toOnnx } = await import(${module("../graph/index.ts")});
  const graph = new Graph("small");
  const x = graph.input("x", "float32", [2]);
  graph.output("y", multiply(x, x));
  const { InferenceSession, Tensor } = ${load};
  const session = await InferenceSession.create(toOnnx(graph));
  const { y } = await session.run({ x: new Tensor("float32", new Float32Array([2, 3]), [2]) });
  await session.release();
  process.stdout.write(y.data.join(" "));`;
const fromHere = `await (await import(${module("load-onnxruntime.node.ts")})).loadOnnxRuntimeNode()`;
const fromPackage = `await import("onnxruntime-node").then((loaded) => loaded.default ?? loaded)`;

/** Runs a program on a worker thread, whose environment is a copy or what is given. */
const onThread = (program: string, options = "{}"): string => `
  const { Worker } = await import("node:worker_threads");
  const text = ${JSON.stringify(program)};
  new Worker(new URL("data:text/javascript," + encodeURIComponent(text)), ${options});`;

const hasStrace = ((): boolean => {
  try {
    execFileSync("strace", ["-qq", "-o", "/dev/null", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "vesalius-home-"));
});
afterEach(() => rm(home, { recursive: true }));

/** An environment in which nothing but the library keeps the engine silent: it sends nothing under CI by itself. */
const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  NODE_OPTIONS: process.env["NODE_OPTIONS"],
  HOME: home,
});

const run = async (command: string, args: readonly string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(command, args, { env: environment(), timeout: 50_000 });
  return stdout;
};
const node = (program: string): string[] => ["--input-type=module", "--eval", program];

describe("the engine leaves nothing in the home folder", () => {
  test.each([
    ["on the main thread", runModel(fromHere)],
    ["on a worker thread", onThread(runModel(fromHere))],
    [
      "on a worker thread with an environment of its own",
      onThread(runModel(fromHere), "{ env: { NODE_OPTIONS: process.env.NODE_OPTIONS } }"),
    ],
    [
      "on a worker thread whose main thread is busy at first",
      `${onThread(runModel(fromHere))} const end = Date.now() + 2000; while (Date.now() < end);`,
    ],
    ["whatever the user's environment says", `process.env.ORT_DISABLE_TELEMETRY = "0"; ${runModel(fromHere)}`],
  ])("%s", async (_where, program) => {
    expect(await run(process.execPath, node(program))).toBe("4 9");
    expect(await readdir(home)).toEqual([]);
  });
});

test("a worker thread that cannot reach the main thread does not load the engine", async () => {
  const load = `import(${module("load-onnxruntime.node.ts")}).then((m) => m.loadOnnxRuntimeNode())`;
  const program = onThread(`await ${load}.then(() => console.log("loaded"), (error) => console.log(error.message));`);
  const permission = ["--permission", "--experimental-permission"].find((flag) =>
    process.allowedNodeEnvironmentFlags.has(flag),
  )!;
  const flags = [permission, "--allow-worker", "--allow-addons", "--allow-fs-read=*"];
  const said = await run(process.execPath, [...flags, ...node(program)]);
  expect(said).toMatch(/cannot switch off the telemetry.*ORT_DISABLE_TELEMETRY=1/);
});

test("a command line of 40 KiB runs", async () => {
  const args = Array.from({ length: 400 }, (_, i) => `${"folder/".repeat(15)}${i}`);
  expect(args.join(" ").length).toBeGreaterThan(40 * 1024);
  expect(await run(process.execPath, [...node(runModel(fromHere)), "--", ...args])).toBe("4 9");
});

describe.skipIf(!hasStrace)("under strace (skipped where it is not installed)", () => {
  /** Sockets that a program asks for and that can leave the machine. All are refused, so nothing is ever sent. */
  const sockets = async (program: string): Promise<string[]> => {
    const log = join(home, "strace.log");
    const watch = ["-f", "--seccomp-bpf", "-qq", "-e", "trace=socket", "-e", "inject=socket:error=EACCES", "-o", log];
    expect(await run("strace", [...watch, process.execPath, ...node(program)])).toBe("4 9");
    const lines = (await readFile(log, "utf8")).split("\n").filter((line) => line.includes("socket("));
    return lines.filter((line) => !/socket\(AF_(?:UNIX|NETLINK)\b/.test(line));
  };

  test.each([
    ["main thread", runModel(fromHere)],
    ["worker thread", onThread(runModel(fromHere))],
  ])("the engine opens no socket but local ones: %s", async (_where, program) => {
    expect(await sockets(program)).toEqual([]);
    expect(await readdir(home)).toEqual(["strace.log"]);
  });

  test.skipIf(process.platform !== "linux")("the engine as it comes does, so this would be seen", async () => {
    await sockets(runModel(fromPackage));
    expect(await readdir(home)).not.toEqual(["strace.log"]);
  });
});
