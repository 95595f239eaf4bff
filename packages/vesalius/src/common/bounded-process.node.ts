import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { VesaliusError } from "./errors.ts";
import { type PortableError, restoreError } from "./portable-error.ts";
import { moduleBeside } from "./worker.node.ts";

/** How much one request may take. */
export interface ProcessLimits {
  /** Seconds of the processor, without the start of the process; ten times as many by the clock. */
  readonly seconds: number;
  /** Bytes of memory of the whole process. */
  readonly bytes: number;
}

/** What the process answers: what came out, or an error in parts that a message can carry. */
export type ProcessAnswer<Reply> =
  | { readonly kind: "ready" }
  | { readonly kind: "reply"; readonly reply: Reply }
  | { readonly kind: "refused"; readonly error: PortableError }
  | { readonly kind: "failed"; readonly message: string; readonly stack: string };

/** Seconds in which a process has to start; on a busy machine its modules take a while. */
const startSeconds = 120;

interface Running {
  readonly child: ChildProcess;
  readonly ready: Promise<unknown>;
}

/**
 * A process that does what can hang, take all memory or end the process that does it: native code on files of others. It
 * starts with the first request, answers one after the other, is ended where a request goes beyond its limits, and
 * started again for the next one. While it has nothing to do it keeps nobody waiting.
 */
export class BoundedProcess<Request, Reply> {
  readonly #entry: URL;
  readonly #limits: ProcessLimits;
  #running: Running | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param entry module that calls `serveRequests`, as a relative path without extension
   * @param from `import.meta.url` of the module that asks
   */
  constructor(entry: string, from: string, limits: ProcessLimits) {
    this.#entry = moduleBeside(entry, from);
    this.#limits = limits;
  }

  /**
   * Answer of the process.
   *
   * @throws VesaliusError `runtime-failure` where the process ended or went beyond its limits; what the work there threw
   */
  request(message: Request): Promise<Reply> {
    const answer = this.#last.then(() => this.#ask(message));
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** Ends the process; the next request starts another one. */
  close(): void {
    this.#running?.child.kill("SIGKILL");
    this.#running = undefined;
  }

  #start(): Running {
    const child = fork(fileURLToPath(this.#entry), [String(this.#limits.bytes), String(this.#limits.seconds)], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: [],
    });
    const running = { child, ready: this.#await(child, startSeconds, "start") };
    child.once("exit", () => {
      if (this.#running === running) this.#running = undefined;
    });
    return running;
  }

  async #ask(message: Request): Promise<Reply> {
    this.#running ??= this.#start();
    const { child, ready } = this.#running;
    // Whoever waits for an answer is kept running, and nobody else.
    child.ref();
    child.channel?.ref();
    try {
      await ready;
      const answered = this.#await(child, 10 * this.#limits.seconds, "answer");
      child.send(message as object);
      const answer = (await answered) as ProcessAnswer<Reply>;
      switch (answer.kind) {
        case "reply":
          return answer.reply;
        case "refused":
          throw restoreError(answer.error);
        default:
          throw new VesaliusError("runtime-failure", answer.kind === "failed" ? answer.message : "no answer came");
      }
    } finally {
      child.unref();
      child.channel?.unref();
    }
  }

  /** The next message of a process, which is ended where none comes in time. */
  #await(child: ChildProcess, clock: number, what: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const finish = (error?: VesaliusError): void => {
        clearTimeout(timer);
        child.off("message", onMessage).off("exit", onExit).off("error", onError);
        if (error === undefined) return;
        if (this.#running?.child === child) this.#running = undefined;
        child.kill("SIGKILL");
        reject(error);
      };
      const failed = (message: string, cause?: unknown): void =>
        finish(new VesaliusError("runtime-failure", message, { cause }));
      const onMessage = (message: unknown): void => {
        finish();
        resolve(message);
      };
      const onExit = (code: number | null, signal: string | null): void => {
        const { bytes, seconds } = this.#limits;
        if (signal === "SIGXCPU") failed(`the work was stopped: it took more than ${seconds} s`);
        else if (signal === "SIGKILL") failed(`the work was stopped: it took more than ${Math.round(bytes / 1e6)} MB`);
        else failed(`the engine ended its process (${signal ?? `exit code ${code}`})`);
      };
      const onError = (error: Error): void => failed("the process of the engine cannot be used", error);
      const timer = setTimeout(() => failed(`the work was stopped: no ${what} within ${clock} s`), clock * 1000);
      child.once("message", onMessage).once("exit", onExit).once("error", onError);
    });
  }
}
