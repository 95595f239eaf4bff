import { isMainThread } from "node:worker_threads";
import { VesaliusError } from "../common/errors.ts";

const variable = "ORT_DISABLE_TELEMETRY";

/** Longest wait for the main thread, in milliseconds. */
const patience = 10_000;

/**
 * Sets the variable for the whole process from a worker thread, whose own `process.env` is a copy that native code does
 * not see: only the main thread can, and the inspector lets it run a line that it does not know of.
 */
async function setOnMainThread(): Promise<void> {
  const { Session } = await import("node:inspector/promises");
  const session = new Session();
  let timer: NodeJS.Timeout | undefined;
  try {
    session.connectToMainThread();
    // An answer on its way does not keep a thread alive; the timer does, and ends the wait for a blocked main thread.
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error("the main thread does not answer")), patience);
    });
    await Promise.race([
      session.post("Runtime.evaluate", { expression: `process.env.${variable} = "1"; undefined` }),
      timeout,
    ]);
  } finally {
    clearTimeout(timer);
    session.disconnect();
  }
}

/**
 * Switches off the telemetry that is compiled into ONNX Runtime from 1.29 on: it reads the machine's identifier and the
 * command line, keeps a database and a device identifier below the home folder, and sends events over the network. The
 * engine looks at the environment once, when it makes its first session, so this comes before the package is loaded; a
 * value that the user set is overwritten. On Windows the engine has no such switch: it hands events to the system's
 * event tracing and opens no connection itself.
 *
 * @throws VesaliusError `runtime-failure` on a worker thread that cannot reach the environment of the process
 */
export async function disableEngineTelemetry(): Promise<void> {
  const inherited = process.env[variable] === "1";
  process.env[variable] = "1";
  if (isMainThread) return;
  try {
    await setOnMainThread();
  } catch (cause) {
    // Without an inspector the copy is the best that is known: it was made of the main thread's environment.
    if (inherited) return;
    throw new VesaliusError(
      "runtime-failure",
      `this worker thread cannot switch off the telemetry of ONNX Runtime, so the engine is not loaded`,
      { fix: `start Node with ${variable}=1, or call nodeCpu() on the main thread first`, cause },
    );
  }
}
