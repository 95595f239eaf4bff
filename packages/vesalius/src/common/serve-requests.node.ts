import { Worker } from "node:worker_threads";
import type { ProcessAnswer } from "./bounded-process.node.ts";
import { VesaliusError } from "./errors.ts";
import { portableError } from "./portable-error.ts";

/**
 * Ends the process where a request takes too much memory or time of the processor, or where the one that started it is
 * gone; native code looks at nothing of that.
 */
const watch = `
  const { workerData: { bytes, seconds, begun, parent } } = require("node:worker_threads");
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    const orphan = process.platform !== "win32" && process.ppid !== parent;
    const late = begun[0] > 0 && user + system - begun[0] > seconds * 1e6;
    if (late) process.kill(process.pid, process.platform === "win32" ? "SIGKILL" : "SIGXCPU");
    if (orphan || process.memoryUsage.rss() > bytes) process.kill(process.pid, "SIGKILL");
  }, 20);
`;

function answerOf(error: unknown): ProcessAnswer<never> {
  if (error instanceof VesaliusError) return { kind: "refused", error: portableError(error) };
  const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  return { kind: "failed", message, stack };
}

/**
 * Answers the requests of a `BoundedProcess` in the process that it started.
 *
 * @param prepare what has to be loaded before the first request; its time does not count
 * @param work what is done for a request
 */
export async function serveRequests<Reply, Tools>(
  prepare: () => Promise<Tools>,
  work: (request: never, tools: Tools) => Promise<Reply>,
): Promise<void> {
  const [bytes, seconds] = process.argv.slice(2).map(Number);
  // Time of the processor, in microseconds, at which the request under way began; 0 between requests.
  const begun = new Float64Array(new SharedArrayBuffer(8));
  // An option for all processes, as one that loads other modules, would keep the watcher from starting soon.
  const { NODE_OPTIONS: _options, ...env } = process.env;
  new Worker(watch, {
    eval: true,
    execArgv: [],
    env,
    workerData: { bytes, seconds, begun, parent: process.ppid },
  }).unref();
  const send = (answer: ProcessAnswer<Reply>): void => {
    process.send?.(answer);
  };
  process.on("disconnect", () => process.exit());
  const tools = prepare();
  // Who asks first is told what could not be loaded.
  await tools.catch(() => {});
  const answer = async (request: unknown): Promise<ProcessAnswer<Reply>> => {
    try {
      const loaded = await tools;
      const { user, system } = process.cpuUsage();
      begun[0] = user + system;
      return { kind: "reply", reply: await work(request as never, loaded) };
    } catch (error) {
      return answerOf(error);
    } finally {
      begun[0] = 0;
    }
  };
  process.on("message", (request) => {
    void answer(request).then(send);
  });
  send({ kind: "ready" });
}
