import { CommanderError } from "commander";
import { type OptionWording, VesaliusError } from "vesalius";
import { visible, visibleJson } from "./visible.ts";

/** Where a command writes: results on stdout, everything else on stderr. */
export interface Output {
  /** Whether stdout gets exactly one JSON object. */
  readonly json: boolean;
  /**
   * The result: printed as JSON, or as the text for people, in which control characters are shown and do nothing.
   *
   * @param file whether the text is what a file would hold, for the next program
   */
  result(value: unknown, text: string, file?: boolean): void;
  /** A remark that is no result. */
  note(text: string): void;
}

export function createOutput(json: boolean): Output {
  return {
    json,
    result(value, text, file = false) {
      // A file goes to the next program as it is.
      const shown = (given: string): string => (file && !process.stdout.isTTY ? given : visible(given));
      process.stdout.write(
        json ? `${visibleJson(value)}\n` : text.endsWith("\n") || text === "" ? shown(text) : `${shown(text)}\n`,
      );
    },
    note(text) {
      process.stderr.write(`${visible(text)}\n`);
    },
  };
}

/** Exit codes: what was asked for could not be done, and what was asked for makes no sense. */
export const exitCodes = { failure: 1, usage: 2, interrupted: 130 } as const;

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly where?: string;
  readonly fix?: string;
}

/** Errors of the system that any call can meet, wherever it happens. */
const systemErrors: Readonly<Record<string, readonly [string, string, string]>> = {
  EMFILE: [
    "runtime-failure",
    "no further file can be opened",
    "raise the limit of open files of this shell: ulimit -n 1024",
  ],
  ENFILE: ["runtime-failure", "no further file can be opened on this machine", "end other programs"],
  ENOSPC: ["disk-full", "no space is left on the disk", "free disk space; the folder of temporary files counts too"],
  EDQUOT: ["disk-full", "the quota of disk space is used up", "free disk space"],
  EROFS: ["output-not-writable", "the file system is read-only", "choose a folder that you may write to"],
};

function systemFailure(error: unknown): Failure | undefined {
  const { code = "", path } = (error ?? {}) as NodeJS.ErrnoException;
  if (!Object.hasOwn(systemErrors, code)) return undefined;
  const [kind, what, fix] = systemErrors[code]!;
  return { code: kind, message: `${what} (${code})`, ...(path === undefined ? {} : { where: path }), fix };
}

function failureOf(error: unknown, option: OptionWording): Failure {
  if (error instanceof VesaliusError) {
    const { code, what: message, where } = error;
    const fix = error.fixAs(option);
    return { code, message, ...(where === undefined ? {} : { where }), ...(fix === undefined ? {} : { fix }) };
  }
  const system = systemFailure(error);
  if (system !== undefined) return system;
  if (error instanceof CommanderError) return { code: "usage", message: error.message.replace(/^error: /, "") };
  return { code: "unexpected", message: error instanceof Error ? error.message : String(error) };
}

/**
 * Prints an error: what, where and what to do on stderr, or as `{ "error": ... }` on stdout.
 *
 * @param option how the command that ran names the options of the library
 * @returns the exit code
 */
export function printError(error: unknown, json: boolean, option: OptionWording): number {
  const failure = failureOf(error, option);
  if (json) process.stdout.write(`${visibleJson({ error: failure })}\n`);
  else {
    process.stderr.write(`error: ${visible(failure.message)}\n`);
    if (failure.where !== undefined) process.stderr.write(`  where: ${visible(failure.where)}\n`);
    if (failure.fix !== undefined) process.stderr.write(`  fix:   ${visible(failure.fix)}\n`);
    if (failure.code === "unexpected" && error instanceof Error)
      process.stderr.write(`${visible(error.stack ?? "")}\n`);
  }
  if (failure.code === "interrupted") return exitCodes.interrupted;
  return failure.code === "usage" ? exitCodes.usage : exitCodes.failure;
}
