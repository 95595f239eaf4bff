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
  | "service-failure"
  | "shape-mismatch"
  | "unsupported-operator";

/**
 * How the interface in use names an option of a call: `the option split` in code, `--split` on a command line.
 *
 * @param name of the option as code has it
 * @param value what to give for it, as YAML
 */
export type OptionWording = (name: string, value?: string) => string;

const inCode: OptionWording = (name, value) => `the option ${name}${value === undefined ? "" : `: ${value}`}`;

/** Where and how an error came about, beyond its one-line message. */
export interface ErrorDetails {
  /** File, node, parameter, row or key that the error is about. */
  readonly where?: string;
  /** What the user can do about it; a function where it names options, which are called otherwise on a command line. */
  readonly fix?: string | ((option: OptionWording) => string);
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
  /** What to do, in the terms of code. */
  readonly fix: string | undefined;
  /** What to do as it was given, for an error that says more about this one. */
  readonly remedy: ErrorDetails["fix"];

  constructor(code: ErrorCode, what: string, details: ErrorDetails = {}) {
    const where = details.where === undefined ? "" : ` (${details.where})`;
    const fix = typeof details.fix === "function" ? details.fix(inCode) : details.fix;
    super(
      `${what}${where}${fix === undefined ? "" : `; ${fix}`}`,
      details.cause === undefined ? {} : { cause: details.cause },
    );
    this.code = code;
    this.what = what;
    this.where = details.where;
    this.fix = fix;
    this.remedy = details.fix;
  }

  /** What to do, in the terms of another interface than code. */
  fixAs(option: OptionWording): string | undefined {
    return typeof this.remedy === "function" ? this.remedy(option) : this.remedy;
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
