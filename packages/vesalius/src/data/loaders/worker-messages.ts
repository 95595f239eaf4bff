import { VesaliusError } from "../../common/errors.ts";
import type { ErrorCode } from "../../common/errors.ts";
import type { ImageBatch } from "../image-dataset.ts";

/** What the caller's thread asks of a worker. */
export interface BatchRequest {
  readonly step: number;
}

/** What a worker answers. */
export type BatchAnswer =
  | { readonly step: number; readonly batch: ImageBatch }
  | { readonly step: number; readonly error: SerialisedError };

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
  const { code, where, fix } = error;
  // The message ends with where and fix, which the constructor appends again on the other side.
  let what = error.message;
  if (fix !== undefined) what = what.slice(0, -`; ${fix}`.length);
  if (where !== undefined) what = what.slice(0, -` (${where})`.length);
  return { code, what, ...(where === undefined ? {} : { where }), ...(fix === undefined ? {} : { fix }) };
}

/** Puts the error of another thread together again. */
export function restoreError({ code, what, ...details }: SerialisedError): VesaliusError {
  return new VesaliusError(code, what, details);
}
