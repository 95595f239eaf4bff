/** Runs the command line, and gives temporary folders that are removed afterwards. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect } from "vitest";
import { stringify } from "yaml";
import { runProgram } from "./run-program.ts";

const binary = fileURLToPath(new URL("../bin/vesalius.js", import.meta.url));
if (!existsSync(fileURLToPath(new URL("../dist/main.js", import.meta.url))))
  throw new Error("these tests run the built command line: run `npm run build` first");

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until stderr holds a text. */
  says(text: string | RegExp): Promise<void>;
}

/** Starts a command of the built command line as a person would; `before` puts a shell command in front, such as a limit, and `input` is piped in. */
export function start(
  args: readonly string[],
  options: { readonly cwd?: string; readonly before?: string; readonly input?: string } = {},
): Running {
  const { cwd, before, input } = options;
  const settings = {
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ["pipe", "pipe", "pipe"] as ["pipe", "pipe", "pipe"],
  };
  const child =
    before === undefined
      ? spawn(process.execPath, [binary, ...args], settings)
      : spawn("bash", ["-c", `${before}; exec "$0" "$@"`, process.execPath, binary, ...args], settings);
  // A command may end without having read all.
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  let stdout = "";
  let stderr = "";
  const listeners = new Set<() => void>();
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const listener of listeners) listener();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({ code, signal, stdout, stderr });
      for (const listener of listeners) listener();
    });
  });
  return {
    process: child,
    ended,
    says: (text) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = typeof text === "string" ? stderr.includes(text) : text.test(stderr);
          if (!found && child.exitCode === null && child.signalCode === null) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
      }),
  };
}

/** Takes what a stream is given, in place of showing it. */
function captured(stream: NodeJS.WriteStream): () => string {
  const write = stream.write.bind(stream);
  let text = "";
  stream.write = (chunk: string | Uint8Array): boolean => {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  return () => {
    stream.write = write;
    return text;
  };
}

/** Runs a command to its end in the process of the test: a process of its own takes the time of many commands to start. */
export async function vesalius(...args: readonly string[]): Promise<Ended> {
  const before = process.exitCode;
  process.exitCode = undefined;
  const [out, err] = [captured(process.stdout), captured(process.stderr)];
  try {
    const code = await runProgram(args);
    return { code, signal: null, stdout: out(), stderr: err() };
  } finally {
    out();
    err();
    process.exitCode = before;
  }
}

const temporary: string[] = [];
afterAll(async () => {
  await Promise.all(temporary.map((folder) => rm(folder, { recursive: true, force: true })));
});

/** A new folder that is removed when the tests of the file are done. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vesalius-cli-"));
  temporary.push(folder);
  return folder;
}

/** The only thing on stdout, which must be one JSON object. */
export function objectOn({ stdout }: Ended): Record<string, unknown> {
  expect(stdout.trimEnd().split("\n")).toHaveLength(1);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** A recipe of few steps as YAML; `epochs` makes it longer. */
export const recipeText = ({
  epochs = 1,
  ...changes
}: { readonly epochs?: number; readonly [key: string]: unknown } = {}): string =>
  stringify({
    name: "tiny",
    seed: 5,
    data: { task: { generator: "synthetic-radiographs", imageSize: 16, count: { train: 64, validation: 48 } } },
    backbone: {
      name: "vit",
      preset: "nano",
      imageSize: 16,
      patchSize: 4,
      width: 16,
      depth: 1,
      positions: "sineCosine",
    },
    pretraining: {
      epochs: 2 * epochs,
      batchSize: 16,
      objective: { name: "maskedImageModelling", decoder: { width: 16, depth: 1, heads: 2 } },
    },
    task: { name: "classification" },
    adaptation: { epochs, batchSize: 16, methods: [{ name: "scratch" }, { name: "lora", rank: 2 }] },
    evaluation: { resamples: 20 },
    ...changes,
  });
