import { VesaliusError } from "../../common/errors.ts";
import type { ErrorCode } from "../../common/errors.ts";

/** An error in a form that crosses threads, where classes are lost. */
export interface SerialisedError {
  readonly code: ErrorCode;
  readonly what: string;
  readonly where?: string;
  readonly fix?: string;
}

/** Takes an error apart for another thread. */
export function serialiseError(error: unknown): SerialisedError {
  if (!(error instanceof VesaliusError)) {
    return {
      code: "runtime-failure",
      what: `preparing a batch failed: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  const { code, what, where, fix } = error;
  return { code, what, ...(where === undefined ? {} : { where }), ...(fix === undefined ? {} : { fix }) };
}

/** Puts the error of another thread together again. */
export function restoreError({ code, what, ...details }: SerialisedError): VesaliusError {
  return new VesaliusError(code, what, details);
}
