import type { z } from "zod";
import { VesaliusError } from "./errors.ts";
import type { ErrorCode } from "./errors.ts";
import { issueMessage } from "./issue-message.ts";

/** How a failed check is reported. */
export interface ValidationContext {
  readonly code: ErrorCode;
  /** What the value is, for the message: "options of openDataset". */
  readonly what: string;
  /** File that the value comes from. */
  readonly where?: string;
}

/** Problems that a message names; of the rest it says the number. */
const mostProblems = 20;

const shortened = (text: string): string => (text.length <= 300 ? text : `${text.slice(0, 297)}...`);

/**
 * Checks a value from outside against a schema and returns it typed, defaults filled in.
 *
 * @throws VesaliusError of the context's code, with the first problems and the keys that they are about.
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  context: ValidationContext,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  const problems = issues
    .slice(0, mostProblems)
    .map((issue) => shortened([...(issue.path.length ? [issue.path.join(".")] : []), issueMessage(issue)].join(": ")));
  if (issues.length > mostProblems) problems.push(`and ${issues.length - mostProblems} more`);
  throw new VesaliusError(context.code, `${context.what}: ${problems.join("; ")}`, {
    ...(context.where === undefined ? {} : { where: context.where }),
    cause: result.error,
  });
}
