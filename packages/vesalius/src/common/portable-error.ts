import { type ErrorCode, VesaliusError } from "./errors.ts";

/** An error in a form that crosses threads and processes, where classes are lost. */
export interface PortableError {
  readonly code: ErrorCode;
  readonly what: string;
  readonly where?: string;
  readonly fix?: string;
}

/** Takes an error apart for another thread or process. */
export const portableError = ({ code, what, where, fix }: VesaliusError): PortableError => ({
  code,
  what,
  ...(where === undefined ? {} : { where }),
  ...(fix === undefined ? {} : { fix }),
});

/** Puts the error of another thread or process together again. */
export const restoreError = ({ code, what, where, fix }: PortableError): VesaliusError =>
  new VesaliusError(code, what, {
    ...(where === undefined ? {} : { where }),
    ...(fix === undefined ? {} : { fix }),
  });
