/**
 * Machine-readable kinds of failure. A program branches on these; a person reads the message.
 * New kinds are added here so that the whole list stays in one place.
 */
export type ErrorCode =
  | "bad-argument"
  | "bad-configuration"
  | "bad-data"
  | "bad-file"
  | "checkpoint-mismatch"
  | "data-leakage"
  | "disk-full"
  | "interrupted"
  | "missing-dependency"
  | "missing-file"
  | "not-a-number"
  | "not-differentiable"
  | "output-not-writable"
  | "run-in-progress"
  | "runtime-failure"
  | "shape-mismatch"
  | "unsupported-operator";

/** Where and how an error came about, beyond its one-line message. */
export interface ErrorDetails {
  /** File, node, parameter, row or key that the error is about. */
  readonly where?: string;
  /** What the user can do about it. */
  readonly fix?: string;
  /** The lower-level error that caused this one. */
  readonly cause?: unknown;
}

/**
 * The one error class that Vesalius throws on purpose: what went wrong, where, and what to do.
 *
 * @example
 * throw new VesaliusError("bad-file", "the archive ends before its central directory", {
 *   where: "pneumonia.npz",
 *   fix: "copy the file again; it is truncated",
 * });
 */
export class VesaliusError extends Error {
  override readonly name = "VesaliusError";
  readonly code: ErrorCode;
  /** What went wrong, without place and remedy, which `message` holds too. */
  readonly what: string;
  readonly where: string | undefined;
  readonly fix: string | undefined;

  constructor(code: ErrorCode, what: string, details: ErrorDetails = {}) {
    const where = details.where === undefined ? "" : ` (${details.where})`;
    const fix = details.fix === undefined ? "" : `; ${details.fix}`;
    super(`${what}${where}${fix}`, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.what = what;
    this.where = details.where;
    this.fix = details.fix;
  }

  /** The plain object that `--json` prints: `{ code, message, where?, fix? }`. */
  toJSON(): { code: ErrorCode; message: string; where?: string; fix?: string } {
    return {
      code: this.code,
      message: this.message,
      ...(this.where === undefined ? {} : { where: this.where }),
      ...(this.fix === undefined ? {} : { fix: this.fix }),
    };
  }
}
