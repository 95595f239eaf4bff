import { VesaliusError } from "../../common/errors.ts";
import { portableError, type PortableError } from "../../common/portable-error.ts";

/** What the thread that makes the batches is told of an error. */
export const serialiseError = (error: unknown): PortableError =>
  error instanceof VesaliusError
    ? portableError(error)
    : {
        code: "runtime-failure",
        what: `preparing a batch failed: ${error instanceof Error ? error.message : String(error)}`,
      };
