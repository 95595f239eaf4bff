import type { z } from "zod";
import { VesaliusError } from "./errors.ts";
import type { ErrorCode } from "./errors.ts";

/** How a failed check is reported. */
export interface ValidationContext {
  readonly code: ErrorCode;
  /** What the value is, for the message: "options of openDataset". */
  readonly what: string;
  /** File that the value comes from. */
  readonly where?: string;
}

/**
 * Checks a value from outside against a schema and returns it typed, defaults filled in.
 *
 * @throws VesaliusError of the context's code, with every problem and the key that it is about.
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  context: ValidationContext,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) =>
    path.length ? `${path.join(".")}: ${message}` : message,
  );
  throw new VesaliusError(context.code, `${context.what}: ${problems.join("; ")}`, {
    ...(context.where === undefined ? {} : { where: context.where }),
    cause: result.error,
  });
}
